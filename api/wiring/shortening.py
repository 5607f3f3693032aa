"""Retrieval's trimming, for those in generation who make rows and may not know retrieval's inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generation.gate.claims import sentence_spans
from retrieval.context.trimming import Span, Text, Trimmer
from retrieval.protocols import Reranker


@dataclass(frozen=True, slots=True)
class TrimmerShortening:
    """Implements `generation.training.data.gating.Shortening`."""

    reranker: Reranker

    @property
    def name(self) -> str:
        return self.reranker.name

    def spans(self, question: str, texts: Sequence[tuple[str, str]], budget_chars: int) -> Sequence[Span]:
        trimmer = Trimmer(self.reranker, sentence_spans, budget_chars)
        return trimmer.cut(question, [Text(heading, text) for heading, text in texts]).spans
