"""Which hosts hold which segment: a function of their names, so that all who ask agree without asking each other.

Thaler and Ravishankar 1998, "Using name-based mappings to increase hit rates" (rendezvous hashing): when a host goes,
only what it held moves.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache


@lru_cache(maxsize=65_536)
def _weight(segment: str, host: str) -> bytes:
    return hashlib.sha256(f"{segment}\0{host}".encode()).digest()


def copies_of(segment: str, hosts: Iterable[str], copies: int) -> list[str]:
    """The hosts that hold it, at most `copies`, the first choice first."""
    return sorted(hosts, key=lambda host: _weight(segment, host), reverse=True)[:copies]


def assigned(rows: Sequence[tuple[str, int]], able: Sequence[Sequence[str]], copies: int) -> list[str]:
    """Which host to ask about each segment (name, visible rows): of those that are `able`, one that holds a copy, so
    that each has about as many rows to look through."""
    load: Counter[str] = Counter()
    chosen = [""] * len(rows)
    for at in sorted(range(len(rows)), key=lambda at: (-rows[at][1], rows[at][0])):
        name, count = rows[at]
        held = copies_of(name, able[at], copies)
        chosen[at] = min(held, key=lambda host: (load[host], held.index(host)))
        load[chosen[at]] += count
    return chosen
