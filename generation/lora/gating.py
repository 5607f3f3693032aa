"""The service's gate and trimming over pieces of the public sets, for those who make rows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from generation.checking import Checker
from generation.claims import sentence_spans
from generation.faithfulness import Gate
from generation.judge.data.exercises import Piece
from generation.lora.checks import Asked, Support
from generation.lora.conversations import Trim, passage_of, rows_of
from generation.types import Judgement, Verdict
from retrieval.protocols import Reranker
from retrieval.trimming import Text, Trimmer
from retrieval.types import Context


def supported_by(checker: Checker) -> Support:
    """The gate's figures and judge, against whole passages as the generator saw them."""

    def support(sentence: str, pieces: Sequence[Piece]) -> float:
        evidence = "\n\n".join(f"{piece.heading}\n{rows_of(piece.text)}".strip() for piece in pieces)
        return checker.check(sentence, evidence).support

    return support


def asked_by(checker: Checker) -> Asked:
    """What the gate itself asks its second judge. Not to be called where an event loop runs."""

    def asked(sentence: str, pieces: Sequence[Piece]) -> Sequence[tuple[str, str]]:
        heard = _Heard()
        context = Context(tuple(passage_of(marker, piece) for marker, piece in enumerate(pieces, 1)))
        texts = {passage.marker: f"{passage.chunk.heading}\n{passage.text}" for passage in context.passages}
        cited = "".join(f"[{marker}]" for marker in texts)
        gate = Gate(checker.model, checker.limits, second=heard)
        asyncio.run(gate.check(f"{sentence} {cited}", context, texts, "", opening=False))
        return heard.asked

    return asked


@dataclass(slots=True)
class _Heard:
    """A `Judge` that notes what it is asked, and always says yes: the gate then looks no further."""

    name: str = "heard"
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def judge(self, evidence: str, claim: str, *, question: str = "") -> Judgement:
        self.asked.append((evidence, claim))
        return Judgement(Verdict.ENTAILED, 1.0, "second")


def trimmed_by(reranker: Reranker) -> Trim:
    """The service's trimming; a table keeps its first row."""

    def trim(question: str, pieces: Sequence[Piece], budget: int) -> Sequence[Piece | None]:
        heads = [piece.text.partition("\n")[0] + "\n" if piece.text.startswith("|") else "" for piece in pieces]
        texts = [
            Text(f"{piece.heading}\n{head}".strip(), piece.text.removeprefix(head))
            for piece, head in zip(pieces, heads, strict=True)
        ]
        spans = Trimmer(reranker, sentence_spans, budget).spans(question, texts)
        return [
            replace(piece, text=head + text.text[start:end]) if end else None
            for piece, head, text, (start, end) in zip(pieces, heads, texts, spans, strict=True)
        ]

    return trim
