"""Evidence to citations: the narrowest span that supports a sentence, resolved to bytes of an immutable version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generation.claims import sentence_spans
from generation.errors import UnresolvedCitation
from generation.figures import figures
from generation.protocols import EvidenceScorer
from generation.types import Citation
from ingest.types import Box, LineBox
from retrieval.types import Passage

_REACH = 3  # sentences on either side of the best one


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of a passage, with offsets into the version's canonical text. `score` compares how well spans support
    one claim: how many of its numbers and dates they state, then how well their words fit."""

    passage: Passage
    start: int
    end: int
    score: tuple[int, float]

    @property
    def quote(self) -> str:
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]

    @property
    def framed(self) -> str:
        """The quote under its title, headings and, in a table, its header row: what the judge reads."""
        header = _table_header(self.passage, self.quote)
        return "\n".join(part for part in (self.passage.chunk.heading, header, self.quote) if part)


def select_evidence(claim: str, passage: Passage, scorer: EvidenceScorer) -> Evidence:
    """The sentence of the passage that supports the claim best, widened to near ones whose figures it needs.

    Best is what states most of the claim's numbers and dates, and among equals what the scorer prefers.
    """
    spans = _body_spans(passage)
    texts = [passage.text[start:end] for start, end in spans]
    scores = [float(score) for score in scorer.score(claim, texts)]
    wanted = _particulars(claim)
    stated = [wanted & _particulars(text) for text in texts]
    best = max(range(len(spans)), key=lambda i: (len(stated[i]), scores[i], -i))
    first = last = best
    lacking = wanted - stated[best]
    for at in sorted(range(len(spans)), key=lambda i: abs(i - best)):
        if abs(at - best) <= _REACH and lacking & stated[at]:
            first, last = min(first, at), max(last, at)
            lacking -= stated[at]
    found = len(wanted) - len(lacking)
    return _evidence(passage, spans[first][0], spans[last][1], (found, scores[best]))


def widened(evidence: Evidence) -> Evidence:
    """The evidence with one more sentence on either side; itself if the passage ends there."""
    spans = sentence_spans(evidence.passage.text)
    offset = evidence.passage.start
    inside = [
        i for i, (start, end) in enumerate(spans) if start + offset < evidence.end and evidence.start < end + offset
    ]
    first, last = max(inside[0] - 1, 0), min(inside[-1] + 1, len(spans) - 1)
    return _evidence(evidence.passage, spans[first][0], spans[last][1], evidence.score)


def resolve(evidence: Evidence, number: int, text: str, lines: Sequence[LineBox]) -> Citation:
    """The citation with id `number`, checked against the version's canonical text; raises `UnresolvedCitation`."""
    if text[evidence.start : evidence.end] != evidence.quote or not evidence.quote:
        raise UnresolvedCitation(f"characters {evidence.start}-{evidence.end} are not the quoted words")
    chunk = evidence.passage.chunk
    boxes = boxes_of(lines, evidence.start, evidence.end)
    return Citation(
        id=number,
        document_id=chunk.document_id,
        version=chunk.version,
        content_sha256=chunk.content_sha256,
        title=chunk.title,
        source=chunk.source,
        section_path=chunk.section_path,
        page=boxes[0].page if boxes else chunk.page,
        start=evidence.start,
        end=evidence.end,
        quote=evidence.quote,
        boxes=boxes,
    )


def boxes_of(lines: Sequence[LineBox], start: int, end: int) -> tuple[Box, ...]:
    """The boxes of the printed lines that hold any of the characters [start, end)."""
    return tuple(line.box for line in lines if line.start < end and start < line.end)


def _body_spans(passage: Passage) -> list[tuple[int, int]]:
    """The sentences of a passage without its headings, unless it has nothing else."""
    spans = sentence_spans(passage.text)
    headings = {passage.chunk.title, *passage.chunk.section_path}
    return [(start, end) for start, end in spans if passage.text[start:end] not in headings] or spans


def _particulars(text: str) -> frozenset[object]:
    """Numbers and dates, with the year and day of a date also as numbers."""
    found = figures(text)
    return frozenset((*found.numbers, *found.dates, *(float(n) for day in found.dates for n in (day.year, day.day))))


def _evidence(passage: Passage, start: int, end: int, score: tuple[int, float]) -> Evidence:
    return Evidence(passage, passage.start + start, passage.start + end, score)


def _table_header(passage: Passage, quote: str) -> str:
    """The header row above a quoted table row, unless the quote holds it itself."""
    if " | " not in quote:
        return ""
    rows = [line for line in passage.text.split("\n") if " | " in line]
    header = passage.chunk.table_header or (rows[0] if rows else "")
    return "" if header in quote else header
