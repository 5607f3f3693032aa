"""Other libraries over the same rows and vectors, unfiltered and with their own filter."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.suites.retrieval.scale.ours import K, milliseconds, peak_gib
from evals.suites.retrieval.scale.rows import SHARES, Query, Rows
from evals.systems.peers import peer, versions

_BUDGET_S = 60.0  # for one view; a slow library is asked fewer questions, at least this many:
_LEAST = 5
Row = dict[str, Any]


class Precomputed:
    """An `Embedder` that knows the vectors already."""

    name = "precomputed"

    def __init__(self, texts: Sequence[str], vectors: NDArray[np.float32], asked: Sequence[Query]) -> None:
        self.dimension = vectors.shape[1]
        self._rows = {text: row for row, text in enumerate(texts)}
        self._vectors = vectors
        self._queries = {query.text: query.vector for query in asked}

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors[[self._rows[text] for text in texts]]

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self._queries[text]


def measured(name: str, rows: Rows, asked: Sequence[Query]) -> Row:
    """Build speed, milliseconds for each view, and what the filter does to the result.

    `returned`: hits of the 100 asked for, `hidden`: hits that the asker may not read, means over queries.
    """
    texts, tiers = list(rows.texts(0, rows.count)), rows.row_tiers.tolist()
    embedder = Precomputed(texts, rows.vectors(0, rows.count), asked)
    build = peer(name)
    started = time.perf_counter()
    search = build(texts, embedder, tiers)
    building = time.perf_counter() - started
    search(asked[0].text, K)
    views = []
    for tier, share in reversed(list(enumerate(SHARES))):
        filtered = None if share == 1.0 else tier
        search(asked[0].text, K, filtered)  # what is made for a filter once is not counted
        spent, returned, hidden = [], [], []
        for query in asked:
            started = time.perf_counter()
            found = search(query.text, K, filtered)
            spent.append(time.perf_counter() - started)
            hidden.append(sum(tiers[row] > tier for row in found))
            returned.append(len(found) - hidden[-1])
            if sum(spent) > _BUDGET_S and len(spent) >= _LEAST:
                break
        views.append(
            {
                "share": share,
                "queries": len(spent),
                **milliseconds(spent),
                "returned": round(float(np.mean(returned)), 1),
                "hidden": round(float(np.mean(hidden)), 1),
            }
        )
    speed = round(rows.count / building)
    return {"versions": versions(name), "rows_per_second_built": speed, "views": views, "peak_gib": peak_gib()}
