"""A function from indices to keys of which single keys can be taken away for ever: a puncturable PRF.

The tree of Goldreich, Goldwasser and Micali (1986): the children of a node are HMAC-SHA256 of it over one byte, a leaf
at depth 128 is the key of its index. Punctured as by Boneh and Waters (2013): instead of the nodes above a leaf, the
siblings on its way are kept, from which every other leaf follows as before, and this one does not.
"""

from __future__ import annotations

import hmac
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DEPTH = 128
SEED_BYTES = 32
_RECORD_BYTES = 1 + DEPTH // 8 + SEED_BYTES
_SIDES = (b"\0", b"\1")


@dataclass(frozen=True, slots=True)
class Node:
    """All leaves from `start` on whose first `depth` bits are the same follow from `seed`."""

    start: int
    depth: int
    seed: bytes

    def holds(self, index: int) -> bool:
        return index >> (DEPTH - self.depth) == self.start >> (DEPTH - self.depth)

    def child(self, side: int) -> Node:
        start = self.start | side << (DEPTH - self.depth - 1)
        return Node(start, self.depth + 1, hmac.digest(self.seed, _SIDES[side], "sha256"))


class Tree:
    """`nodes`: in the order of what they hold, without overlap."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = tuple(nodes)
        self._starts = [node.start for node in self.nodes]

    @classmethod
    def whole(cls, seed: bytes) -> Tree:
        return cls([Node(0, 0, seed)])

    def leaf(self, index: int) -> bytes | None:
        """32 bytes; None where it was taken away."""
        node = self._above(index)
        if node is None:
            return None
        seed = node.seed
        for bit in range(DEPTH - node.depth - 1, -1, -1):
            seed = hmac.digest(seed, _SIDES[index >> bit & 1], "sha256")
        return seed

    def has(self, index: int) -> bool:
        return self._above(index) is not None

    def without(self, indices: Sequence[int]) -> Tree:
        """The tree that lacks these leaves, and no other."""
        wanted: dict[Node, list[int]] = {}
        for index in sorted(set(indices)):
            if node := self._above(index):
                wanted.setdefault(node, []).append(index)
        return Tree([left for node in self.nodes for left in _punctured(node, wanted.get(node, []))])

    def data(self) -> bytes:
        records = (bytes([n.depth]) + n.start.to_bytes(DEPTH // 8, "big") + n.seed for n in self.nodes)
        return b"".join(records)

    @classmethod
    def of(cls, data: bytes) -> Tree:
        """What `data` gave."""
        parts = (data[at : at + _RECORD_BYTES] for at in range(0, len(data), _RECORD_BYTES))
        return cls([Node(int.from_bytes(p[1:-SEED_BYTES], "big"), p[0], p[-SEED_BYTES:]) for p in parts])

    def _above(self, index: int) -> Node | None:
        at = bisect_right(self._starts, index) - 1
        return self.nodes[at] if at >= 0 and self.nodes[at].holds(index) else None


def _punctured(node: Node, indices: Sequence[int]) -> Iterator[Node]:
    """What remains of a node, in order."""
    if not indices:
        yield node
    elif node.depth < DEPTH:
        for child in (node.child(0), node.child(1)):
            yield from _punctured(child, [index for index in indices if child.holds(index)])
