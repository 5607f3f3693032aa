"""Words that are no names, whatever their capitals: what contracts define ("the Receiving Party") is no proper name."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

LIST = Path(str(files(__package__).joinpath("common.txt")))
"""One word a line, written by `generation.training.data.common`."""

_PIECE = re.compile(r"[^\W\d_]+")
_RUN = re.compile(r"[A-Z][\w'’-]*(?:\s(?:(?:of|and|the|for|in|on|to|or)\s){0,2}[A-Z][\w'’-]*)*")
_DETERMINER = re.compile(
    r"\b(?:the|an?|each|any|every|either|such|no|this|that|its|their|his|her|our|your|all)\s+$", re.I
)
_ROLE_OR_THING = re.compile(
    r"(?:[eo]rs?|[aei]nts?|ees?|[ts]ions?|ments?|ings?|ed|ty|ties|ances?|ences?|ness|ship|ures?|als?|ists?|s)$"
)


@cache
def _common() -> frozenset[str]:
    return frozenset(LIST.read_text(encoding="ascii").split())


def terms(text: str) -> set[str]:
    """The capitalised words of a text that are terms or roles: everyday words in a run of everyday words, several
    together ("Receiving Party"), after a determiner ("the Recipient"), or of a form that roles and things have
    ("Purchaser"). "Target" alone may be a company."""
    found: set[str] = set()
    for run in _RUN.finditer(text):
        pieces = [piece for piece in _PIECE.findall(run.group()) if piece[0].isupper()]
        if not pieces or not all(piece.lower() in _common() for piece in pieces):
            continue
        if len(pieces) > 1 or _DETERMINER.search(text, 0, run.start()) or _ROLE_OR_THING.search(pieces[0].lower()):
            found.update(re.split(r"\s", run.group()))
    return {word.strip("'’-") for word in found} | {word.strip("'’-").removesuffix("'s") for word in found}
