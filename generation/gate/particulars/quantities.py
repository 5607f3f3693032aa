"""Quantities of a text: numbers with their unit, scale and rate, in every reading that the text allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain

from generation.gate.particulars.measures import measure, rate_after
from generation.gate.particulars.numerals import Numeral, numerals
from generation.gate.particulars.units import BARE, FREQUENCIES, SIGNS, UNITS, Unit, same_base, unit_of

_TIME = frozenset(("second", "minute", "hour", "day", "week", "fortnight", "month", "quarter", "year", "decade"))
_REFERRED = frozenset(("clause", "section", "article", "annex", "schedule", "part", "chapter", "exhibit", "appendix"))
_WORD = re.compile("[a-z]+")
_SIGN = re.compile(rf"(?:(?<![A-Za-z])({'|'.join(map(re.escape, SIGNS))}))\s?-?\(?$")
_SIGN_ENDS = frozenset(sign[-1] for sign in SIGNS)
_LINK = re.compile(
    r"\s?(?:\(|-|/|,|,?\s?(?:and/or|to|or|and|through|until)(?:\s(?:up\sto|at\sleast))?)\s?[$£€]?\s?", re.IGNORECASE
)
_REFERENCE = re.compile(
    r"(?:\b(?:(?:sub-?)?(?:clause|section|paragraph|article|schedule|exhibit|chapter|table|figure|page|regulation|recital|"
    r"annex|sect|para|art|fig)(?:e?s)?\.?|appendi(?:x|ces)|pp?\.)|§)\s?$",
    re.IGNORECASE,
)
_ROMAN = re.compile(rf"\b(?:{'|'.join(_REFERRED)})\s([IVXLC]{{1,7}})\b", re.IGNORECASE)
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_ENUMERATION = re.compile(
    r"(?:^|(?<=> )|(?<=\n))(?=\(?[1-9])(?:\(?(?P<point>\d{1,3}(?:\.\d{1,3})*)[.)]\s(?=\S)"
    r"|(?P<deep>\d{1,3}(?:\.\d{1,3})+)\s(?=[A-Z\"(])"
    r"|(?P<flat>\d{1,3})\s(?=(?P<word>[A-Z]\w*)[^|.!?\n]{0,60}(?:\n|$| >)))"
)
_INLINE = re.compile(r"(?<![\w)])(?<!\w )\((?P<at>\d{1,2})\) (?=(?P<word>[A-Za-z]+))")
_SOFT = re.compile(
    rf"\b(?:(?:an?|each|every|per|one)\s(?P<unit>{'|'.join(_TIME)})"
    rf"|(?P<often>{'|'.join(FREQUENCIES)}))\b|\b(?P<times>doubl(?:e[ds]?|ing)|tripl(?:e[ds]?|ing))\b",
    re.IGNORECASE,
)
_TIMES = {"twice": 2, "thrice": 3} | {
    f"{word}fold": value for value, word in enumerate("two three four five six seven eight nine ten".split(), 2)
}
_OFTEN = re.compile(rf"\b(?:{'|'.join(_TIMES)})\b", re.IGNORECASE)
_BETWEEN = (" ", " and ", "-")
_CLOCK, _ORDINAL = Unit("clock", "clock", Decimal(1)), Unit("ordinal", "ordinal", Decimal(1))


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a number: its value with the scale word applied, the place of its last digit, its unit."""

    number: Decimal
    step: Decimal = Decimal(1)
    unit: Unit = BARE
    scaled: bool = False

    def times(self, factor: Decimal) -> Reading:
        return Reading(self.number * factor, self.step * factor, self.unit, scaled=True)


@dataclass(frozen=True, slots=True)
class Quantity:
    """The number at `[start:end]`, its unit included, and everything that says what it counts; `text` as written.

    `kind` is that of its numeral, or "reference" for the number of a clause, a page or a table, or "soft" for a unit
    without a number ("a year"), which vouches for one but need not be vouched for. `per`: what it is a rate of.
    `noun`: it counts something that is no unit. The words that bound it ("at least") end at `anchor`.
    """

    start: int
    end: int
    text: str
    readings: tuple[Reading, ...]
    kind: str = ""
    per: str = ""
    noun: bool = False
    scale: Decimal = Decimal(1)
    anchor: int = 0

    @property
    def measured(self) -> bool:
        """Whether any reading has a unit."""
        return any(reading.unit is not BARE for reading in self.readings)

    @property
    def counts(self) -> bool:
        """Not so for units alone, and for "one" and "zero" without a unit: they are too often no numbers at all."""
        small = self.kind == "word" and not self.measured and all(reading.number <= 1 for reading in self.readings)
        return bool(self.readings) and self.kind != "soft" and not small


def quantities(text: str) -> list[Quantity]:
    """All quantities of a text. "5 to 10 mg" and "thirty (30) days" share their unit. The numbers before headings and
    clauses are references."""
    points = _points(text)
    found: list[Quantity] = []
    for numeral in _joined(text, numerals(text)):
        if not found or numeral.start >= found[-1].end:
            found.append(_read(text, numeral, kind=points.get(numeral.start, "")))
    words = frozenset(_WORD.findall(text.lower()))
    more = (read(text) for read, telling in _MORE if not telling.isdisjoint(words))
    return [*_linked(text, found), *chain.from_iterable(more)]


def _points(text: str) -> dict[int, str]:
    """Kind of the numbers that only count what follows them, by where they start."""
    found = {
        match.start(name): "reference"
        for match in _ENUMERATION.finditer(text)
        if (name := match.lastgroup if match.lastgroup != "word" else "flat")
        and not (match["word"] and unit_of(match["word"]))
    }
    inline = (match.start("at") for match in _INLINE.finditer(text) if not unit_of(match["word"]))
    return found | dict.fromkeys(inline, "soft")


def _joined(text: str, found: list[Numeral]) -> Iterator[Numeral]:
    """ "2 1/2" and "two and one-half" are one number, and so is "thirty (30)"."""
    held: Numeral | None = None
    for numeral in found:
        if held:
            if numeral.values and numeral.values == held.values and text[held.end : numeral.start] == " (":
                held = replace(numeral, start=held.start, text=text[held.start : numeral.end])
                continue
            if numeral.kind == "fraction" and held.kind in ("", "word") and text[held.end : numeral.start] in _BETWEEN:
                value = held.values[0] + numeral.values[0] / 100
                yield Numeral(held.start, numeral.end, text[held.start : numeral.end], (value,), Decimal("0.01"))
                held = None
                continue
            yield held
        held = numeral
    if held:
        yield held


def _read(text: str, numeral: Numeral, *, kind: str) -> Quantity:
    start, end = numeral.start, numeral.end
    if numeral.kind in ("code", "clock", "fraction"):
        unit = {"code": BARE, "clock": _CLOCK, "fraction": UNITS["%"]}[numeral.kind]
        readings = tuple(Reading(value, numeral.step, unit) for value in numeral.values)
        return Quantity(start, end, numeral.text, readings, numeral.kind, anchor=start)
    value = numeral.values[0]
    before = text[max(0, start - 16) : start]
    if kind or _REFERENCE.search(before):
        return Quantity(start, end, numeral.text, (Reading(value),), kind or "reference")
    if numeral.kind == "ordinal":
        return Quantity(start, end, numeral.text, (Reading(value, unit=_ORDINAL),), numeral.kind)
    sign = _SIGN.search(before) if before.rstrip(" (-")[-1:] in _SIGN_ENDS else None
    start -= len(sign.group()) if sign else 0
    after = measure(text, end, sign[1] if sign else "")
    value, step = value + after.more, Decimal("0.1") if after.more else numeral.step
    plain = Reading(value, step, after.unit)
    readings = (plain.times(after.scale) if after.scale != 1 else plain,)
    if after.doubtful != 1:
        great = Reading(value, step).times(after.doubtful)
        readings = (*readings, great) if text[end].isspace() else (great, *readings)
    return Quantity(
        start, after.end, text[start : after.end], readings, numeral.kind, after.per, after.noun, after.scale, start
    )


def _linked(text: str, found: list[Quantity]) -> list[Quantity]:
    """Numbers next to each other share a unit, a scale, or being references."""
    for at in range(len(found) - 2, -1, -1):  # "5 to 10 mg", "thirty (30) days", "$5 to 10 million"
        if _LINK.fullmatch(text, found[at].end, found[at + 1].start):
            found[at] = _sharing(found[at], found[at + 1], scale=True)
    for at in range(1, len(found)):  # "$5 to 10", "clauses 4 and 5"
        if _LINK.fullmatch(text, found[at - 1].end, found[at].start):
            if found[at - 1].kind == "reference" and not found[at].noun and not found[at].measured:
                found[at] = replace(found[at], kind="reference")
            found[at] = _sharing(found[at], found[at - 1], scale=False)
            if text[found[at].start - 1] == "(":  # "at least ten percent (10%)"
                found[at] = replace(found[at], anchor=found[at - 1].anchor)
    return found


def _sharing(taker: Quantity, giver: Quantity, *, scale: bool) -> Quantity:
    """The taker with the giver's unit, and its scale, as readings before its own."""
    if not {taker.kind, giver.kind} <= {"", "word"}:
        return taker
    own, model = taker.readings[0], giver.readings[0]
    if own.unit is not BARE and model.unit is not BARE and not same_base(own.unit.base, model.unit.base):
        return taker
    unit = own.unit if own.unit is not BARE else model.unit
    more = [replace(own, unit=unit)] if unit is not own.unit else []
    if scale and model.scaled and not own.scaled:
        more.append(replace(own, unit=unit).times(giver.scale))
    return replace(taker, readings=(*more, *taker.readings), per=taker.per or giver.per) if more else taker


def _soft(text: str) -> Iterator[Quantity]:
    for match in _SOFT.finditer(text):
        if match["times"]:
            reading = Reading(Decimal(2 if match["times"][0] in "dD" else 3), unit=UNITS["times"])
        else:
            reading = Reading(Decimal(1), unit=UNITS[(match["unit"] or FREQUENCIES[match["often"].lower()]).lower()])
        yield Quantity(*match.span(), match.group(), (reading,), "soft")


def _often(text: str) -> Iterator[Quantity]:
    for match in _OFTEN.finditer(text):
        reading = Reading(Decimal(_TIMES[match.group().lower()]), unit=UNITS["times"])
        yield Quantity(*match.span(), match.group(), (reading,), "word", rate_after(text, match.end()))


def _roman(text: str) -> Iterator[Quantity]:
    for match in _ROMAN.finditer(text):
        values = [_ROMAN_VALUES[letter] for letter in match[1].lower()]
        total = sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))
        yield Quantity(*match.span(1), match[1], (Reading(Decimal(total)),), "reference")


_GROWN = frozenset("double doubled doubles doubling triple tripled triples tripling".split())
_MORE = (
    (_soft, _TIME | _GROWN | FREQUENCIES.keys()),
    (_often, frozenset(_TIMES)),
    (_roman, _REFERRED),
)
