"""Texts of a few lines, compared: "# " begins a heading, "| " a row of a table, and every other line is a paragraph."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from generation.gate.claims import sentence_spans
from ingest.types import ElementKind
from retrieval.comparing.comparing import compare
from retrieval.comparing.types import Comparison, Difference, Span, Text

_LEVELS = {"# ": 1, "## ": 2, "### ": 3}


@dataclass(frozen=True)
class Element:
    kind: ElementKind
    level: int
    start: int
    end: int
    page: int | None = None


def text_of(lines: Collection[str], parties: Collection[str] = (), pages: Collection[int | None] = ()) -> Text:
    """`pages`: of each line. Rows in a row are one table; "~ " begins words that a tracked change took out."""
    parts: list[tuple[ElementKind, int, str, int | None]] = []
    told = list(pages) or [None] * len(lines)
    for line, page in zip(lines, told, strict=True):
        mark = next((mark for mark in ("# ", "## ", "### ", "| ", "~ ") if line.startswith(mark)), "")
        words = line.removeprefix(mark)
        if mark in _LEVELS:
            parts.append((ElementKind.HEADING, _LEVELS[mark], words, page))
        elif mark == "| " and parts and parts[-1][0] is ElementKind.TABLE:
            kind, level, rows, first = parts.pop()
            parts.append((kind, level, f"{rows}\n{words}", first))
        else:
            kind = {"| ": ElementKind.TABLE, "~ ": ElementKind.REVISION}.get(mark, ElementKind.PARAGRAPH)
            parts.append((kind, 0, words, page))
    elements, at = [], 0
    for kind, level, words, page in parts:
        elements.append(Element(kind, level, at, at + len(words), page))
        at += len(words) + 2
    return Text("\n\n".join(words for _, _, words, _ in parts), elements, parties)


@dataclass
class Compared:
    old: Text
    new: Text
    found: Comparison = field(init=False)

    def __post_init__(self) -> None:
        self.found = compare(self.old, self.new, sentence_spans)

    def told(self) -> list[tuple[str, list[str], list[str]]]:
        """Kind and quotes of every difference."""
        return [(str(one.kind), _quotes(self.old, one.old), _quotes(self.new, one.new)) for one in self.differences]

    def words(self) -> list[tuple[str, str, list[str]]]:
        """What became what, and what kinds of change that is."""
        return [
            (self.old.text[w.old.start : w.old.end], self.new.text[w.new.start : w.new.end], list(map(str, w.changes)))
            for one in self.differences
            for w in one.words
        ]

    @property
    def differences(self) -> tuple[Difference, ...]:
        return self.found.differences


def compared(old: Collection[str], new: Collection[str], parties: Collection[str] = ()) -> Compared:
    return Compared(text_of(old, parties), text_of(new, parties))


def _quotes(side: Text, spans: Collection[Span]) -> list[str]:
    return [side.text[span.start : span.end] for span in spans]
