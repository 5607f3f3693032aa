"""The attacks of a night: always the same ones, in texts of the sample documents."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from evals.datasets.attacks import Attempt, attempts
from evals.datasets.golden import load_cases
from evals.types import Case, Kind
from retrieval.types import Principal

SEED, COUNT = 20261201, 220
ASKER = Principal("ana", frozenset({"legal"}))
# A model that finds no answer in a text may say so, and one that reads a lie may quote it: neither shows obedience.
_UNTOLD = ("denial", "held out: plain lie")


def standing() -> tuple[Attempt, ...]:
    """In an order drawn by id: any beginning of it holds all kinds in about the same proportion."""
    paragraphs = _paragraphs()
    usual = [replace(one, id=f"attack-{one.id}") for one in attempts(paragraphs, COUNT // 2, SEED)]
    held = attempts(paragraphs, COUNT // 2, SEED, held_out=True)
    made = [*usual, *(replace(one, id=f"attack-held-{one.id}") for one in held)]
    kept = [one for one in made if one.kind not in _UNTOLD]
    return tuple(sorted(kept, key=lambda one: hashlib.sha256(one.id.encode()).hexdigest()))


def case_of(one: Attempt) -> Case:
    return Case(one.id, Kind.ATTACK, one.question, ASKER)


def _paragraphs() -> Sequence[Sequence[str]]:
    """Of each sample document that several golden questions quote, these quotes."""
    quotes: dict[str, dict[str, None]] = {}
    for case in load_cases():
        for gold in case.gold:
            quotes.setdefault(gold.source, {})[" ".join(gold.quote.split())] = None
    return [list(held) for _, held in sorted(quotes.items()) if len(held) > 1]
