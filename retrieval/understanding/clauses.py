"""Clause numbers: "section 9.3(b)", "Article IV", "§ 12", "Schedule 2", "Exhibit B"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.text.dates import MONTH
from retrieval.types import ChunkText, Clue
from retrieval.understanding.words import shown

_DESIGNATORS = {
    "clause": r"clauses? sub-?clauses? cl\. sections? sub-?sections? secs?\. §§? ¶¶? paragraphs? paras?\b\.?",
    "article": r"articles? arts?\.",
    "schedule": r"schedules?",
    "exhibit": r"exhibits? exh?\.",
    "appendix": r"appendix appendices app\.",
    "annex": r"annexe?s? annexures?",
    "attachment": r"attachments?",
    "part": r"parts?",
    "chapter": r"chapters?",
    "rule": r"rules?",
    "regulation": r"regulations? regs?\.",
    "recital": r"recitals?",
    "item": r"items?",
    "table": r"tables?",
    "figure": r"figures? figs?\.",
}
_FORMS = [(group, re.compile("|".join(forms.split()), re.I)) for group, forms in _DESIGNATORS.items()]
_LETTERED = frozenset("schedule exhibit appendix annex attachment part".split())
_BARE = frozenset("article rule regulation recital item chapter".split())  # often printed as the number alone
_PLURAL = re.compile(r"(?:[a-z-]+(?:s|ces)|§§|¶¶)(?:\.|\b|$)", re.I)

_DESIGNATOR = re.compile(
    rf"(?<![\w§¶])(?P<d>{'|'.join('|'.join(forms.split()) for forms in _DESIGNATORS.values())})"
    r"(?:\s{1,3}|(?<=[§¶]))(?:(?:no\.?|number)\s)?(?=\(?[0-9a-z])",
    re.I,
)
_SUBS = r"(?:\s?\((?:[0-9]{1,2}|[A-Za-z]{1,2}|[ivxl]{3,5})\)){0,4}"
_END = r"(?!\w|[%£$€]|[.,][0-9])"
_ARABIC = re.compile(rf"[0-9]{{1,4}}(?:\.[0-9]{{1,3}}){{0,5}}(?:[A-Za-z](?:-[0-9]{{1,2}})?(?![A-Za-z]))?{_SUBS}{_END}")
_ROMAN = re.compile(rf"(?P<r>[IVXL]{{1,7}}|[ivx]{{2,7}})(?!\w)(?:\.[0-9]{{1,3}}){{0,3}}{_SUBS}{_END}")
_LETTER = re.compile(r"(?:[A-Z]|[b-hj-z])(?:[-.]?[0-9]{1,2})?(?:\([0-9A-Za-z]{1,2}\)){0,2}(?![\w'’])")
_IN_BRACKETS = re.compile(r"\(([0-9]{1,2}|[a-z]{1,2}|[ivxl]{3,5})\)")
_ALONE = re.compile(
    r"(?<![\w.,/£$€(-])[0-9]{1,3}(?:\.[0-9]{1,3}){1,4}(?:\((?:[0-9]{1,2}|[a-z]{1,2}|[ivx]{3,5})\)){1,4}(?!\w)"
)
_JOIN = re.compile(r"\s?(?:,|and|or|to|through|&|-|–)\s?(?:and\s|or\s)?(?=[0-9A-Z(])")
_LINE = re.compile(r"^[ \t>#*-]{0,8}", re.M)
_TAIL = re.compile(rf"[.):]?(?:\s*$|[.):–—-]|\s+(?!(?i:{MONTH})\b)(?=[A-Z(\"“‘'])|\s*[–—:-]\s)", re.M)
_LEVEL = re.compile(r"[0-9]+[a-z]?|[a-z]+")
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50}


@dataclass(frozen=True, slots=True)
class Reference:
    """`text[start:end]` names a place in a document: the kind of its number ("" where only the number is printed) and
    the levels of the number, ("9", "3", "b") for 9.3(b)."""

    start: int
    end: int
    group: str
    number: str

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(_LEVEL.findall(self.number))


def references(text: str) -> Iterator[Reference]:
    """References with their designator; after a plural one every number of the list ("clauses 4.1, 4.2 and 6")."""
    for match in _DESIGNATOR.finditer(text):
        group, start = _group(match["d"]), match.start()
        found = _number_at(text, match.end(), group, capital=match["d"][0].isupper())
        while found:
            yield Reference(start, found[0], group, found[1])
            joint = _JOIN.match(text, found[0]) if _PLURAL.fullmatch(match["d"]) else None
            start = joint.end() if joint else 0
            found = _number_at(text, start, group, capital=True) if joint else None


def clause_clues(question: str) -> Iterator[tuple[int, int, Clue]]:
    """The clues with their spans in the question."""
    found = list(references(question))
    spans = [(reference.start, reference.end) for reference in found]
    found += [
        Reference(*match.span(), "clause", match.group())
        for match in _ALONE.finditer(question)
        if not any(start <= match.start() < end for start, end in spans)
    ]
    for reference in found:
        text = question[reference.start : reference.end]
        value = f"{reference.group} {reference.number}"
        name = shown(text) if text[:1].isalpha() and not _PLURAL.match(text) else value
        yield reference.start, reference.end, Clue("clause", text, value, f"Passages of {name} come first.")


def support(value: str, chunk: ChunkText) -> float:
    """How surely the chunk is part of that clause.

    1: a heading above it, or a line of it, bears the number; 0.9: it holds 9.3 and further on "(b)" for 9.3(b);
    0.8: it bears a number below it (4.2 for 4); 0.5: it bears 9.3 where 9.3(b) is wanted; 0.3: only a number above it
    (9 for 9.3(b)); 0.15: its text refers to the clause. A number with another designator counts half or nothing.
    """
    group, _, number = value.partition(" ")
    wanted = tuple(_LEVEL.findall(number))
    places = [one for heading in chunk.section_path if (one := place(heading, 0, heading=True))]
    places += [one for line in _LINE.finditer(chunk.text) if (one := place(chunk.text, line.end(), heading=False))]
    inner = {match[1] for match in _IN_BRACKETS.finditer(chunk.text)}
    best = max((_fit(group, wanted, one, inner) for one in places), default=0.0)
    if best < 0.15 and any(found.group == group and found.levels == wanted for found in references(chunk.text)):
        return 0.15
    return best


def _fit(group: str, wanted: tuple[str, ...], place: Reference, inner: set[str]) -> float:
    weight = _same_kind(group, place.group)
    found = place.levels
    if not weight:
        return 0.0
    if found == wanted:
        return weight
    if found[: len(wanted)] == wanted:
        return 0.8 * weight
    if wanted[: len(found)] != found:
        return 0.0
    missing = wanted[len(found) :]
    if not missing[0][0].isalpha():
        return 0.3 * weight
    return (0.9 if inner.issuperset(missing) else 0.5) * weight


def _same_kind(wanted: str, found: str) -> float:
    if wanted == found or (wanted == "clause" and not found):
        return 1.0
    if wanted in _BARE and not found:
        return 0.8
    return 0.5 if (wanted, found) == ("clause", "article") else 0.0


def place(text: str, start: int, *, heading: bool) -> Reference | None:
    """The number that a heading or line begins with. A bare one must look like that of a clause: "9.3 Notice" and
    "4. Term", not "12 March", "30 days" or the first cell of a table."""
    designator = _DESIGNATOR.match(text, start)
    if designator:
        group = _group(designator["d"])
        found = _number_at(text, designator.end(), group, capital=True)
        return Reference(start, found[0], group, found[1]) if found else None
    number = _ARABIC.match(text, start)
    if number and (_TAIL.match(text, number.end()) or (heading and "." in number.group())):
        return Reference(start, number.end(), "", _plain(number.group()))
    return None


def _number_at(text: str, position: int, group: str, *, capital: bool) -> tuple[int, str] | None:
    """Where the number ends and its normal form; `capital`: the designator began with one, so that in "Part I" the I
    is a number."""
    opened = text[position : position + 1] == "("
    position += opened
    if match := _ARABIC.match(text, position):
        return match.end() + (opened and text[match.end() : match.end() + 1] == ")"), _plain(match.group())
    letters = group in _LETTERED
    roman = _ROMAN.match(text, position)
    if roman and (len(roman["r"]) > 1 or (capital and not (letters and group not in {"annex", "part"}))):
        value = _arabic(roman["r"].lower())
        if value:
            return roman.end(), _plain(f"{value}{roman.group()[len(roman['r']) :]}")
    letter = _LETTER.match(text, position) if letters else None
    if letter and (capital or letter.group()[0].isupper() or group != "part"):
        return letter.end(), _plain(letter.group())
    return None


def _group(designator: str) -> str:
    return next(group for group, form in _FORMS if form.fullmatch(designator))


def _plain(number: str) -> str:
    return re.sub(r"\s", "", number).lower()


def _arabic(roman: str) -> int:
    """The value of a well-formed Roman number up to 89, else 0."""
    digits = [_ROMAN_DIGITS[letter] for letter in roman]
    value = sum(-digit if digit < max(digits[at:]) else digit for at, digit in enumerate(digits))
    return value if 0 < value < 90 and _to_roman(value) == roman else 0


def _to_roman(value: int) -> str:
    steps = ((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
    written = ""
    for size, letters in steps:
        written += letters * (value // size)
        value %= size
    return written
