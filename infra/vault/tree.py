"""A function from indices to keys of which single keys can be taken away for ever: a puncturable PRF.

The tree of Goldreich, Goldwasser and Micali (1986): the children of a node are HMAC-SHA256 of it over one byte, a leaf
at depth 128 is the key of its index. Punctured as by Boneh and Waters (2013): instead of the nodes above a leaf, the
siblings on its way are kept, from which every other leaf follows as before, and this one does not.
"""

from __future__ import annotations

import hmac
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
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
    """Its data are the nodes in the order of what they hold, without overlap, as they are written. A hundred are added
    by each key that is taken away, so single ones alone are ever made objects of."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @classmethod
    def whole(cls, seed: bytes) -> Tree:
        return cls(_written([Node(0, 0, seed)]))

    @classmethod
    def of(cls, data: bytes) -> Tree:
        """What `data` gave."""
        return cls(data)

    def data(self) -> bytes:
        return self._data

    @property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(map(self._node, range(self._count)))

    def leaf(self, index: int) -> bytes | None:
        """32 bytes; None where it was taken away."""
        node = self._node(at) if (at := self._above(index)) is not None else None
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
        wanted: dict[int, list[int]] = {}  # by the place of the node above
        for index in sorted(set(indices)):
            if (at := self._above(index)) is not None:
                wanted.setdefault(at, []).append(index)
        parts, done = [], 0
        for at, gone in wanted.items():
            parts += [self._data[done * _RECORD_BYTES : at * _RECORD_BYTES], _written(_punctured(self._node(at), gone))]
            done = at + 1
        return Tree(b"".join((*parts, self._data[done * _RECORD_BYTES :])))

    @property
    def _count(self) -> int:
        return len(self._data) // _RECORD_BYTES

    def _start(self, at: int) -> int:
        begin = at * _RECORD_BYTES + 1
        return int.from_bytes(self._data[begin : begin + DEPTH // 8], "big")

    def _node(self, at: int) -> Node:
        end = (at + 1) * _RECORD_BYTES
        return Node(self._start(at), self._data[end - _RECORD_BYTES], self._data[end - SEED_BYTES : end])

    def _above(self, index: int) -> int | None:
        """The place of the node from which this leaf follows."""
        at = bisect_right(range(self._count), index, key=self._start) - 1
        return at if at >= 0 and self._node(at).holds(index) else None


def _written(nodes: Iterable[Node]) -> bytes:
    return b"".join(bytes([n.depth]) + n.start.to_bytes(DEPTH // 8, "big") + n.seed for n in nodes)


def _punctured(node: Node, indices: Sequence[int]) -> Iterator[Node]:
    """What remains of a node, in order."""
    if not indices:
        yield node
    elif node.depth < DEPTH:
        for child in (node.child(0), node.child(1)):
            yield from _punctured(child, [index for index in indices if child.holds(index)])
