"""What follows a number: a scale ("million"), a unit ("business days") and a rate ("per month")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from generation.gate.particulars.units import BARE, DOLLARS_OF, FREQUENCIES, SCALES, UNITS, Unit, unit_of

_TOKEN = re.compile(r"([)\]]?[\s-]?)([A-Za-zμ]{1,20}(?![A-Za-zμ])[$£€]?|[%/‰¢£€$°])")
_AND_A_HALF = re.compile(r"\sand\s(?:a|one)[ -]half\b", re.IGNORECASE)
_SKIPPED = frozenset(
    "calendar full consecutive successive additional further more other whole complete entire long prior".split()
)
_WORKING = frozenset("business working trading banking".split())
_ARTICLES = frozenset("a an each every".split())
_PEOPLE = frozenset("people men women children persons".split())
_PAIRS = {("per", "cent"): "%", ("per", "centum"): "%", ("percentage", "point"): "%", ("basis", "point"): "bps",
          ("pound", "sterling"): "GBP"} | {(word, "day"): "workday" for word in _WORKING}  # fmt: skip
_PAIRS |= {
    (degree, scale): name
    for degree in ("°", "degree")
    for scales, name in ((("c", "celsiu", "centigrade"), "°C"), (("f", "fahrenheit"), "°F"))
    for scale in scales
}
_PAIRS |= {(nation, sign): name for nation, name in DOLLARS_OF.items() for sign in ("dollar", "$")}


@dataclass(frozen=True, slots=True)
class Measure:
    """`scale` multiplies the number; `doubtful` is a scale that may be meant ("5 m"). `more` is added to it first
    ("and a half"). `noun`: a plural that is no unit follows."""

    end: int
    unit: Unit = BARE
    scale: Decimal = Decimal(1)
    doubtful: Decimal = Decimal(1)
    more: Decimal = Decimal(0)
    per: str = ""
    noun: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    gap: str
    end: int

    @property
    def low(self) -> str:
        return self.text.lower()

    @property
    def singular(self) -> str:
        return self.low.removesuffix("s") if len(self.text) > 2 and self.low[-2] != "s" else self.low


def measure(text: str, at: int, currency: str) -> Measure:
    """Reads on from the end of a number that `currency`, a sign or code, may stand before."""
    half = _AND_A_HALF.match(text, at)
    end = half.end() if half else at
    words = _words(text, end)
    scale, doubtful, taken = _scale(words, bool(currency))
    if taken:
        end, words = words[taken - 1].end, words[taken:]
    unit, taken = _unit(words)
    if taken:
        end, words = words[taken - 1].end, words[taken:]
    per, taken = _rate(words)
    if taken:
        end = words[taken - 1].end
    noun = unit is BARE and bool(words) and is_plural(words[0].text)
    more = Decimal("0.5") if half else Decimal(0)
    return Measure(end, UNITS[currency] if currency else unit, scale, doubtful, more, per, noun)


def rate_after(text: str, at: int) -> str:
    """The unit of time or the noun that something is counted per: "daily", "a day", "per share"."""
    return _rate(_words(text, at))[0]


def _rate(words: Sequence[_Word]) -> tuple[str, int]:
    """What the number is counted per, and the words that say so."""
    if words and words[0].low in FREQUENCIES:
        return _per(FREQUENCIES[words[0].low]), 1
    if len(words) > 1 and words[0].low in _ARTICLES and unit_of(words[1].text):
        return _per(words[1].text), 2
    if len(words) > 1 and words[0].low in ("/", "per"):
        return _per(words[1].text), 2
    return "", 0


def is_plural(word: str) -> bool:
    """Whether a word seems to be the plural of a noun."""
    low = word.lower()
    return low in _PEOPLE or (len(word) > 3 and low[-1] == "s" and low[-2] != "s")


def _per(word: str) -> str:
    unit = unit_of(word)
    return f"{unit.factor} {unit.base}" if unit else word.lower().removesuffix("s")


def _words(text: str, at: int) -> list[_Word]:
    """Up to six words and signs that follow without punctuation."""
    found: list[_Word] = []
    while len(found) < 6 and (match := _TOKEN.match(text, at)):
        found.append(_Word(match[2], match[1], match.end()))
        at = match.end()
    return found


def _scale(words: Sequence[_Word], money: bool) -> tuple[Decimal, Decimal, int]:
    """Sure scale, doubtful scale, words taken: "5 m" may be metres and "5m" millions."""
    if not words or words[0].text not in SCALES:
        return Decimal(1), Decimal(1), 0
    factor = SCALES[words[0].text]
    spelled = len(words[0].text) > 3 or words[0].text in ("bn", "mn", "tn")
    if spelled and len(words) > 1 and words[1].text in SCALES and len(words[1].text) > 3:  # "hundred thousand"
        return factor * SCALES[words[1].text], Decimal(1), 2
    if spelled or money or (not words[0].gap and unit_of(words[0].text) is None):
        return factor, Decimal(1), 1
    return Decimal(1), factor if unit_of(words[0].text) else Decimal(1), 0


def _unit(words: Sequence[_Word]) -> tuple[Unit, int]:
    at = 0
    while at < len(words) and words[at].low in _SKIPPED:
        at += 1
    if at + 1 < len(words) and (name := _PAIRS.get((words[at].singular, words[at + 1].singular))):
        return UNITS[name], at + 2
    if at < len(words) and (unit := unit_of(words[at].text)):
        return unit, at + 1
    return BARE, 0
