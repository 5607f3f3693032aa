"""Where the rows of a key lie in the published segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.index.segment import Segment

_NOWHERE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A segment with the number of each slot's key, published or in this process's memory only."""

    segment: Segment
    key_numbers: NDArray[np.int32]
    published: bool


@dataclass(frozen=True, eq=False)
class Places:
    """The slots of some parts, one part's after the other's: of each key number the first that holds it, (n,) int32, or
    -1; and where each part's begin, and the end."""

    parts: tuple[Part, ...]
    firsts: NDArray[np.int32]
    starts: NDArray[np.int64]

    @staticmethod
    def of(parts: Sequence[Part]) -> Places:
        starts = np.cumsum([0, *(len(part.key_numbers) for part in parts)])
        firsts = np.full(
            max((int(part.key_numbers.max(initial=-1)) for part in parts), default=-1) + 1, _NOWHERE, np.int32
        )
        for part, start in reversed(list(zip(parts, starts.tolist(), strict=False))):
            firsts[part.key_numbers] = np.arange(start, start + len(part.key_numbers), dtype=np.int32)
        return Places(tuple(parts), firsts, starts)

    def __len__(self) -> int:
        return len(self.firsts)

    def are_of(self, parts: Sequence[Part]) -> bool:
        """Whether these are the parts."""
        return len(parts) == len(self.parts) and all(one is other for one, other in zip(parts, self.parts, strict=True))

    @cached_property
    def held(self) -> NDArray[np.bool_]:
        """(n,) True at the number of each key that a part holds."""
        return np.asarray(self.firsts != _NOWHERE)

    def holds(self, key_numbers: NDArray[np.int32]) -> NDArray[np.bool_]:
        """(n,) whether a part holds these keys: `held` for few."""
        if not len(self):
            return np.zeros(len(key_numbers), np.bool_)
        known = np.minimum(key_numbers, len(self) - 1)
        return np.asarray((self.firsts[known] != _NOWHERE) & (known == key_numbers))

    def rows(self, key_numbers: NDArray[np.int32]) -> NDArray[np.int64]:
        """(parts,) how many rows each part has of these keys."""
        *slots, _ = self.slots(key_numbers)
        starts = [part.segment.slot_starts for part in self.parts]
        counts = [(at[chosen + 1] - at[chosen]).sum() for at, chosen in zip(starts, slots, strict=True)]
        return np.array(counts, np.int64)

    def slots(self, key_numbers: NDArray[np.int32]) -> list[NDArray[np.int64]]:
        """Of each part the slots, ascending, of these keys; at last the numbers of the keys that no part holds."""
        known = key_numbers[key_numbers < len(self)]
        at = self.firsts[known]
        found = np.sort(at[at != _NOWHERE]).astype(np.int64)
        found = found[np.diff(found, prepend=_NOWHERE) != 0]
        cuts = np.searchsorted(found, self.starts)
        slots = [found[cuts[part] : cuts[part + 1]] - self.starts[part] for part in range(len(self.parts))]
        left = np.concatenate([key_numbers[key_numbers >= len(self)], known[at == _NOWHERE]])
        return [*slots, left]
