"""The service's gate and trimming over pieces of the public sets, for those who make rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from generation.gate.checking import Checker
from generation.training.data.conversations import Trim, rows_of
from generation.training.data.exercises import Piece

Support = Callable[[str, Sequence[Piece]], float]
"""How far the gate's trained judge thinks a sentence supported by these pieces, in [0, 1]; 0 if figures are missing."""


class Shortening(Protocol):
    """The service's trimming, handed in by who puts the parts together."""

    @property
    def name(self) -> str: ...

    def spans(self, question: str, texts: Sequence[tuple[str, str]], budget_chars: int) -> Sequence[tuple[int, int]]:
        """Of each (heading, text) the one span of the text that is shown, of at most `budget_chars` characters in all;
        empty for a text of which nothing is."""
        ...


def supported_by(checker: Checker) -> Support:
    """The gate's figures and judge, against whole passages as the generator saw them."""

    def support(sentence: str, pieces: Sequence[Piece]) -> float:
        evidence = "\n\n".join(f"{piece.heading}\n{rows_of(piece.text)}".strip() for piece in pieces)
        return checker.check(sentence, evidence).support

    return support


def trimmed_by(shortening: Shortening) -> Trim:
    """The service's trimming; a table keeps its first row."""

    def trim(question: str, pieces: Sequence[Piece], budget: int) -> Sequence[Piece | None]:
        heads = [piece.text.partition("\n")[0] + "\n" if piece.text.startswith("|") else "" for piece in pieces]
        texts = [
            (f"{piece.heading}\n{head}".strip(), piece.text.removeprefix(head))
            for piece, head in zip(pieces, heads, strict=True)
        ]
        spans = shortening.spans(question, texts, budget)
        return [
            replace(piece, text=head + text[start:end]) if end else None
            for piece, head, (_, text), (start, end) in zip(pieces, heads, texts, spans, strict=True)
        ]

    return trim
