"""Which segments to write anew, and in which order their rows then lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.index.segment import Segment
from retrieval.index.snapshot import Snapshot
from retrieval.index.versions import VersionTable

DEAD_SHARE = 0.25
SMALL_ROWS = 2_000  # a segment of so few is always merged with new rows
LARGEST_ROWS = 4_000_000


def to_rewrite(
    rows: Sequence[int], living: Sequence[int], fresh: int, *, small: int = SMALL_ROWS, largest: int = LARGEST_ROWS
) -> list[int]:
    """Which segments of these sizes (all rows, and those still in use) to merge with `fresh` new rows; `largest`: rows
    that one segment may have.

    Those with too many dead rows, and all up to the largest that is not larger than what is smaller or new together:
    so each segment left is larger than all smaller ones, and a row is rewritten at most about log2(n) times.
    """
    chosen = [at for at, count in enumerate(rows) if count - living[at] > DEAD_SHARE * count]
    total = fresh + sum(living[at] for at in chosen)
    others = sorted(set(range(len(rows))) - set(chosen), key=lambda at: living[at])
    taken = 0
    for place, at in enumerate(others, 1):
        if total + living[at] > largest:
            break
        if total and living[at] <= max(total, small):
            taken = place
        total += living[at]
    return sorted(chosen + others[:taken])


def layout(
    table: VersionTable, labels: Mapping[int, frozenset[str]], key_numbers: NDArray[np.int32]
) -> NDArray[np.int64]:
    """(n,) in which order to lay out the rows of these keys, which the table has.

    Current versions come before older ones and those of one label side by side, so that a view is few ranges.
    """
    columns = table.columns
    current_last = np.argsort(columns.current, kind="stable")
    by_number = current_last[np.argsort(table.key_numbers[current_last], kind="stable")]
    last = np.searchsorted(table.key_numbers[by_number], key_numbers, side="right") - 1
    rows = by_number[last]  # of versions with one content the current one
    used, which = np.unique(columns.labels[rows], return_inverse=True)
    ranks = np.empty(len(used), np.int64)
    ranks[sorted(range(len(used)), key=lambda at: sorted(labels[int(used[at])]))] = np.arange(len(used))
    return np.lexsort((rows, ranks[which], ~columns.current[rows]))


def pieces(snapshot: Snapshot, chosen: Sequence[int]) -> tuple[list[tuple[Segment, int]], NDArray[np.int64]]:
    """What is in use of the chosen parts, as `merge` takes it, and the rows of each piece."""
    if not chosen:
        return [], np.zeros(0, np.int64)
    slots = snapshot.living_slots()
    places = [(at, slot) for at in chosen for slot in np.flatnonzero(slots[at]).tolist()]
    parts = [snapshot.parts[at] for at in chosen]
    numbers = [part.key_numbers[slots[at]] for at, part in zip(chosen, parts, strict=True)]
    counts = [np.diff(part.segment.slot_starts)[slots[at]] for at, part in zip(chosen, parts, strict=True)]
    order = layout(snapshot.table.whole, snapshot.labels.names, np.concatenate(numbers))
    found = [(snapshot.parts[at].segment, slot) for at, slot in (places[place] for place in order)]
    return found, np.concatenate(counts)[order]


def cut(counts: NDArray[np.int64], limit: int) -> list[slice]:
    """Slices of items with these counts, each of at most `limit` in all, or of one item."""
    slices, first, total = [], 0, 0
    for at, count in enumerate(counts.tolist()):
        if at > first and total + count > limit:
            slices.append(slice(first, at))
            first, total = at, 0
        total += count
    return [*slices, slice(first, len(counts))] if len(counts) else []
