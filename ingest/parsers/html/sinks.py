"""Where the words of a page go while it is walked through: a block, a cell, a struck-out or a raised run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ingest.parsers.clean import clean
from ingest.types import Element, ElementKind, FileWarning, WarningKind

_STRUCK = "Words in this passage are struck out; they are left out of it and given right after it. Check which apply."
_INSERTED = "Words in this passage are marked as inserted. Check that the change was agreed."


@dataclass(slots=True)
class Sink:
    """A run of text that is not finished. `opening`: the raised mark that it begins with."""

    kind: str
    pieces: list[str] = field(default_factory=list)
    tail: str = ""  # the last characters
    opening: str = ""

    def add(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self.tail = (self.tail + text)[-48:]

    def text(self) -> str:
        return clean("".join(self.pieces))


@dataclass(slots=True)
class Aside:
    """What belongs behind the block that is being read."""

    struck: list[Element] = field(default_factory=list)
    inserted: bool = False
    notes: list[object] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)  # of notes that no link leads to

    def warnings(self) -> tuple[FileWarning, ...]:
        words = [_STRUCK] * bool(self.struck) + [_INSERTED] * self.inserted
        return tuple(FileWarning(WarningKind.REDLINE, word) for word in words)


def struck_out(text: str, author: str = "", date: str = "") -> Element:
    """The words that a page strikes out, as an element of their own."""
    said = (
        f"deleted{f' by {author}' if author else ''}{f' on {date}' if date else ''}" if author or date else "struck out"
    )
    return Element(ElementKind.REVISION, f"[{said}: {text}]", author=author, date=date)


def warned(element: Element, aside: Aside) -> Element:
    return replace(element, warnings=(*element.warnings, *aside.warnings()))
