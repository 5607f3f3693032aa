"""Chunks of source files: functions and classes whole, under the names that they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.chunkers.pieces import Cutter, Piece, chunk, trimmed
from ingest.chunkers.structure import StructureChunker
from ingest.types import Chunk, Definition, Document, ElementKind, PlacedElement

_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class _Span:
    """Characters [start, end) of a source text. `path`: the definitions that it stands in, itself the last one if it is
    one; `home`: those around it."""

    start: int
    end: int
    path: tuple[str, ...]
    home: tuple[str, ...]


class CodeChunker:
    """A definition that fits is one chunk, its path the definitions around it and itself. A longer one is cut between
    those that lie in it, else at lines; small neighbours go together. What is no source file is left to structure."""

    def __init__(self, *, target_chars: int = 800, max_chars: int = 1600) -> None:
        self._cutter = Cutter(target_chars, max_chars)
        self._small = target_chars // 2
        self._rest = StructureChunker(target_chars=target_chars, max_chars=target_chars * 3 // 2)

    def chunks(self, document: Document) -> tuple[Chunk, ...]:
        if not is_source(document):
            return self._rest.chunks(document)
        groups = [group for placed in document.elements for group in self._element(placed)]
        return tuple(chunk(document, ordinal, group) for ordinal, group in enumerate(groups))

    def _element(self, placed: PlacedElement) -> Iterator[list[Piece]]:
        text, page = placed.element.text, placed.element.page
        group: list[_Span] = []
        for span in self._spans(text, Definition(0, len(text), ""), placed.element.definitions, ()):
            size = span.end - group[0].start if group else 0
            if group and size <= self._cutter.limit and not _WORD.search(text, span.start, span.end):
                group[-1] = replace(group[-1], end=span.end)  # a bracket
                continue
            if group and (size > self._small or span.home != group[0].home):
                yield [_piece(placed.start, group, page)]
                group = []
            group.append(span)
        if group:
            yield [_piece(placed.start, group, page)]

    def _spans(
        self, text: str, outer: Definition, inner: Sequence[Definition], path: tuple[str, ...]
    ) -> Iterator[_Span]:
        """Spans of `outer` in order. Goes as deep as definitions lie in each other."""
        if outer.name and outer.end - outer.start <= self._cutter.limit:
            yield from (_Span(start, end, path, path[:-1]) for start, end in trimmed(text, outer.start, outer.end))
            return
        position = outer.start
        for one, below in _children(outer, inner):
            yield from self._lines(text, position, one.start, path)
            yield from self._spans(text, one, below, (*path, one.name))
            position = one.end
        yield from self._lines(text, position, outer.end, path)

    def _lines(self, text: str, start: int, end: int, path: tuple[str, ...]) -> Iterator[_Span]:
        for first, last in trimmed(text, start, end):
            for a, b in self._cutter.split(text[first:last]):
                yield _Span(first + a, first + b, path, path)


def is_source(document: Document) -> bool:
    return bool(document.elements) and all(placed.element.kind is ElementKind.CODE for placed in document.elements)


def _children(outer: Definition, inner: Sequence[Definition]) -> Iterator[tuple[Definition, list[Definition]]]:
    """Those that lie right in `outer`, each with what lies in it."""
    held: list[Definition] = []
    one: Definition | None = None
    for other in inner:
        if one is not None and other.start < one.end:
            if other.end <= one.end:
                held.append(other)
            continue
        if one is not None:
            yield one, held
        one, held = (other, []) if outer.start <= other.start and other.end <= outer.end else (one, held)
    if one is not None:
        yield one, held


def _piece(shift: int, group: Sequence[_Span], page: int | None) -> Piece:
    path = group[0].path if len({span.path for span in group}) == 1 else group[0].home
    return Piece(shift + group[0].start, shift + group[-1].end, path, page)
