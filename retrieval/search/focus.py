"""From a document's name in the question to the document, if there is one that fits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.index.legs import Legs
from retrieval.index.view import View
from retrieval.text.terms import terms
from retrieval.types import DOCUMENT, ChunkText

Reader = Callable[[Sequence[str]], Sequence[ChunkText]]
_LOOKED_AT = 32  # rows of a name's ranking
_NEAR = 0.92  # share of the best row's score that a document needs to be meant as well
_MOST = 3  # documents that a name may mean before it counts as no name
_HELD = 0.55  # share of the name, each term weighted by its rareness, that the row has to hold


def named_documents(view: View, names: Iterable[str], read: Reader, legs: Legs) -> NDArray[np.bytes_]:
    """The documents (DOCUMENT, ascending) that the names mean: those with the row that ranks first for the name,
    by BM25 over the view, if there are few of them and the row holds most of the name.

    The limits come from the names of CUAD's contracts ("Supply Agreement between X and Y"): the row of the right one
    held .62 of its name or more; for names that fit no contract, the first row held .39 or less.
    """
    found = [document for name in names for document in _meant(view, sorted(set(terms(name))), read, legs)]
    return np.unique(np.array(found, DOCUMENT))


def _meant(view: View, name: Sequence[str], read: Reader, legs: Legs) -> list[bytes]:
    best: dict[bytes, tuple[float, bytes]] = {}
    ranking = legs.ranked(view, name, _LOOKED_AT)
    above = (ranking.scores - ranking.floor).tolist()
    for document, row in zip(ranking.documents.tolist(), zip(above, ranking.ids.tolist(), strict=True), strict=True):
        best[document] = max(best.get(document, row), row)
    top = max((score for score, _ in best.values()), default=0.0)
    near = {row.decode(): document for document, (score, row) in best.items() if score >= _NEAR * top}
    if not 0 < len(near) <= _MOST:
        return []
    unknown = math.log(2 * (view.row_count + 1))
    weights = {term: idf or unknown for term, idf in zip(name, ranking.idf, strict=True)}
    return [near[chunk.chunk_id] for chunk in read(sorted(near)) if _held(chunk, weights) >= _HELD]


def _held(chunk: ChunkText, weights: Mapping[str, float]) -> float:
    """Share of the weights whose terms stand in the chunk, its headings or its source."""
    held = {*terms(chunk.indexed_text), *terms(chunk.source)}
    return sum(weight for term, weight in weights.items() if term in held) / sum(weights.values())
