"""A few threads that share one query's work. Results come back in order, so their number changes no result."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
Ranges = tuple[NDArray[np.int64], NDArray[np.int64]]
_MOST = 4
_ROWS_WORTH_A_THREAD = 16_384


@cache
def thread_count() -> int:
    """Threads that one query may use on this machine."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, _MOST)


def in_parallel(tasks: Sequence[Callable[[], T]], threads: int) -> list[T]:
    """The results of the tasks, in order. The caller works too, and alone if the other threads are busy."""
    if min(threads, len(tasks)) < 2:
        return [task() for task in tasks]
    waiting = deque(enumerate(tasks))
    results: dict[int, T] = {}

    def work() -> None:
        while waiting:
            try:
                at, task = waiting.popleft()
            except IndexError:  # another thread took the last one
                return
            results[at] = task()

    helpers = [_pool().submit(work) for _ in range(min(threads, len(tasks)) - 1)]
    work()
    for helper in helpers:
        if not helper.cancel():
            helper.result()
    return [results[at] for at in range(len(tasks))]


def shares(starts: NDArray[np.int64], stops: NDArray[np.int64], threads: int) -> list[Ranges]:
    """Cuts ranges of rows into at most `threads` lists of ranges of about as many rows each, in order."""
    ends = np.cumsum(stops - starts)
    parts = min(threads, int(ends[-1]) // _ROWS_WORTH_A_THREAD)
    if parts < 2:
        return [(starts, stops)]
    cuts = ends[-1] * np.arange(1, parts) // parts
    at = np.searchsorted(ends, cuts, side="right")
    rows = stops[at] - (ends[at] - cuts)  # the first row of each next list
    inside = rows > starts[at]
    starts, stops = np.insert(starts, at[inside] + 1, rows[inside]), np.insert(stops, at[inside], rows[inside])
    splits = np.searchsorted(starts, rows)
    return list(zip(np.split(starts, splits), np.split(stops, splits), strict=True))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, thread_count() - 1), "footnote-search")
