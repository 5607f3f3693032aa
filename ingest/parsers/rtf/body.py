"""Paragraphs, tables and what hangs on them, put together from the words of an RTF file as they come."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ingest.parsers.asides import Change, comment
from ingest.parsers.clean import clean, rows_to_text
from ingest.parsers.raised import raised
from ingest.parsers.rtf.controls import State
from ingest.types import Element, ElementKind, FileWarning, WarningKind


@dataclass(slots=True)
class Body:
    """`elements` is complete after `end_paragraph` and `end_table`."""

    elements: list[Element] = field(default_factory=list)
    _text: str = ""
    _raised: str = ""
    _revised: list[tuple[Change, str]] = field(default_factory=list)
    _notes: list[Element] = field(default_factory=list)
    _comments: list[Element] = field(default_factory=list)
    _noted: int = 0
    _gap: bool = True  # between two struck-out pieces
    _inserted: bool = False
    _cells: list[str] = field(default_factory=list)
    _spans: list[bool] = field(default_factory=list)  # for each column of the row, whether it goes on from above
    _goes_on: bool = False
    _rows: list[list[str]] = field(default_factory=list)
    _after: list[Element] = field(default_factory=list)

    def add(self, words: str, inserted: bool) -> None:
        """Words of the paragraph or cell that is being read."""
        self.settle()
        self._inserted = self._inserted or (inserted and bool(words.strip()))
        self._gap = True
        self._text += words

    def add_raised(self, words: str) -> None:
        self._raised += words

    def take_out(self, words: str, change: Change) -> None:
        """Struck-out or deleted words, joined to those right before them."""
        if self._revised and self._revised[-1][0] == change and not self._gap:
            self._revised[-1] = (change, self._revised[-1][1] + words)
        else:
            self._revised.append((change, words))
        self._gap = False

    def mark(self) -> None:
        """Here a note is referred to; RTF numbers them as they come."""
        self._noted += 1
        if not re.search(r"\(note \d+\)$", self._text):
            self._text = self._text.rstrip() + f" (note {self._noted})"

    def note(self, words: str) -> None:
        """The words of the note referred to last."""
        if text := clean(words):
            self._notes.append(Element(ElementKind.NOTE, f"Note {self._noted}: {text}"))

    def comment(self, words: str, author: str) -> None:
        if clean(words):
            self._comments.append(comment(words, clean(author)))

    def settle(self) -> None:
        """Raised characters, now that they are all there, as plain text."""
        if self._raised:
            self._text += raised(self._text, self._raised)
            self._raised = ""

    def tabular(self, name: str) -> None:
        if name in ("cell", "nestcell"):
            self._cells.append(self._taken())
        elif name in ("row", "nestrow"):
            self._end_row()
        elif name == "trowd":
            self._spans, self._goes_on = [], False
        elif name == "clvmrg":
            self._goes_on = True
        else:
            self._spans.append(self._goes_on)
            self._goes_on = False

    def _end_row(self) -> None:
        if self._cells:
            above = self._rows[-1] if self._rows else []
            for at, goes_on in enumerate(self._spans[: min(len(self._cells), len(above))]):
                self._cells[at] = self._cells[at] or (above[at] if goes_on else "")
            self._rows.append(self._cells)
            self._cells = []

    def _taken(self) -> str:
        """The words of a paragraph or cell; what hangs on it waits."""
        self.settle()
        words, self._text = clean(self._text), ""
        revised = [change.element(text) for change, text in self._revised if clean(text)]
        self._after += [*self._notes, *revised, *self._comments]
        self._revised, self._notes, self._comments = [], [], []
        return words

    def end_table(self) -> None:
        self._end_row()
        if not self._rows:
            return
        text = rows_to_text(self._rows)
        self._rows = []
        if text:
            self._emit(ElementKind.TABLE if "\n" in text or " | " in text else ElementKind.PARAGRAPH, text, 0)

    def end_paragraph(self, state: State) -> None:
        """`state`: that at its end."""
        if not state.in_table:
            waiting, self._cells = self._cells, []
            if waiting:
                self._rows.append(waiting)
            if self._rows:
                held = self._revised, self._notes, self._comments
                self._revised, self._notes, self._comments = [], [], []
                self.end_table()
                self._revised, self._notes, self._comments = held
        words = self._taken()
        kind = ElementKind.PARAGRAPH
        if state.level and len(words) <= 200:
            kind = ElementKind.HEADING
        elif state.list_item:
            kind = ElementKind.LIST_ITEM
        self._emit(kind, words, state.level if kind is ElementKind.HEADING else 0)

    def _emit(self, kind: ElementKind, words: str, level: int) -> None:
        after, self._after = self._after, []
        redlined = self._inserted or any(one.kind is ElementKind.REVISION for one in after)
        self._inserted = False
        warning = FileWarning(
            WarningKind.REDLINE, "Words of this passage are struck out or changed; see which of them hold."
        )
        if words:
            self.elements.append(Element(kind, words, level, warnings=(warning,) if redlined else ()))
        elif redlined and after:
            after[0] = replace(after[0], warnings=(warning,))
        self.elements += after
