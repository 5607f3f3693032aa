"""Inner products: many rows roughly with bounds, few exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.kernels.compiled import compiled
from retrieval.index.kernels.prefetch import prefetch_cell, prefetch_row
from retrieval.index.kernels.shortlist import SHORTLIST, doubled, kth_largest, prune

_AHEAD = 32  # rows of codes between the one at work and the one on its way from memory
_ROWS_AHEAD = 4  # the same for float32 rows


@compiled
def scan_codes(
    codes: NDArray[np.int8],
    scales: NDArray[np.float32],
    errors: NDArray[np.float32],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    query: NDArray[np.int16],
    unit: float,
    norm: float,
    slack: float,
    k: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """(rows, lower, upper) bounds of inner products: every row of the ranges that can be among their k best."""
    rows = np.empty(max(SHORTLIST, 4 * k), np.int64)
    lower = np.empty(len(rows))
    upper = np.empty(len(rows))
    count, span, row = 0, 0, 0
    threshold = -np.inf
    while True:
        span, row, count = _scan_on(
            codes, scales, errors, starts, stops, query, unit, norm, slack,
            threshold, span, row, count, rows, lower, upper,
        )  # fmt: skip
        if span == len(starts):
            return rows[:count], lower[:count], upper[:count]
        threshold = kth_largest(lower, k)
        count = prune(count, rows, lower, upper, threshold)
        if 2 * count > len(rows):
            rows, lower, upper = doubled(rows), doubled(lower), doubled(upper)


@compiled
def _scan_on(
    codes: Any, scales: Any, errors: Any, starts: Any, stops: Any, query: Any, unit: float, norm: float, slack: float,
    threshold: float, span: int, row: int, count: int, rows: Any, lower: Any, upper: Any,
) -> tuple[int, int, int]:  # fmt: skip
    """Appends the rows from `row` of range `span` on whose upper bound reaches the threshold, until there is no room.

    (span, row, count) to go on from. Unsigned indices spare a sign check each.
    """
    later_span, later_row = _ahead(starts, stops, span, row, _AHEAD)
    for at in range(span, len(starts)):
        for next_row in range(max(row, starts[at]), stops[at]):
            if later_span < len(starts):
                prefetch_row(codes, later_row)
                prefetch_cell(scales, later_row)
                prefetch_cell(errors, later_row)
                later_row += 1
                if later_row == stops[later_span]:
                    later_span, later_row = _ahead(starts, stops, later_span + 1, 0, 0)
            place = np.uint64(next_row)
            dot = np.int32(0)
            for j in range(codes.shape[1]):  # int32 throughout: one multiply-add instruction for many dimensions
                dot = np.int32(dot + np.int32(np.int32(codes[place, j]) * np.int32(query[j])))
            scale = np.float64(scales[place])
            score = scale * dot * unit
            error = errors[place] * norm + scale * slack
            if score + error >= threshold:
                if count == len(rows):
                    return at, next_row, count
                rows[count] = next_row
                lower[count] = score - error
                upper[count] = score + error
                count += 1
    return len(starts), 0, count


@compiled
def _ahead(starts: Any, stops: Any, span: int, row: int, count: int) -> tuple[int, int]:
    """(range, row) of the row `count` rows after `row` of range `span`; (len(starts), 0) if there is none."""
    while span < len(starts):
        row = max(row, starts[span])
        if row + count < stops[span]:
            return span, row + count
        count -= stops[span] - row
        span += 1
    return span, 0


@compiled
def inner_products(
    vectors: NDArray[np.float32], rows: NDArray[np.int64], query: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(len(rows),) inner products in double precision, summed in one fixed order."""
    dimension = vectors.shape[1]
    whole = dimension - dimension % 8
    result = np.empty(len(rows))
    for at in range(len(rows)):
        if at + _ROWS_AHEAD < len(rows):
            prefetch_row(vectors, rows[at + _ROWS_AHEAD])
        row = np.uint64(rows[at])
        a = b = c = d = e = f = g = h = 0.0
        for j in range(0, whole, 8):
            a += vectors[row, j] * query[j]
            b += vectors[row, j + 1] * query[j + 1]
            c += vectors[row, j + 2] * query[j + 2]
            d += vectors[row, j + 3] * query[j + 3]
            e += vectors[row, j + 4] * query[j + 4]
            f += vectors[row, j + 5] * query[j + 5]
            g += vectors[row, j + 6] * query[j + 6]
            h += vectors[row, j + 7] * query[j + 7]
        total = ((a + b) + (c + d)) + ((e + f) + (g + h))
        for j in range(whole, dimension):
            total += vectors[row, j] * query[j]
        result[at] = total
    return result
