"""A question, the sentences that answer it and sentences that do not, as pairs to train the selector on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from generation.gate.claims import sentence_spans
from generation.gate.selector import under
from generation.training.data.conversations import rows_of
from generation.training.data.exercises import Piece
from generation.training.data.pairs import Label, Pair
from generation.training.data.words import content_words
from retrieval.text.tables import BAR, header_above, told, unit_above

_SHORTEST, _LONGEST = 4, 400  # words; characters, as of what may be quoted
_NEAREST, _ANY = 3, 1  # sentences beside the question that are taken: the nearest ones, and some of the others


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, or a table's row told with its header, under its heading ("" for none)."""

    heading: str
    text: str

    @property
    def read(self) -> str:
        """As the selector reads it."""
        return under(self.heading, self.text)


@dataclass(frozen=True, slots=True)
class Asked:
    """`kind` says how it came about, `document` decides on which side of a split it stands. Of `beside` the nearest
    are taken, all others at random."""

    kind: str
    source: str
    document: str
    question: str
    answers: Sequence[Line] = ()
    beside: Sequence[Line] = ()

    def pairs(self, random: Random) -> Iterator[Pair]:
        """The question stands first, as the reranker reads it that training starts from."""
        labelled: list[tuple[Line, Label]] = [(line, "entailed") for line in dict.fromkeys(self.answers)]
        labelled += [(line, "not_entailed") for line in _nearest(self.question, self.beside, random)]
        for line, label in labelled:
            yield Pair(self.question, line.read, label, self.kind, self.source, self.document)


def lines_of(piece: Piece) -> list[Line]:
    """The sentences and rows of a passage that could be quoted."""
    text = rows_of(piece.text)
    return [line for span in sentence_spans(text) if (line := _line(piece.heading, text, *span))]


def whole(text: str) -> bool:
    """Whether it has the length of what may be quoted."""
    return len(text.split()) >= _SHORTEST and len(text) <= _LONGEST


def _line(heading: str, passage: str, start: int, end: int) -> Line | None:
    text = passage[start:end]
    if BAR in text:
        header = header_above(passage, start)
        text = f"{unit_above(passage, start)} {told(header, text)}" if header else ""
    text = " ".join(text.split())
    return Line(heading, text) if whole(text) else None


def _nearest(question: str, lines: Sequence[Line], random: Random) -> list[Line]:
    """Those that share most words with the question, and one of the rest."""
    asked = content_words(question)
    shuffled = random.sample(unique := list(dict.fromkeys(lines)), len(unique))
    ranked = sorted(shuffled, key=lambda line: -len(asked & content_words(line.text)))
    rest = ranked[_NEAREST:]
    return [*ranked[:_NEAREST], *random.sample(rest, min(_ANY, len(rest)))]
