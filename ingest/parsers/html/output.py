"""What has been read of a page: its elements in order, struck-out words and notes behind what they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.parsers.html.notes import Note
from ingest.types import Element, ElementKind, FileWarning, WarningKind

_STRUCK = "Words in this passage are struck out; they are left out of it and given right after it. Check which apply."
_INSERTED = "Words in this passage are marked as inserted. Check that the change was agreed."


@dataclass(slots=True)
class Aside:
    """What belongs behind the block that is being read."""

    struck: list[Element] = field(default_factory=list)
    inserted: bool = False
    notes: list[Note] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)  # of notes that no link leads to

    def warned(self, element: Element) -> Element:
        words = [_STRUCK] * bool(self.struck) + [_INSERTED] * self.inserted
        more = (FileWarning(WarningKind.REDLINE, word) for word in words)
        return replace(element, warnings=(*element.warnings, *more))


class Output:
    def __init__(self) -> None:
        self._elements: list[Element] = []
        self._marked: dict[str, int] = {}  # mark -> the element that it stands in
        self._behind: dict[int, list[Element]] = {}

    def put(self, element: Element, aside: Aside) -> None:
        """An element, and behind it what is struck out in it."""
        at = len(self._elements)
        self._elements += (aside.warned(element), *aside.struck)
        for mark in aside.marks:
            self._marked[mark] = at

    def struck(self, aside: Aside) -> None:
        """Struck-out words that stand in no sentence."""
        self._elements += [aside.warned(element) for element in aside.struck]

    def note(self, mark: str, words: str, aside: Aside) -> None:
        """A note that was referred to right before."""
        if words or aside.struck:
            self._elements += (aside.warned(_note(mark, words)), *aside.struck)

    def loose(self, mark: str, words: str, aside: Aside) -> None:
        """A note that no link leads to: behind the last element with its mark, else where it stands."""
        at = self._marked.pop(mark, None)
        where = self._elements if at is None else self._behind.setdefault(at, [])
        where += (aside.warned(_note(mark, words)), *aside.struck)

    def take(self, elements: Sequence[Element]) -> None:
        """Elements of a page inside the page."""
        self._elements += elements

    def elements(self) -> tuple[Element, ...]:
        return tuple(one for at, element in enumerate(self._elements) for one in (element, *self._behind.get(at, ())))


def _note(mark: str, words: str) -> Element:
    return Element(ElementKind.NOTE, f"Note {mark}: {words}".strip())
