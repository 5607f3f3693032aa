"""Sources in the order in which they are cited first, so that Word's own numbers of footnotes are theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from api.exports.types import Matrix, Memo, Source


def numbered_memo(memo: Memo) -> Memo:
    """Numbers from 1 without gaps; what nothing cites is left out. Raises `KeyError` for a source that is not there."""
    cited = (number for passage in memo.passages for one in passage.statements for number in one.sources)
    new = _numbers(cited)
    passages = tuple(
        replace(
            passage,
            statements=tuple(replace(one, sources=_renamed(one.sources, new)) for one in passage.statements),
        )
        for passage in memo.passages
    )
    return replace(memo, passages=passages, sources=_ordered(memo.sources, new))


def numbered_matrix(matrix: Matrix) -> Matrix:
    """The same, row after row. Raises `ValueError` where rows and columns are not those of documents and questions."""
    for _, row in zip(matrix.documents, matrix.cells, strict=True):
        if len(row) != len(matrix.questions):
            raise ValueError(f"{len(row)} cells for {len(matrix.questions)} questions")
    new = _numbers(number for row in matrix.cells for cell in row for number in cell.sources)
    cells = tuple(tuple(replace(cell, sources=_renamed(cell.sources, new)) for cell in row) for row in matrix.cells)
    return replace(matrix, cells=cells, sources=_ordered(matrix.sources, new))


def _numbers(cited: Iterable[int]) -> dict[int, int]:
    return {number: at for at, number in enumerate(dict.fromkeys(cited), 1)}


def _renamed(sources: Sequence[int], new: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(new[number] for number in sources))


def _ordered(sources: Sequence[Source], new: Mapping[int, int]) -> tuple[Source, ...]:
    known = {source.number: source for source in sources}
    return tuple(replace(known[old], number=number) for old, number in new.items())
