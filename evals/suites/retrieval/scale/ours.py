"""Our index at size: built, opened, and searched through views of every share, in two layouts.

"grouped": rows of a tier lie side by side, as they do when many documents share an access label. "scattered": every
document has a label of its own, so that a view is many small pieces all over the index.
"""

from __future__ import annotations

import resource
import shutil
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.terminal import note
from evals.suites.retrieval.scale.rows import SHARES, Query, Rows
from retrieval.index.find import find
from retrieval.index.merge import merge
from retrieval.index.segment import Segment, build
from retrieval.index.storage import load, save
from retrieval.index.view import View, make_view
from retrieval.text.terms import terms

LAYOUTS = ("grouped", "scattered")
K = 100
_PIECE = 100_000
_BRUTE = 20  # queries of which the dense leg is compared with brute force
Row = dict[str, Any]


def built(rows: Rows, root: Path, dimension: int) -> Row:
    """Builds pieces of 100,000 rows as ingestion does, then merges them into one segment for each layout."""
    shutil.rmtree(root, ignore_errors=True)
    pieces, building = [], 0.0
    edges = [int(rows.starts[np.searchsorted(rows.starts, at)]) for at in range(0, rows.count, _PIECE)]
    for number, (first, last) in enumerate(pairwise([*edges, rows.count])):
        given = list(rows.index_rows(first, last))
        started = time.perf_counter()
        segment = build(f"piece-{number}", given, dimension)
        save(segment, root)
        building += time.perf_counter() - started
        pieces.append(load(root, segment.name))
        note(f"built {last:,} of {rows.count:,} rows in {building:.0f} s")
    slots = [(piece, slot) for piece in pieces for slot in range(len(piece.slot_keys))]
    merging = {}
    for layout in LAYOUTS:
        order = np.argsort(rows.tiers, kind="stable") if layout == "grouped" else np.arange(len(slots))
        started = time.perf_counter()
        merge(layout, [slots[at] for at in order], root)
        merging[layout] = round(rows.count / (time.perf_counter() - started))
        note(f"merged {layout}: {merging[layout]:,} rows/s")
    size = sum(file.stat().st_size for file in (root / LAYOUTS[0]).iterdir())
    for piece in pieces:
        shutil.rmtree(root / piece.name)
    return {
        "rows_per_second_built": round(rows.count / building),
        "rows_per_second_merged": merging,
        "bytes_per_row": round(size / rows.count),
        "peak_gib": peak_gib(),
    }


def searched(rows: Rows, root: Path, layout: str, asked: list[Query], threads: int) -> Row:
    """Opens the segment and searches it, the views taking turns: milliseconds of `find`, and recall@100."""
    started = time.perf_counter()
    segment = load(root, layout)
    opening = time.perf_counter() - started
    tiers = np.sort(rows.tiers) if layout == "grouped" else rows.tiers
    started = time.perf_counter()
    views = {share: make_view([segment], [tiers <= tier], str(tier)) for tier, share in enumerate(SHARES)}
    viewing = time.perf_counter() - started
    question = asked[0]
    for view in views.values():
        find(view, question.vector, terms(question.text), K, threads=threads)
    spent: dict[float, list[float]] = {share: [] for share in SHARES}
    for query in asked:
        words = terms(query.text)
        for share, view in views.items():
            started = time.perf_counter()
            find(view, query.vector, words, K, threads=threads)
            spent[share].append(time.perf_counter() - started)
    return {
        "open_seconds": round(opening, 4),
        "views_seconds": round(viewing, 4),
        "views": [
            {
                "share": share,
                "rows": view.row_count,
                "ranges": sum(len(part.starts) for part in view.segments),
                **milliseconds(spent[share]),
                "recall@100": _recall(segment, view, asked[:_BRUTE], threads),
            }
            for share, view in views.items()
        ],
        "peak_gib": peak_gib(),
    }


def milliseconds(seconds: list[float]) -> Row:
    """Median and 99th percentile."""
    p50, p99 = np.quantile(np.array(seconds) * 1000, (0.5, 0.99))
    return {"p50_ms": round(float(p50), 3), "p99_ms": round(float(p99), 3)}


def peak_gib() -> float:
    """The most memory that this process held so far."""
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30, 2)


def _recall(segment: Segment, view: View, asked: list[Query], threads: int) -> float:
    """Mean share of the true 100 nearest visible rows that the dense leg gives."""
    if not view.row_count:
        return 1.0
    visible = np.flatnonzero(view.segments[0].mask)
    shares = []
    for query in asked:
        found = find(view, query.vector, (), K, threads=threads)
        true = _nearest(segment, visible, query.vector)
        shares.append(len(np.intersect1d(true, found.ids)) / len(true))
    return round(float(np.mean(shares)), 6)


def _nearest(segment: Segment, visible: NDArray[np.int64], vector: NDArray[np.float32]) -> NDArray[np.bytes_]:
    """Chunk ids of the 100 nearest visible rows, by float32 products, the best 1,000 of them again in double."""
    blocks = [visible[at : at + 65_536] for at in range(0, len(visible), 65_536)]
    scores = np.concatenate([segment.vectors[block] @ vector for block in blocks])
    best = visible[np.argsort(-scores, kind="stable")[: 10 * K]]
    exact = segment.vectors[best].astype(np.float64) @ vector.astype(np.float64)
    ids: NDArray[np.bytes_] = segment.chunk_ids[best]
    return ids[np.lexsort((ids, -exact))[:K]]
