"""What was made not long ago, kept for when it is asked for again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The last things asked for: at most `most`, and together no heavier than `weight`, but one at least. What two
    threads ask for at once may be made twice."""

    def __init__(self, most: int, weight: int) -> None:
        self._most, self._weight = most, weight
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K, make: Callable[[], V], weigh: Callable[[V], int]) -> V:
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known[0]
        made = make()
        with self._lock:
            self._kept[key] = made, weigh(made)
            while len(self._kept) > 1 and (
                len(self._kept) > self._most or sum(weight for _, weight in self._kept.values()) > self._weight
            ):
                self._kept.popitem(last=False)
        return made
