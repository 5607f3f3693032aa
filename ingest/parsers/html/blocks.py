"""Blocks of a page while they are read: a paragraph, heading or item becomes an element where it ends."""

from __future__ import annotations

from collections.abc import Callable

from ingest.parsers.html.notes import Note, without_mark
from ingest.parsers.html.output import Aside, Output
from ingest.parsers.html.sinks import Sink
from ingest.types import Element, ElementKind

_BULLETS = frozenset("•‣⁃⁌⁍∙○●◘◦☙❥❧⦾⦿·*")


class Blocks:
    """`sinks`: the block or note and the runs open in it, innermost last. `marker`, `kind`: those of the next block.
    `level`: of the heading that is being read, else 0. `pre`: in how many preformatted elements."""

    def __init__(self, out: Output, give: Callable[[Note], None], kind: str) -> None:
        """`give`: called for each note that an element refers to, once that is put down."""
        self._out = out
        self._give = give
        self.sinks = [Sink(kind)]
        self.aside = Aside()
        self.marker = ""
        self.kind = ElementKind.PARAGRAPH
        self.level = 0
        self.pre = 0
        self.broken = False  # a line break stands last

    @property
    def sink(self) -> Sink:
        return self.sinks[-1]

    def pop(self) -> Sink:
        return self.sinks.pop()

    def add(self, text: str) -> None:
        if not text:
            return
        sink = self.sink
        if not text.isspace():
            self.broken = False
        sink.add(text if self.pre else " ".join(("", *text.split(), "")) if text.isspace() else _spaced(text))

    def push(self, kind: str) -> str:
        self.sinks.append(Sink(kind))
        return kind

    def line_break(self) -> None:
        if self.pre:
            self.sink.add("\n")
        elif self.broken and self.sink.kind == "block" and not self.level:
            self.flush()
        else:
            self.sink.add(" ")
            self.broken = bool(self.sink.tail.strip())

    def flush(self, level: int = 0) -> None:
        """Ends the block that is being read; inside a heading, cell or the like, its words go on."""
        sink = self.sink
        self.broken = False
        if self.pre:
            if sink.tail[-1:] not in ("", "\n"):
                sink.add("\n")
            return
        if self.level or sink.kind != "block":
            if sink.tail[-1:] not in ("", " "):
                sink.add(" ")
            return
        text = sink.text()
        if not text:
            sink.clear()
            self.settle()
            return
        self.sinks[-1] = Sink("block")
        kind = ElementKind.HEADING if level else self.kind
        if kind is ElementKind.PARAGRAPH and _is_bulleted(text):
            kind = ElementKind.LIST_ITEM
        self.kind = ElementKind.PARAGRAPH
        text = f"{self.marker} {text}" if self.marker else text
        self.marker = ""
        if sink.opening and not level and (words := without_mark(text, sink.opening)) != text and words:
            self.loose(sink.opening, words)
            return
        self.emit(Element(kind, text, level))

    def emit(self, element: Element) -> None:
        """Puts an element down, and behind it the notes that it refers to."""
        aside, self.aside = self.aside, Aside()
        self._out.put(element, aside)
        for note in aside.notes:
            self._give(note)

    def settle(self) -> None:
        """Puts down struck-out words that stand in no sentence."""
        if self.aside.struck:
            aside, self.aside = self.aside, Aside(notes=self.aside.notes, marks=self.aside.marks)
            self._out.struck(aside)

    def loose(self, mark: str, words: str) -> None:
        aside, self.aside = self.aside, Aside()
        self._out.loose(mark, words, aside)

    def end_preformatted(self) -> None:
        """Preformatted text is read as plain text is: its lines mean something."""
        from ingest.parsers import text

        sink, self.sinks[-1] = self.sinks[-1], Sink("block")
        for element in text.elements_of("".join(sink.pieces), headings=False):
            self.emit(element)


def _spaced(text: str) -> str:
    """`text` with single spaces, those at its ends kept."""
    return " " * text[0].isspace() + " ".join(text.split()) + " " * text[-1].isspace()


def _is_bulleted(text: str) -> bool:
    """Whether a line begins with a bullet."""
    return text[:1] in _BULLETS and text[1:2] == " "
