"""Sequences of numbers: what two have in common in order, and what of one is in order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import LCSseq


def equal_runs(one: Sequence[int], other: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Where each run of a longest common subsequence begins on both sides, and how long it is."""
    for step in LCSseq.opcodes(one, other):
        if step.tag == "equal":
            yield step.src_start, step.dest_start, step.src_end - step.src_start


def increasing(values: Sequence[int]) -> list[int]:
    """Places of a longest strictly increasing subsequence."""
    tails: list[int] = []
    places: list[int] = []
    before = [-1] * len(values)
    for at, value in enumerate(values):
        into = bisect_left(tails, value)
        if into == len(tails):
            tails.append(value)
            places.append(at)
        else:
            tails[into] = value
            places[into] = at
        before[at] = places[into - 1] if into else -1
    found = []
    at = places[-1] if places else -1
    while at >= 0:
        found.append(at)
        at = before[at]
    return found[::-1]
