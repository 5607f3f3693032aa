"""Quantities, dates and names of a claim: each must occur in its evidence (a stage of the gate)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain, islice

from generation.gate.particulars.dating import undated
from generation.gate.particulars.ground import Ground, ground
from generation.gate.particulars.names import names, unknown
from generation.gate.particulars.plain import plain
from generation.gate.particulars.quantities import quantities
from generation.gate.particulars.vouching import unvouched
from retrieval.text.dates import take_dates
from retrieval.text.tables import misplaced

_ENOUGH = 16  # missing items say enough
# Answers that speak of the passages by number ("Passage 3 adds that ..."): that number is no figure.
_MENTION = re.compile(
    r"\b(?:the )?(?:(?:first|second|third|fourth|last) passage|passages? \d{1,2}(?:(?:,| and|, and) \d{1,2})*)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Figures:
    """The checkable particulars of a text, in normal form: numbers with their scale applied, days, names."""

    numbers: frozenset[float]
    dates: frozenset[date]
    names: frozenset[str]


def figures(text: str) -> Figures:
    """Numbers ("1.5 million", "thirty (30)", "12%"), calendar dates and capitalised names of a text."""
    text = plain(text)
    dates, rest = take_dates(text)
    return Figures(
        numbers=frozenset(float(item.readings[0].number) for item in quantities(rest) if item.counts),
        dates=frozenset(dates),
        names=frozenset(names(text)),
    )


def missing(claim: str, evidence: str, document: str) -> list[str]:
    """What the claim states and the evidence does not, in the claim's words; dates as ISO.

    Quantities and dates are sought in the evidence, names in the evidence or elsewhere in the cited `document`
    (contracts name a party once and then call it "Supplier"). Numbers of headings and clauses vouch for
    references to them only. A figure in another column of a table than the claim names is missing. At most 16 items.
    """
    claim = _MENTION.sub("the passage", claim)
    stated, given = ground(plain(claim)), _given(evidence)
    lacking = chain(
        unvouched(stated, given, document),
        undated(stated, given),
        unknown(stated.rest, given.text, _plain_document(document)),
        misplaced(claim, evidence),
    )
    return list(dict.fromkeys(islice(lacking, _ENOUGH)))


@lru_cache(maxsize=256)
def _given(evidence: str) -> Ground:
    return ground(plain(evidence))


@lru_cache(maxsize=32)
def _plain_document(text: str) -> str:
    return plain(text)
