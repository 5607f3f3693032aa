"""A text in the units that are compared: sentences, headings and table rows, each in its clause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from ingest.types import ElementKind
from retrieval.comparing.furniture import folios, running
from retrieval.comparing.labels import Label, label_of
from retrieval.comparing.tokens import BAR, Tokens, counts, key, of_contents, tokens
from retrieval.comparing.types import Placed, Split, Text
from retrieval.errors import TooLongToCompare

MOST_CHARS = 4_000_000
MOST_UNITS = 60_000
_LONGEST = 4_000  # characters that are split into sentences at once, for that takes longer than in proportion
_STOP = re.compile(r"[.!?]\s")
_MOST_STOPS = 150  # in what is split at once: what has more is dots and initials
_MOST_WORDS = 400  # of a unit
_BULLET = re.compile(r"[-*•‣◦–·]\s+")


class Role(Enum):
    PROSE = "prose"
    HEADING = "heading"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Unit:
    """Characters [start, end) of the text, of which the words begin at `body`, after the label. `key` is the same where
    the same is said, `size` how many words it has; `clause` the number of its clause in `Outline.clauses`."""

    start: int
    end: int
    body: int
    role: Role
    label: Label | None
    clause: int
    element: int
    key: str
    size: int


@dataclass(frozen=True, slots=True)
class Clause:
    """Units [first, last) under one heading or clause number. `section`: the headings above and its own."""

    first: int
    last: int
    label: Label | None
    title: str
    section: tuple[str, ...]
    printed: str


@dataclass(frozen=True, slots=True)
class Outline:
    text: str
    units: tuple[Unit, ...]
    clauses: tuple[Clause, ...]

    def joined(self, units: Sequence[Unit], *, labelled: bool = False) -> Tokens:
        """The words of neighbouring units, with the numbers that they begin with, that of the first one only if
        `labelled`."""
        parts = [
            tokens(self.text, unit.start if place or labelled else unit.body, unit.end)
            for place, unit in enumerate(units)
        ]
        return Tokens(
            tuple(word for part in parts for word in part.words),
            tuple(start for part in parts for start in part.starts),
            tuple(end for part in parts for end in part.ends),
        )


@dataclass(slots=True)
class _Draft:
    """Of a clause while its units are read."""

    first: int
    label: Label | None
    title: str
    section: tuple[str, ...]
    printed: str


def outline(side: Text, split: Split) -> Outline:
    """Units and clauses in reading order, without running heads, page numbers, and words that a tracked change took
    out; raises `TooLongToCompare`."""
    if len(side.text) > MOST_CHARS:
        raise _too_long()
    units: list[Unit] = []
    drafts: list[_Draft] = []
    path: list[tuple[int, str]] = []
    skipped = running(side) | folios(side)
    for at, element in enumerate(side.elements):
        if at in skipped or element.kind is ElementKind.REVISION:
            continue
        if element.kind is ElementKind.HEADING:
            path = [entry for entry in path if entry[0] < element.level]
            path.append((element.level, side.text[element.start : element.end]))
        label = label_of(side.text, element)
        if not drafts or _opens(element, label):
            drafts.append(_draft(side.text, len(units), element, label, tuple(title for _, title in path)))
        units += _units(side.text, element, label, split, at, len(drafts) - 1)
        if len(units) > MOST_UNITS:
            raise _too_long()
    return Outline(side.text, tuple(units), _clauses(drafts, units))


def _too_long() -> TooLongToCompare:
    return TooLongToCompare(
        f"Texts of more than {MOST_CHARS // 1_000_000} million characters or {MOST_UNITS:,} sentences and rows are not "
        "compared. Compare parts of them."
    )


def _opens(element: Placed, label: Label | None) -> bool:
    """Whether a clause begins there."""
    return element.kind in {ElementKind.HEADING, ElementKind.TITLE} or (label is not None and label.group != "item")


def _draft(text: str, first: int, element: Placed, label: Label | None, section: tuple[str, ...]) -> _Draft:
    heads = element.kind in {ElementKind.HEADING, ElementKind.TITLE}
    title = key(tokens(text, label.end if label else element.start, element.end)).casefold() if heads else ""
    printed = text[label.start : label.end] if label else ""
    return _Draft(first, label, title, section, printed)


def _clauses(drafts: Sequence[_Draft], units: Sequence[Unit]) -> tuple[Clause, ...]:
    ends = [*(draft.first for draft in drafts), len(units)][1:]
    return tuple(
        Clause(draft.first, last, draft.label, draft.title, draft.section, draft.printed)
        for draft, last in zip(drafts, ends, strict=True)
    )


def _units(text: str, element: Placed, label: Label | None, split: Split, number: int, clause: int) -> Iterator[Unit]:
    role = _role(element.kind)
    for start, end in _spans(text, element, role, split):
        own = label if label is not None and label.start == start else None
        body = min(own.end, end) if own else start
        if own is None and (bullet := _BULLET.match(text, start, end)):
            body = bullet.end()
        for piece_start, piece_end, found in _pieces(text, body, end):
            first = piece_start == body
            yield Unit(
                start if first else piece_start,
                piece_end,
                piece_start,
                role,
                own if first else None,
                clause,
                number,
                key(found),
                sum(word != BAR for word in found.words),
            )


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int, Tokens]]:
    """The unit, in pieces where it is too long for one; none without words, unless there is a label alone."""
    found = tokens(text, start, end)
    if not any(map(counts, found.words)):
        if not text[start:end].strip():
            yield start, end, Tokens((), (), ())
        return
    first = 0
    for at, word in enumerate(found.words):
        size = at - first
        if size >= _MOST_WORDS or (size >= _MOST_WORDS // 2 and word in ";,:"):
            part = Tokens(found.words[first : at + 1], found.starts[first : at + 1], found.ends[first : at + 1])
            yield (start if first == 0 else part.starts[0]), part.ends[-1], part
            first = at + 1
    if first < len(found):
        part = Tokens(found.words[first:], found.starts[first:], found.ends[first:])
        yield (start if first == 0 else part.starts[0]), end, part


def _spans(text: str, element: Placed, role: Role, split: Split) -> Iterator[tuple[int, int]]:
    if role is Role.HEADING or (role is Role.PROSE and of_contents(text, element.start, element.end)):
        yield element.start, element.end
    elif role is Role.ROW:
        at = element.start
        for row in text[element.start : element.end].split("\n"):
            yield at, at + len(row)
            at += len(row) + 1
    else:
        for start, end in _parts(text, element.start, element.end):
            part = text[start:end]
            found = split(part) if len(_STOP.findall(part)) <= _MOST_STOPS else [(0, len(part))]
            yield from ((start + a, start + b) for a, b in found)


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A long paragraph cut where a sentence may end, else between words."""
    while end - start > _LONGEST:
        limit = start + _LONGEST
        ends = [text.rfind(sign, start + _LONGEST // 2, limit) for sign in (". ", "; ", ".\n")]
        cut = max(ends) + 1 or text.rfind(" ", start + 1, limit) + 1 or limit
        yield start, cut
        start = cut
    yield start, end


def _role(kind: ElementKind) -> Role:
    if kind in {ElementKind.HEADING, ElementKind.TITLE}:
        return Role.HEADING
    return Role.ROW if kind is ElementKind.TABLE else Role.PROSE
