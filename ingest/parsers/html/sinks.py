"""Where the words of a page go while it is walked through: a block, a cell, a struck-out or a raised run."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.parsers.clean import clean


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

    def clear(self) -> None:
        self.pieces, self.tail, self.opening = [], "", ""
