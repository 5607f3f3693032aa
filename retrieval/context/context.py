"""From ranked hits to what the model sees: merged neighbours within a budget, trimmed, best evidence at the ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from retrieval.context.dividing import Share, only, shares
from retrieval.context.following import referred
from retrieval.context.trimming import READ, Best, Cut, Scored, Text, Trimmer
from retrieval.protocols import ChunkReader
from retrieval.types import ChunkText, Context, Hit, Lead, Passage, Principal, SearchResult

Shown = TypeVar("Shown")
_FOLLOWED = 600  # characters of what a sentence refers to
_READ_OF_IT = 6  # sentences of it that the reranker reads
_REFERRING = 2.0  # logits behind the best sentence: what so good a sentence refers to is shown as well


@dataclass(frozen=True, slots=True)
class ContextOptions:
    """`budget_chars` over all passages where nothing is trimmed, `passages` at most for the question or each of its
    parts, beside what they refer to; `widen_below` the size under which a passage takes in its neighbours of the same
    section, up to `passage_chars`."""

    budget_chars: int = 3200
    passages: int = 5
    passage_chars: int = 1200
    widen_below: int = 400


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is shown of a text, `start` to `end` in it, for a part of the question."""

    span: ChunkText
    start: int
    end: int
    part: int


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What is shown for a part, best first, and its most relevant sentence."""

    pieces: Sequence[_Piece]
    lead: tuple[ChunkText, Best] | None


class SectionContextBuilder:
    """Implements `generation.protocols.ContextBuilder`. Text comes from the secured reader only.

    With a `trimmer` the passages are cut down to what bears on the question, each part of it within its share of the
    trimmer's budget, and one step is made to what the best sentences refer to.
    """

    def __init__(
        self, chunks: ChunkReader, options: ContextOptions | None = None, trimmer: Trimmer | None = None
    ) -> None:
        self._chunks = chunks
        self._options = options or ContextOptions()
        self._trimmer = trimmer

    async def build(self, query: str, result: SearchResult, principal: Principal) -> Context:
        return await asyncio.to_thread(self.build_now, query, result.hits, principal, result.parts_asked)

    def build_now(self, query: str, hits: Sequence[Hit], principal: Principal, parts: Sequence[str] = ()) -> Context:
        """The best passages that fit, numbered in prompt order; `parts`: the questions of which each needs its own."""
        spans = self._spans(hits, principal)
        if self._trimmer is None:
            fitting = self._fitting(spans)
            return _context([_Piece(span, 0, len(span.text), only(hit.parts)) for hit, span in fitting], None)
        found: list[_Evidence] = []
        texts = [span for _, span in spans]
        for share in (divided := shares(query, [hit for hit, _ in spans], parts)):
            used = sum(piece.end - piece.start for one in found for piece in one.pieces)
            room = max(0, self._trimmer.budget_chars - used) // (len(divided) - len(found))
            found.append(self._evidence(self._trimmer, share, texts, room, READ // len(divided), principal))
        leads = [one.lead for one in found if one.lead]
        best = max(leads, key=lambda lead: lead[1].score, default=None)
        return _context(_merged(_within(piece, texts) for one in found for piece in one.pieces), best)

    def _evidence(
        self, trimmer: Trimmer, share: Share, spans: Sequence[ChunkText], room: int, read: int, principal: Principal
    ) -> _Evidence:
        """What is shown for one part of the question within `room` characters; the reranker reads `read` sentences."""
        spans = [spans[at] for at in share.standings]
        standings = zip(spans, share.standings.values(), strict=True)
        texts = [Text(span.heading, span.text, span.table_header, standing) for span, standing in standings]
        scored = trimmer.scored(share.question, texts, read)
        cut = trimmer.chosen(scored, room)
        followed = list(self._followed(trimmer, share, spans, scored, cut, room, principal))
        if followed:
            cut = trimmer.chosen(scored, room - sum(piece.end - piece.start for piece in followed))
        kept = [piece for piece in followed if not any(_shows(span, *run, piece) for span, run in _runs(spans, cut))]
        pieces = [_Piece(span, *run, share.part) for span, run in _runs(spans, cut)]
        return _Evidence([*pieces[:1], *kept, *pieces[1:]], (spans[cut.best.at], cut.best) if cut.best else None)

    def _followed(
        self,
        trimmer: Trimmer,
        share: Share,
        spans: Sequence[ChunkText],
        scored: Scored,
        cut: Cut,
        room: int,
        principal: Principal,
    ) -> Iterator[_Piece]:
        """What the best sentence refers to, cut to what bears on the question: at most two pieces within a fourth of
        the room each, and nothing that is shown anyway."""
        if cut.best is None:
            return
        span = spans[cut.best.at]
        first, last = cut.spans[cut.best.at]
        near = [
            place
            for place, score in zip(scored.spans[cut.best.at], scored.scores[cut.best.at], strict=True)
            if first <= place[0] and place[1] <= last and score >= cut.best.score - _REFERRING
        ]
        sentence = "\n".join(span.text[slice(*place)] for place in near)
        taken: list[_Piece] = []
        for other in referred(share.question, sentence, span, self._chunks, principal):
            text = Text(other.heading, other.text, other.table_header)
            limit = min(_FOLLOWED, room // 4)
            (run,) = trimmer.chosen(trimmer.scored(share.question, [text], _READ_OF_IT), limit).spans
            piece = _Piece(other, *run, share.part)
            shown = any(_shows(one, *run, piece) for one, run in _runs(spans, cut))
            if len(taken) < 2 and run[1] - run[0] <= limit and not shown:
                taken.append(piece)
                yield piece

    def _spans(self, hits: Sequence[Hit], principal: Principal) -> list[tuple[Hit, ChunkText]]:
        """The hits with their texts, widened; what an earlier one holds is left out."""
        spans: list[tuple[Hit, ChunkText]] = []
        for hit in hits:
            span = self._widened(hit.chunk, principal)
            if not any(_repeats(span, other) for _, other in spans):
                spans.append((hit, span))
        return spans

    def _fitting(self, spans: Sequence[tuple[Hit, ChunkText]]) -> list[tuple[Hit, ChunkText]]:
        """The first of them that fit the budget together, one at least."""
        fitting: list[tuple[Hit, ChunkText]] = []
        left = self._options.budget_chars
        for hit, span in spans[: self._options.passages]:
            left -= len(span.text)
            if fitting and left < 0:
                break
            fitting.append((hit, span))
        return fitting

    def _widened(self, chunk: ChunkText, principal: Principal) -> ChunkText:
        """The span that the chunk stands for, else the chunk with its neighbours of the same section, as far as the
        passage limit allows."""
        if chunk.parent is not None:
            return self._chunks.parent(chunk, principal) or chunk
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


def _context(pieces: Sequence[_Piece], lead: tuple[ChunkText, Best] | None) -> Context:
    """The pieces, best first, as passages in prompt order."""
    passages = tuple(
        Passage(marker, span, span.text[start:end], span.start + start, span.start + end, part)
        for marker, piece in enumerate(_best_at_the_ends(pieces), 1)
        for span, start, end, part in [(piece.span, piece.start, piece.end, piece.part)]
    )
    return Context(passages, _lead(passages, *lead) if lead else None)


def _lead(passages: Sequence[Passage], span: ChunkText, best: Best) -> Lead:
    start, end = best.span
    marker = next(passage.marker for passage in passages if passage.chunk == span)
    return Lead(marker, span.start + start, span.start + end, best.score, best.ahead)


def _runs(spans: Sequence[ChunkText], cut: Cut) -> list[tuple[ChunkText, tuple[int, int]]]:
    """The texts of which something is shown, with what."""
    return [(span, run) for span, run in zip(spans, cut.spans, strict=True) if run[1] > run[0]]


def _shows(span: ChunkText, start: int, end: int, piece: _Piece) -> bool:
    """Whether a run of a text shares characters with a piece of the same version."""
    if (span.document_id, span.version) != (piece.span.document_id, piece.span.version):
        return False
    return span.start + start < piece.span.start + piece.end and piece.span.start + piece.start < span.start + end


def _merged(pieces: Iterator[_Piece]) -> list[_Piece]:
    """Each text once: what two parts of the question show of it becomes one piece, for the whole question."""
    kept: dict[ChunkText, _Piece] = {}
    for piece in pieces:
        one = kept.get(piece.span, piece)
        part = one.part if one.part == piece.part else 0
        kept[piece.span] = _Piece(one.span, min(one.start, piece.start), max(one.end, piece.end), part)
    return list(kept.values())


def _within(piece: _Piece, spans: Sequence[ChunkText]) -> _Piece:
    """The same piece of that one of the texts that holds it, if there is one."""
    for span in spans:
        if _shows(span, 0, len(span.text), piece):
            shift = piece.span.start - span.start
            return replace(piece, span=span, start=piece.start + shift, end=piece.end + shift)
    return piece


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
