"""The best rows so far, in arrays that are pruned, or doubled, when they are full."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrieval.index.kernels.compiled import compiled

SHORTLIST = 1024  # room to begin with, at least


@compiled
def kth_largest(values: Any, k: int) -> float:
    """The k-th largest value, 1 <= k <= len(values): Hoare's quickselect, which many equal values do not slow down."""
    work = values.copy()
    low, high, place = 0, len(work) - 1, k - 1
    while low < high:
        pivot = work[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while work[left] > pivot:
                left += 1
            while work[right] < pivot:
                right -= 1
            if left <= right:
                work[left], work[right] = work[right], work[left]
                left += 1
                right -= 1
        if place <= right:
            high = right
        elif place >= left:
            low = left
        else:
            break
    return float(work[place])


@compiled
def prune(count: int, rows: Any, values: Any, upper: Any, threshold: float) -> int:
    """Moves the entries whose upper value reaches the threshold to the front; how many they are."""
    kept = 0
    for at in range(count):
        if upper[at] >= threshold:
            rows[kept], values[kept], upper[kept] = rows[at], values[at], upper[at]
            kept += 1
    return kept


@compiled
def doubled(values: Any) -> Any:
    larger = np.empty(2 * len(values), values.dtype)
    for at in range(len(values)):
        larger[at] = values[at]
    return larger
