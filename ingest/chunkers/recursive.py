"""Chunks of even size: cut at the widest gap that leaves a part small enough, whatever headings there are."""

from __future__ import annotations

from bisect import bisect_right

from ingest.chunkers.pieces import MILDEST, cut_spans, made, outlined, page_at, shortened, splitter
from ingest.types import Chunk, Document, ElementKind


class RecursiveChunker:
    """Between elements, else lines and rows, else sentences, else words (`RecursiveCharacterTextSplitter` of LangChain,
    without overlap). A chunk's section is the one that it begins in."""

    def __init__(self, *, target_chars: int = 800, max_chars: int = 1200) -> None:
        self._target, self._max = target_chars, max_chars

    def chunks(self, document: Document) -> tuple[Chunk, ...]:
        prose = splitter(self._target, ("\n\n", "\n", " | ", *MILDEST[1:]))
        placed = list(outlined(document))
        starts = [one.start for one, _ in placed]
        found: list[Chunk] = []
        for span in cut_spans(document.text, prose, self._max):
            one, section = placed[max(0, bisect_right(starts, span[0]) - 1)]
            inside = one.element.kind is ElementKind.TABLE and one.start < span[0]
            header = shortened(one.element.text.split("\n", 1)[0], self._max // 2) if inside else ""
            page = page_at(one, span[0] - one.start)
            found.append(made(document, len(found), span, section, page, header))
        return tuple(found)
