"""The hits of a question's parts in one ranking, so that each part gets its share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from retrieval.types import Hit


def shared_out(ranked: Sequence[Sequence[Hit]], top_k: int) -> list[Hit]:
    """`top_k` hits in turn from the ranking of each part, best first, no chunk twice, each with the parts (1..n) that
    have it among the hits that would be theirs."""
    share = -(-top_k // len(ranked))
    parts: dict[str, list[int]] = {}
    for number, hits in enumerate(ranked, 1):
        for hit in hits[:share]:
            parts.setdefault(hit.chunk.chunk_id, []).append(number)
    found: dict[str, Hit] = {}
    for turn in zip_longest(*ranked):
        for number, hit in enumerate(turn, 1):
            if hit is not None:
                name = hit.chunk.chunk_id
                found.setdefault(name, replace(hit, parts=tuple(parts.get(name, [number]))))
    return list(found.values())[:top_k]
