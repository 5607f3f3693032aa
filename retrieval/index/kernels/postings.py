"""BM25 over postings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.index.kernels.compiled import compiled
from retrieval.index.kernels.shortlist import SHORTLIST, doubled, kth_largest, prune

_BLOCK = 1 << 15  # rows scored at a time: their sums stay in the second-level cache
_STEP = 512  # rows looked through between two checks of the room that is left


@compiled
def length_norm(length: float, mean_length: float, k1: float, b: float) -> float:
    """What a row's length adds to the denominator of BM25."""
    return k1 * (1.0 - b + b * length / mean_length)


@compiled
def length_norms(count: int, mean_length: float, k1: float, b: float) -> NDArray[np.float64]:
    """(count,) norms of the lengths 0, 1, ..."""
    norms = np.empty(count)
    for length in range(count):
        norms[length] = length_norm(float(length), mean_length, k1, b)
    return norms


@compiled
def locate(
    rows: NDArray[np.int32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(lows, highs), (ranges, terms) each: where the postings firsts[t]..lasts[t] of a term enter and leave a range."""
    lows = np.empty((len(starts), len(firsts)), np.int64)
    highs = np.empty(lows.shape, np.int64)
    for term in range(len(firsts)):
        position = firsts[term]
        for span in range(len(starts)):
            position = _advance(rows, position, lasts[term], starts[span])
            lows[span, term] = position
            position = _advance(rows, position, lasts[term], stops[span])
            highs[span, term] = position
    return lows, highs


@compiled
def sum_held(
    postings: NDArray[np.int32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    values: NDArray[np.float64],
    rows: NDArray[np.int64],
) -> NDArray[np.float64]:
    """(len(rows),) sum of the values of the terms whose postings firsts[t]..lasts[t] hold the row.

    A term of value 0 is not looked at: no visible row holds it, and hidden ones must not cost time.
    """
    total = np.zeros(len(rows))
    for term in range(len(firsts)):
        if values[term] > 0.0:
            span = postings[firsts[term] : lasts[term]]
            for place in range(len(rows)):
                at = np.searchsorted(span, rows[place])
                if at < len(span) and span[at] == rows[place]:
                    total[place] += values[term]
    return total


@compiled
def count_visible(
    rows: NDArray[np.int32], lows: NDArray[np.int64], highs: NDArray[np.int64], mask: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """(terms,) how many of the postings lows[t]..highs[t] are of visible rows."""
    counts = np.empty(len(lows), np.int64)
    for term in range(len(lows)):
        counts[term] = _count(rows[lows[term] : highs[term]], mask)
    return counts


@compiled
def keep_visible(
    rows: NDArray[np.int32],
    frequencies: NDArray[np.uint16],
    lows: NDArray[np.int64],
    highs: NDArray[np.int64],
    mask: NDArray[np.bool_],
) -> tuple[NDArray[np.int32], NDArray[np.uint16], NDArray[np.int64]]:
    """The postings lows[t]..highs[t] of visible rows: (rows, frequencies, offsets (terms + 1,))."""
    room = 1
    for term in range(len(lows)):
        room += highs[term] - lows[term]
    kept_rows = np.empty(room, np.int32)
    kept_frequencies = np.empty(room, np.uint16)
    offsets = np.zeros(len(lows) + 1, np.int64)
    for term in range(len(lows)):
        low, high = lows[term], highs[term]
        found, counts = rows[low:high], frequencies[low:high]
        offsets[term + 1] = _keep(found, counts, mask, kept_rows, kept_frequencies, offsets[term])
    return kept_rows[: offsets[-1]], kept_frequencies[: offsets[-1]], offsets


@compiled
def score_postings(
    rows: NDArray[np.int32],
    frequencies: NDArray[np.uint16],
    lengths: NDArray[np.int32],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    lows: NDArray[np.int64],
    highs: NDArray[np.int64],
    idf: NDArray[np.float64],
    norms: NDArray[np.float64],
    mean_length: float,
    k1: float,
    b: float,
    floor: float,
    k: int,
    mask: NDArray[np.bool_],
    wanted: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """BM25 of the rows of some ranges: (rows, scores) of the k best above the floor with all ties of the last of
    them and perhaps more, and the scores (len(wanted),) of the wanted rows, ascending, all inside the ranges.

    A row may only be found where the mask is True; an empty one lets all pass.
    """
    best_rows = np.empty(_STEP + max(SHORTLIST, 4 * k), np.int64)
    best = np.empty(len(best_rows))
    looked_up = np.empty(len(wanted))
    sums = np.empty(_BLOCK)
    positions = np.empty(len(idf), np.int64)
    count, asked = 0, 0
    threshold = floor
    for span in range(len(starts)):
        for term in range(len(idf)):
            positions[term] = lows[span, term]
        for first in range(starts[span], stops[span], _BLOCK):
            last = min(first + _BLOCK, stops[span])
            _clear(sums, last - first)
            for term in range(len(idf)):
                low, high = positions[term], highs[span, term]
                if last < stops[span]:
                    high = _advance(rows, low, high, last)
                positions[term] = high
                _add_term(
                    rows[low:high], frequencies[low:high], lengths, first, idf[term], norms, mean_length, k1, b, sums
                )
            for at in range(first, last, _STEP):
                if count + _STEP > len(best):
                    threshold = kth_largest(best[:count], k)
                    count = prune(count, best_rows, best, best, threshold)
                    if 2 * count > len(best):
                        best_rows, best = doubled(best_rows), doubled(best)
                step = sums[at - first : min(at + _STEP, last) - first]
                count = _select_step(step, floor, threshold, at, mask, count, best_rows, best)
            while asked < len(wanted) and wanted[asked] < last:
                looked_up[asked] = sums[wanted[asked] - first] + floor
                asked += 1
    return best_rows[:count], best[:count], looked_up


@compiled
def _clear(sums: Any, count: int) -> None:
    for at in range(count):
        sums[at] = 0.0


@compiled
def _add_term(
    rows: Any, frequencies: Any, lengths: Any, first: int, idf: float,
    norms: Any, mean_length: float, k1: float, b: float, sums: Any,
) -> None:  # fmt: skip
    """Adds one term's weights to the sums of the rows from `first` on. Unsigned indices spare a sign check each."""
    for at in range(len(rows)):
        row = np.uint64(rows[at])
        length = np.uint64(lengths[row])
        norm = norms[length] if length < np.uint64(len(norms)) else length_norm(np.float64(length), mean_length, k1, b)
        frequency = np.float64(frequencies[at])
        sums[row - np.uint64(first)] += idf * (frequency * (k1 + 1.0) / (norm + frequency))


@compiled
def _select_step(
    sums: Any, floor: float, threshold: float, first: int, mask: Any, count: int, rows: Any, best: Any
) -> int:
    """Appends the rows above the floor whose score reaches the threshold; the new count."""
    for at in range(len(sums)):
        score = sums[at] + floor
        if score >= threshold and score > floor and (len(mask) == 0 or mask[first + at]):
            rows[count] = first + at
            best[count] = score
            count += 1
    return count


@compiled
def _count(rows: Any, mask: Any) -> np.int64:
    count = np.uint32(0)
    for at in range(len(rows)):
        count += np.uint32(mask[np.uint64(rows[at])])
    return np.int64(count)


@compiled
def _keep(rows: Any, frequencies: Any, mask: Any, kept_rows: Any, kept_frequencies: Any, count: int) -> np.int64:
    """Appends the postings of visible rows; the new count."""
    place = np.uint64(count)
    for at in range(len(rows)):
        row = rows[at]
        kept_rows[place] = row  # written over by the next one if this one is hidden: no branch to mispredict
        kept_frequencies[place] = frequencies[at]
        place += np.uint64(mask[np.uint64(row)])
    return np.int64(place)


@compiled
def _advance(rows: NDArray[np.int32], low: int, high: int, row: int) -> int:
    """First position from `low` on, below `high`, that holds `row` or a later one: a doubling search."""
    step = 1
    while low + step < high and rows[low + step] < row:
        low += step
        step *= 2
    end = min(low + step, high)
    while low < end:
        middle = (low + end) // 2
        if rows[middle] < row:
            low = middle + 1
        else:
            end = middle
    return low
