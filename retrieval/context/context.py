"""From ranked hits to what the model sees: merged neighbours within a budget, trimmed, best evidence at the ends."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from retrieval.context.trimming import Cut, Text, Trimmer
from retrieval.protocols import ChunkReader
from retrieval.types import ChunkText, Context, Hit, Lead, Passage, Principal, SearchResult

Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class ContextOptions:
    """`budget_chars` over all passages, `passages` at most, `widen_below` the size under which a passage takes
    in its neighbours of the same section, up to `passage_chars`."""

    budget_chars: int = 3200
    passages: int = 5
    passage_chars: int = 1200
    widen_below: int = 400


class SectionContextBuilder:
    """Implements `generation.protocols.ContextBuilder`. Text comes from the secured reader only.

    With a `trimmer` the passages are then cut down to what bears on the question.
    """

    def __init__(
        self, chunks: ChunkReader, options: ContextOptions | None = None, trimmer: Trimmer | None = None
    ) -> None:
        self._chunks = chunks
        self._options = options or ContextOptions()
        self._trimmer = trimmer

    async def build(self, query: str, result: SearchResult, principal: Principal) -> Context:
        return await asyncio.to_thread(self.build_now, query, result.hits, principal)

    def build_now(self, query: str, hits: Sequence[Hit], principal: Principal) -> Context:
        """The best passages that fit, numbered in prompt order."""
        spans = self._fitting(hits, principal)
        cut = self._cut(query, spans)
        shown = [(span, start, end) for span, (start, end) in zip(spans, cut.spans, strict=True) if end > start]
        ordered = _best_at_the_ends(shown)
        passages = tuple(
            Passage(marker, span, span.text[start:end], span.start + start, span.start + end)
            for marker, (span, start, end) in enumerate(ordered, 1)
        )
        return Context(passages, _lead(passages, spans, cut))

    def _cut(self, query: str, spans: Sequence[ChunkText]) -> Cut:
        """The part of each text that is shown."""
        if self._trimmer is None:
            return Cut([(0, len(span.text)) for span in spans], None)
        return self._trimmer.cut(query, [Text(span.heading, span.text, span.table_header) for span in spans])

    def _fitting(self, hits: Sequence[Hit], principal: Principal) -> list[ChunkText]:
        spans: list[ChunkText] = []
        used = 0
        for hit in hits:
            span = self._widened(hit.chunk, principal)
            if any(_repeats(span, other) for other in spans):
                continue
            if spans and (len(spans) >= self._options.passages or used + len(span.text) > self._options.budget_chars):
                break
            spans.append(span)
            used += len(span.text)
        return spans

    def _widened(self, chunk: ChunkText, principal: Principal) -> ChunkText:
        """The chunk with its neighbours of the same section, as far as the passage limit allows."""
        if len(chunk.text) >= self._options.widen_below:
            return chunk
        span = chunk
        around = self._chunks.neighbours(chunk, principal, reach=2)
        after = [other for other in around if other.start >= chunk.end]
        before = [other for other in reversed(around) if other.end <= chunk.start]
        for other in (*after, *before):
            joined = _joined(span, other)
            if joined and len(joined.text) <= self._options.passage_chars:
                span = joined
        return span


def _lead(passages: Sequence[Passage], spans: Sequence[ChunkText], cut: Cut) -> Lead | None:
    if cut.best is None:
        return None
    span, (start, end) = spans[cut.best.at], cut.best.span
    marker = next(passage.marker for passage in passages if passage.chunk is span)
    return Lead(marker, span.start + start, span.start + end, cut.best.score, cut.best.ahead)


def _joined(span: ChunkText, other: ChunkText) -> ChunkText | None:
    """Both as one span of the text if they touch and belong to the same section, else None."""
    first, second = (span, other) if span.start < other.start else (other, span)
    separator = _between(first, second)
    if separator is None or first.section_path != second.section_path:
        return None
    return replace(first, chunk_id=span.chunk_id, end=second.end, text=first.text + separator + second.text)


def _between(first: ChunkText, second: ChunkText) -> str | None:
    """What the text holds between two chunks that touch: nothing, one blank, a row's or an element's end."""
    row_or_blank = "\n" if second.table_header else " "
    return {0: "", 1: row_or_blank, 2: "\n\n"}.get(second.start - first.end)


def _repeats(span: ChunkText, other: ChunkText) -> bool:
    """Overlapping spans of one version, or the same words elsewhere."""
    if (span.document_id, span.version) == (other.document_id, other.version):
        return span.start < other.end and other.start < span.end
    return span.text == other.text


def _best_at_the_ends(spans: Sequence[Shown]) -> list[Shown]:
    """Ranks 1, 3, 5, ... then ..., 4, 2: models read the middle least (Liu et al. 2023, arXiv 2307.03172)."""
    return [*spans[0::2], *reversed(spans[1::2])]
