"""Numbers as texts write them: digits, words, fractions, ordinals and times of the day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

_LONGEST = 24  # digits; a longer number is compared as it is written
_DIGITS = re.compile(
    r"(?<![\w.^])(?<![A-Za-z][-^])(?:(?P<number>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,2}(?:,\d\d)+,\d{3}(?!\d)"
    r"|\d+(?:\.\d+)*|\.\d+)(?P<th>(?:st|nd|rd|th)\b)?)"
)
_SMALL = {word: value for value, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen".split())}  # fmt: skip
_TENS = {
    word: 10 * tens for tens, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_GREAT = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ORDINALS = {word: value for value, word in enumerate(
    "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth "
    "seventeenth eighteenth nineteenth".split(), 3)}  # fmt: skip
_ORDINALS |= {f"{word[:-1]}ieth": value for word, value in _TENS.items()} | {"hundredth": 100}
_LOW = {"first": 1, "second": 2} | _ORDINALS
_ALONE_NO_NUMBER = frozenset((*_GREAT, "hundred", "dozen"))
_ONE = "|".join((*_SMALL, *_TENS, "hundred", *_GREAT, "dozen"))
_WORDS = re.compile(
    rf"(?<![\w-])(?=[a-z])(?:(?P<half>half\sa\s(?=[mb]illion))|(?P<a>an?\s(?=hundred|thousand|million|billion|dozen)))?"
    rf"(?P<words>(?:{_ONE})\b(?:[\s-](?:and\s)?(?:{_ONE})\b)*)\b(?:-(?P<low>{'|'.join(_LOW)})\b)?",
    re.IGNORECASE,
)
_ORDINAL = re.compile(rf"(?<![\w-])(?:{'|'.join(_ORDINALS)})\b(?!\spart(?:y|ies)\b)", re.IGNORECASE)
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_RATIO = re.compile(r"(?<![\w/.,-])(?P<n>[1-9])/(?P<d>[2-9])(?![\w/,]|\.\d)")
_FRACTION = re.compile(
    r"(?<![\w/.,-])(?:(?P<count>an?|one|two|three|four|five|seven|nine)[ -]"
    r"(?P<part>half|third|quarter|fourth|fifth|sixth|eighth|tenth)s?\b(?=(?P<of>\sof\b)?)|(?P<alone>half)(?=\s(?:of|the)\b))",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\w.:])(?:(?P<h>\d{1,2})(?:[:.](?P<m>[0-5]\d))?\s?(?P<half>[ap])\.?m\b\.?|(?P<h2>[01]?\d|2[0-3]):(?P<m2>[0-5]\d)"
    r"(?!\d|:)|(?P<word>noon|midnight)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """`text[start:end]` is a number. `step` is the place of its last digit; `kind` is "" or one of word, ordinal,
    fraction, clock (minutes after midnight, in each reading) and code (compared as it is written)."""

    start: int
    end: int
    text: str
    values: tuple[Decimal, ...]
    step: Decimal = Decimal(1)
    kind: str = ""


def numerals(text: str) -> list[Numeral]:
    """All numbers of a text in order; no two of them overlap. Fractions and times come before their digits."""
    found: list[Numeral] = []
    taken = bytearray(len(text) + 1)
    words = frozenset(re.findall("[a-z]+", text.lower()))
    readers = (read for read, telling in _READERS if not telling.isdisjoint(words))
    for numeral in chain(_clocks(text), _ratios(text), *(read(text) for read in readers), _digits(text)):
        if not any(taken[numeral.start : numeral.end]):
            taken[numeral.start : numeral.end] = b"\1" * (numeral.end - numeral.start)
            found.append(numeral)
    return sorted(found, key=lambda numeral: numeral.start)


def _digits(text: str) -> Iterator[Numeral]:
    for match in _DIGITS.finditer(text):
        written = match["number"]
        plain = written.replace(",", "")
        if plain.count(".") > 1 or len(plain) > _LONGEST:
            yield Numeral(*match.span(), written, (), kind="code")
            continue
        value, decimals = Decimal(plain), len(plain.partition(".")[2])
        step = Decimal(1).scaleb(-decimals)
        yield Numeral(*match.span(), match.group(), (value,), step, "ordinal" if match["th"] else "")


def _words(text: str) -> Iterator[Numeral]:
    for match in _WORDS.finditer(text):
        values = _spelled(re.split(r"[\s-]", match["words"].lower()))
        if match["low"] and len(values) == 1:
            yield _word(match, values[0] + _LOW[match["low"].lower()], "ordinal")
        elif match["half"]:
            yield _word(match, values[0] / 2, "word")
        elif len(values) == 1:
            if match["a"] or match["words"].lower() not in _ALONE_NO_NUMBER:
                yield _word(match, values[0], "word")
        else:
            at = match.start("words")
            for word in re.split(r"[\s-]", match["words"]):
                if word.lower() in _SMALL or word.lower() in _TENS:
                    value = _SMALL.get(word.lower(), _TENS.get(word.lower(), 0))
                    yield Numeral(at, at + len(word), word, (Decimal(value),), kind="word")
                at += len(word) + 1


def _word(match: re.Match[str], value: Decimal, kind: str) -> Numeral:
    return Numeral(*match.span(), match.group(), (value,), kind=kind)


def _spelled(words: list[str]) -> list[Decimal]:
    """One value if the words form one number; none for a list such as "two three"."""
    total = current = 0
    room, limit = 100, 10**15  # what may follow is smaller
    for word in words:
        if word == "dozen":
            total, current, room = 0, (total + current or 1) * 12, 0
        elif word == "hundred":
            if current >= 100:
                return []
            current, room = (current or 1) * 100, 100
        elif word in _GREAT:
            if _GREAT[word] >= limit:
                return []
            total, current, room, limit = total + (current or 1) * _GREAT[word], 0, 100, _GREAT[word]
        elif word != "and":
            value = _SMALL.get(word, _TENS.get(word, 0))
            if value >= room:
                return []
            current, room = current + value, 10 if value >= 20 else 0
    return [Decimal(total + current)]


def _ordinals(text: str) -> Iterator[Numeral]:
    for match in _ORDINAL.finditer(text):
        yield _word(match, Decimal(_ORDINALS[match.group().lower()]), "ordinal")


def _ratios(text: str) -> Iterator[Numeral]:
    for match in _RATIO.finditer(text):
        yield _word(match, Decimal(100 * int(match["n"])) / int(match["d"]), "fraction")


def _fractions(text: str) -> Iterator[Numeral]:
    """Percent; "three quarters" without "of" may be nine months and is no fraction here."""
    for match in _FRACTION.finditer(text):
        top, bottom = 1, 2
        if not match["alone"]:
            word, part = match["count"].lower(), match["part"].lower()
            if "-" not in match.group() and not match["of"] and part != "half":
                continue
            top, bottom = _SMALL.get(word, 1), _PARTS[part]
            if word in ("a", "an") and not match["of"]:
                continue
        yield _word(match, Decimal(100 * top) / bottom, "fraction")


def _clocks(text: str) -> Iterator[Numeral]:
    for match in _CLOCK.finditer(text):
        if word := match["word"]:
            yield Numeral(*match.span(), word, (Decimal(720 if word.lower() == "noon" else 0),), kind="clock")
            continue
        hour, minute = int(match["h"] or match["h2"]), int(match["m"] or match["m2"] or 0)
        if match["half"]:
            hours = [hour % 12 + (12 if match["half"].lower() == "p" else 0)]
        else:
            hours = [hour, hour + 12] if hour < 12 else [hour, 0] if hour == 12 else [hour]
        if hour <= 24:
            yield Numeral(*match.span(), match.group(), tuple(Decimal(60 * h + minute) for h in hours), kind="clock")


_READERS = (
    (_fractions, frozenset(_PARTS) | {f"{part}s" for part in _PARTS}),
    (_words, frozenset((*_SMALL, *_TENS, *_GREAT, "hundred", "dozen"))),
    (_ordinals, frozenset(_ORDINALS)),
)
