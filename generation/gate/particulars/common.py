"""Words that are no names, whatever their capitals: what contracts define ("the Receiving Party") is no proper name."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

LIST = Path(str(files(__package__).joinpath("common.txt")))
"""One word a line, written by `generation.training.data.common`."""

_PIECE = re.compile(r"[^\W\d_]+")
_RUN = re.compile(r"[A-Z][\w'’-]*(?:\s(?:(?:of|the|for|in|on|to)\s){0,2}[A-Z][\w'’-]*)*")
_DETERMINER = re.compile(
    r"\b(?:the|an?|each|any|every|either|such|no|this|that|its|their|his|her|our|your|all)\s+$", re.I
)
_REACH = 12  # characters before a run in which its determiner stands
OPENERS = frozenset(
    (
        "a after all an and any as at before both but by each either every for from he her his how if in it its "
        "neither no nor on once or our said since such that the their these they this those to under unless until upon "
        "we what when where which while who whose why with your"
    ).split()
)
"""Capitalised before a name without belonging to it."""
_ROLE_OR_THING = re.compile(
    r"(?:(?:[eo]r|[ei]nt|ee|[ts]ion|ment|ing|ty|ance|ence|ness|ship)s?|ties)$"
)  # licensor, recipient, licensee, fee, termination, payment, party


@cache
def _common() -> frozenset[str]:
    return frozenset(LIST.read_text(encoding="ascii").split())


def terms(text: str) -> set[str]:
    """The capitalised words of a text that are terms or roles: everyday words in a run of everyday words, after a
    determiner ("the Recipient", "the Net Sales") or of a form that roles and things have ("Purchaser", "Receiving
    Party"). "Target" alone may be a company, and so may "Best Buy"."""
    found: set[str] = set()
    for run in _RUN.finditer(text):
        words = run.group().split()
        determined = _DETERMINER.search(text, max(0, run.start() - _REACH), run.start()) is not None
        while words and words[0].lower() in OPENERS:
            determined = _DETERMINER.match(f"{words.pop(0)} ") is not None
        pieces = [piece for piece in _PIECE.findall(" ".join(words)) if piece[0].isupper()]
        if not pieces or not all(piece.lower() in _common() for piece in pieces):
            continue
        if determined or _ROLE_OR_THING.search(pieces[-1].lower()):
            found.update(words)
    return {word.strip("'’-") for word in found} | {word.strip("'’-").removesuffix("'s") for word in found}
