"""A text read once for its quantities and dates."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from generation.gate.particulars.measures import is_plural
from generation.gate.particulars.quantities import Quantity, quantities
from generation.gate.particulars.units import SCALES, Unit, unit_of
from retrieval.text.dates import Mention, mentions

_DATED = re.compile(
    r"\d|[Qq]uarter|QUARTER|[JFMASOND](?:(?i:an(?:uary)?|eb(?:ruary)?|ar(?:ch)?|pr(?:il)?|ay|une?|uly?|ug(?:ust)?|"
    r"ept?(?:ember)?|ct(?:ober)?|ov(?:ember)?|ec(?:ember)?)\b)"
)

_WORD_AFTER = re.compile(r"[ -]((?!(?:quarter|year|month|second)\b)[A-Za-z]+)\b")


@dataclass(frozen=True)
class Ground:
    """Quantities and dates of `text`; `rest` is the text with its dates crossed out, same length."""

    text: str
    rest: str
    quantities: tuple[Quantity, ...]
    mentions: tuple[Mention, ...]

    @cached_property
    def units(self) -> frozenset[Unit]:
        """The units that the text names, with numbers or without: "(mg)", "in days"."""
        words = set(re.findall(r"[A-Za-zμ]{2,}|[%£$€¥]|°[CF]", self.rest))
        return frozenset(unit for word in words if (unit := unit_of(word)))

    @cached_property
    def days(self) -> frozenset[str]:
        """Every reading of every date."""
        return frozenset(value for mention in self.mentions for value in mention.values)

    @cached_property
    def by_value(self) -> Mapping[Decimal, Sequence[Quantity]]:
        """Quantities under their numbers and under their amounts in base units, in the order of the text."""
        found: defaultdict[Decimal, list[Quantity]] = defaultdict(list)
        for item in self.quantities:
            for value in dict.fromkeys(value for r in item.readings for value in (r.number, r.number * r.unit.factor)):
                found[value].append(item)
        return found


def ground(text: str) -> Ground:
    """Reads a text whose signs are plain (see `particulars.plain`)."""
    found = tuple(item for item in mentions(text) if not _counts(text, item)) if _DATED.search(text) else ()
    rest = _without(text, found)
    return Ground(text, rest, tuple(quantities(rest)), found)


def _counts(text: str, mention: Mention) -> bool:
    """ "1900 hours" is no year, and "1900 people" may be none: a number vouches for a year and a year for a number."""
    after = _WORD_AFTER.match(text, mention.end) if len(mention.values[0]) == 4 else None
    return after is not None and (unit_of(after[1]) is not None or after[1] in SCALES or is_plural(after[1]))


def _without(text: str, found: Iterable[Mention]) -> str:
    pieces, at = [], 0
    for mention in found:
        pieces += [text[at : mention.start], "\0" * (mention.end - mention.start)]
        at = mention.end
    return "".join([*pieces, text[at:]])
