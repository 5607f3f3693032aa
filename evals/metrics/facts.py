"""Does a text state a decisive fact? By program: in whatever spelling people use, at word boundaries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_BELOW_100 = {word: number for number, word in enumerate(_SMALL)} | _TENS
_NUMBER = "|".join(_BELOW_100)
_WORDS = re.compile(
    rf"\b(?:(?P<hundreds>{_NUMBER}) hundred(?: and)?(?: (?P<rest>{_NUMBER})(?: (?P<unit>{_NUMBER}))?)?"
    rf"|(?P<number>{_NUMBER})(?: (?P<one>{_NUMBER}))?)\b"
)
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "mm": 10**6, "bn": 10**9}
_SCALED = re.compile(rf"(\d+(?:\.\d+)?) ?({'|'.join(_SCALES)})\b")
_COUNTED = re.compile(r"\b(day|week|month|year|hour|minute|quarter|dollar|euro|percent|cent|point|share|employee)s\b")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | {"\u2019": "'", "\u2018": "'"})
_REPLACED = (
    (re.compile(r"(?<=\d)[,'](?=\d{3}(?!\d))"), ""),  # 1,577
    (re.compile(r"(?<=\d)\.0+(?!\d|\.\d)"), ""),  # $5,000.00
    (re.compile(r"\b([a-z]{2,4})(?=\d)"), r"\1 "),  # RMB200, FY2018
    (re.compile(r"(?<=\d)(?:st|nd|rd|th)\b"), ""),  # June 1st
    (re.compile(r"\bnon[- ]?(?=[a-z])"), "non"),  # exclusive is not found in non-exclusive
    (re.compile(r"([$\u20ac\u00a3\u00a5]) (?=\d)"), r"\1"),
    (re.compile(r"[^\w$\u20ac\u00a3\u00a5%.]|_|\.(?!\d)|(?<!\d)\.(?=\d\D)"), " "),
    (re.compile(r" +"), " "),
)
_PERCENT = re.compile(r"(?<=\d) ?(?:percent|per cent|%)")
_DOUBLED = re.compile(r"\b(\d+) ?(%?) \1(?=\b|%)")  # thirty (30) days; ten percent (10%)


def states(text: str, facts: Sequence[Sequence[str]], forbidden: Sequence[str] = ()) -> bool:
    """Whether one string of every list stands in the text, and none of the forbidden ones."""
    return all(any(holds(text, fact) for fact in alternatives) for alternatives in facts) and not any(
        holds(text, fact) for fact in forbidden
    )


def holds(text: str, fact: str) -> bool:
    """Whether the fact stands in the text: `1,577` as 1577, `thirty (30) days` as 30 days, `2.5 million` as
    2,500,000; a number only as a whole and with its unit, so that 10 days is not found in 110 days."""
    plain, wanted = _folded(text), _folded(fact)
    return _within(plain, wanted) or _within(_scaled(plain), _scaled(wanted))


def _within(text: str, wanted: str) -> bool:
    if not wanted:
        return False
    before = r"(?<![\w])(?<!\d\.)" if wanted[0].isalnum() else r"(?<!\d)"
    after = r"(?!\w)(?!\.\d)" if wanted[-1].isalnum() else ""
    if wanted[-1].isdigit():
        after += "(?!%)"
    return re.search(before + re.escape(wanted) + after, text) is not None


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace("\u00ad", "").replace("\ufffe", "")
    text = " ".join(text.translate(_DASHES).casefold().split())
    for pattern, by in _REPLACED:
        text = pattern.sub(by, text)
    text = _COUNTED.sub(r"\1", text)
    text = _PERCENT.sub("%", _WORDS.sub(_number, text))
    return _DOUBLED.sub(r"\1\2", text).strip()


def _number(match: re.Match[str]) -> str:
    """Number words as digits; words that make no number stay apart."""
    if match["hundreds"]:
        value = 100 * _BELOW_100[match["hundreds"]]
        rest, unit = match["rest"], match["unit"]
    else:
        value, rest, unit = 0, match["number"], match["one"]
    if rest is None:
        return str(value)
    if unit is None:
        return str(value + _BELOW_100[rest])
    if rest in _TENS and 0 < _BELOW_100[unit] < 10:
        return str(value + _BELOW_100[rest] + _BELOW_100[unit])
    return f"{value + _BELOW_100[rest]} {_BELOW_100[unit]}"


def _scaled(text: str) -> str:
    def value(match: re.Match[str]) -> str:
        number = float(match[1]) * _SCALES[match[2]]
        return f"{number:.0f}"

    return _SCALED.sub(value, text)
