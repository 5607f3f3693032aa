"""Which quantities of a claim its evidence vouches for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from generation.gate.particulars.bounds import bound, opposed
from generation.gate.particulars.dating import lone_parts
from generation.gate.particulars.ground import Ground
from generation.gate.particulars.quantities import Quantity, Reading
from generation.gate.particulars.units import BARE, SCALES, same_base

_HEADER = re.compile(
    r"(?P<plural>(?<![\w.,])(?:thousand|million|billion)s\b)|\((?:in\s)?(?P<bracket>thousand|million|billion)\b"
    r"|\bin\s(?P<in>thousand|million|billion)\b|['(](?P<zeros>000)s?\b"
    r"|(?:[£$€¥]|\b(?:USD|EUR|GBP|CHF|JPY|CAD|AUD|INR|Rs))\s?'?(?P<sign>000|million|billion|thousand|mn|mm|bn|m|k)\b"
    r"|[|]\s(?P<cell>thousand|million|billion)\s[|]",
    re.IGNORECASE,
)
_PERCENT_LIKE = re.compile(
    r"%|per ?cent|percentage|\brates?\b|\bmargins?\b|\bratios?\b|\bshares?\b|\bproportions?\b|\byields?\b", re.I
)
_AGED = re.compile(r"\bage[ds]?\b|\bold\b", re.I)
_CLOSE, _NEAR, _FAR = Decimal("0.1"), Decimal(5), Decimal(25)
_SURE_DIGITS, _FEW_DIGITS = 4, 3


def unvouched(claim: Ground, evidence: Ground, document: str) -> Iterator[str]:
    """The quantities of the claim, as written, that the evidence does not hold. The scale that tables of the document
    are printed in counts for a table that names none itself."""
    scales = _scales(evidence.text) or (_scales(document) if "|" in evidence.text else frozenset())
    for item in claim.quantities:
        if item.kind == "reference":
            known = any(_refers(_key(item), _key(other)) for other in evidence.quantities)
        elif item.kind == "code":
            known = re.search(rf"(?<![\d.]){re.escape(item.text)}(?!\d|[.,]\d)", evidence.text) is not None
        else:
            known = not item.counts or _vouched(item, claim, evidence, scales)
        if not known:
            yield item.text


@lru_cache(maxsize=64)
def _scales(text: str) -> frozenset[Decimal]:
    """What the numbers of a table are to be multiplied with: "(in thousands)", "£m"."""
    found = (match[match.lastgroup or 0].lower() for match in _HEADER.finditer(text))
    return frozenset(Decimal(1000) if word == "000" else SCALES[word] for word in found)


def _vouched(item: Quantity, claim: Ground, evidence: Ground, scales: frozenset[Decimal]) -> bool:
    said = bound(claim.rest, item.anchor, item.end)
    equal = (
        other
        for r in item.readings
        for v in (r.number, r.number * r.unit.factor)
        for other in evidence.by_value.get(v, ())
    )
    return (
        _any_agrees(item, equal, evidence, scales, said)
        or _any_agrees(item, evidence.quantities, evidence, scales, said)
        or (not said and _in_a_date(item, evidence))
    )


def _any_agrees(
    item: Quantity, others: Iterable[Quantity], evidence: Ground, scales: frozenset[Decimal], said: str
) -> bool:
    return any(
        _agree(item, other, evidence, scales, said)
        and not (said and opposed(said, bound(evidence.rest, other.anchor, other.end)))
        for other in others
    )


def _key(item: Quantity) -> str:
    return item.text if item.text[:1].isdigit() or not item.readings else str(int(item.readings[0].number))


def _refers(wanted: str, given: str) -> bool:
    """Clause 4.2 vouches for clause 4."""
    return given == wanted or given.startswith(f"{wanted}.")


def _in_a_date(item: Quantity, evidence: Ground) -> bool:
    """A date in the evidence also vouches for its year and its day alone."""
    parts = {part for part in lone_parts(evidence.days) if len(part) == 4 or not item.noun}
    return any(str(reading.number) in parts and reading.unit.family in ("", "ordinal") for reading in item.readings)


def _agree(item: Quantity, other: Quantity, evidence: Ground, scales: frozenset[Decimal], said: str) -> bool:
    if (other.kind == "reference" and item.kind != "ordinal") or (item.per and other.per and item.per != other.per):
        return False
    return any(
        _compatible(item, mine, theirs, evidence) and _equal(item, mine, theirs, said)
        for theirs in _scaled(other, scales)
        for mine in item.readings
    )


def _scaled(other: Quantity, scales: frozenset[Decimal]) -> Iterator[Reading]:
    for reading in other.readings:
        yield reading
        if not reading.scaled and reading.unit.family in ("", "money"):
            yield from (reading.times(scale) for scale in scales)


def _compatible(item: Quantity, mine: Reading, theirs: Reading, evidence: Ground) -> bool:
    """Whether their units are the same, or one is not written and may be the other's."""
    if mine.unit is not BARE and theirs.unit is not BARE:
        return same_base(mine.unit.base, theirs.unit.base) or mine.unit.family == "ordinal"
    if mine.unit is BARE:
        return theirs.unit.base != "%" or not item.noun
    if _elsewhere(mine, evidence):
        return False
    family = mine.unit.family
    if family == "money":
        known = {unit.base for unit in evidence.units if unit.family == "money"}
        return not known or any(same_base(mine.unit.base, base) for base in known)
    if family == "share":
        return _PERCENT_LIKE.search(evidence.rest) is not None
    if family in ("ordinal", "times") or (mine.unit.base == "month" and _AGED.search(evidence.text)):
        return True
    return mine.unit in evidence.units


def _elsewhere(mine: Reading, evidence: Ground) -> bool:
    """Whether the evidence has the number with another unit of the family: "30 days" is no support for "30 months"."""
    return any(
        reading.number == mine.number and reading.unit.family == mine.unit.family and reading.unit is not mine.unit
        and not (same_base(reading.unit.base, mine.unit.base) and reading.unit.factor == mine.unit.factor)
        for other in evidence.by_value.get(mine.number, ()) for reading in other.readings
    )  # fmt: skip


def _equal(item: Quantity, mine: Reading, theirs: Reading, said: str) -> bool:
    """The same value, or one rounding of the other that the claim admits to ("about") or that shows in its digits."""
    comparable = same_base(mine.unit.base, theirs.unit.base)
    factor, its_factor = (mine.unit.factor, theirs.unit.factor) if comparable else (Decimal(1), Decimal(1))
    stated, given = mine.number * factor, theirs.number * its_factor
    if stated == given:
        return True
    apart = abs(given - stated)
    if item.kind == "fraction":
        return apart <= theirs.step / 2 or _about_fraction(given - stated, said)
    shown = max(mine.step, _last_place(mine.number)) * factor
    digits = len(theirs.number.normalize().as_tuple().digits)
    if said in ("about", "nearly"):
        return apart <= _CLOSE * given and (apart <= shown / 2 if said == "about" else 0 < stated - given < shown)
    if said in ("over", "atleast") and digits >= _FEW_DIGITS:
        return 0 < given - stated < shown
    if said in ("under", "atmost") and digits >= _FEW_DIGITS:
        return 0 < stated - given < shown
    return digits >= _SURE_DIGITS and apart <= mine.step * factor / 2


def _last_place(number: Decimal) -> Decimal:
    return Decimal(1).scaleb(int(number.normalize().as_tuple().exponent)) if number else Decimal(1)


def _about_fraction(beyond: Decimal, said: str) -> bool:
    """ "More than half" is said of 58 %, "nearly half" of 48 %."""
    if said in ("over", "atleast"):
        return 0 < beyond <= _FAR
    if said in ("under", "atmost"):
        return -_FAR <= beyond < 0
    return said in ("about", "nearly") and abs(beyond) <= _NEAR
