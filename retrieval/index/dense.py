"""Exact inner-product search over a view: a first pass with proven bounds, then double precision."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.index.codes import quantise_query
from retrieval.index.flat import FlatScan
from retrieval.index.view import SegmentView, View
from retrieval.index.workers import in_parallel, shares, thread_count

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]


class Bounds(NamedTuple):
    """Rows of a segment, each with a bound below and above its exact score; all (n,)."""

    rows: Rows
    lower: Scores
    upper: Scores


class Scan(Protocol):
    """The first pass over one segment: any superset of its `k` nearest visible rows and all that tie with them."""

    def bounds(self, part: SegmentView, query: NDArray[np.float32], k: int) -> Bounds: ...


@dataclass(frozen=True, slots=True)
class CpuScan:
    """Small views row by row in float32 with FAISS, large or scattered ones over the int8 codes."""

    threads: int = 0  # 0: as many as the machine has
    flat_rows: int = 1024
    flat_ranges: int = 4

    def bounds(self, part: SegmentView, query: NDArray[np.float32], k: int) -> Bounds:
        if part.row_count <= self.flat_rows and len(part.starts) <= self.flat_ranges:
            return Bounds(*FlatScan().bounds(part, query, k, part.segment.vectors))
        from retrieval.index.kernels.vectors import scan_codes

        segment = part.segment
        coded = quantise_query(query, turned=segment.turned)
        threads = self.threads or thread_count()

        def scan(starts: Rows, stops: Rows) -> Bounds:
            rows = (segment.codes, segment.scales, segment.errors)
            return Bounds(*scan_codes(*rows, starts, stops, coded.codes, coded.unit, coded.norm, coded.slack, k))

        found = in_parallel([partial(scan, *ranges) for ranges in shares(part.starts, part.stops, threads)], threads)
        return Bounds(*(np.concatenate(column) for column in zip(*found, strict=True)))


def nearest(view: View, query: NDArray[np.float32], k: int, scan: Scan) -> list[tuple[Rows, Scores]]:
    """Rows of each segment of the view, ascending, that can be among the k nearest, and their exact scores.

    A superset of the answer: every row whose upper bound reaches the k-th best lower bound, so all ties.
    """
    found = [scan.bounds(part, query, k) for part in view.segments]
    lower = np.concatenate([np.zeros(0), *(bounds.lower for bounds in found)])
    reach = np.partition(lower, len(lower) - k)[len(lower) - k] if len(lower) > k else -np.inf
    result = []
    for part, bounds in zip(view.segments, found, strict=True):
        rows = np.sort(bounds.rows[bounds.upper >= reach])
        result.append((rows, exact(part.segment.vectors, rows, query)))
    return result


def exact(vectors: NDArray[np.float32], rows: Rows, query: NDArray[np.float32]) -> Scores:
    """(len(rows),) inner products in double precision; each depends on its own row only (no BLAS blocking)."""
    from retrieval.index.kernels.vectors import inner_products

    scores: Scores = inner_products(vectors, rows, query.astype(np.float64))
    return scores
