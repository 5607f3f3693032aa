"""What one host of the cluster does: holds segments, and answers about the rows that it is told are visible."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from retrieval.index.cluster.requests import Request
from retrieval.index.segment import Segment
from retrieval.index.view import SegmentView, View, make_view
from retrieval.protocols import Sight, Unseen

_SIGHTS_KEPT = 1024
_UNUSED_S = 900.0


class Shard:
    """Segments by name, opened when first asked for. Safe to use from several threads.

    `load` raises `SegmentMissing`. `threads`: how many one request may use.
    """

    def __init__(self, load: Callable[[str], Segment], *, threads: int = 1) -> None:
        self._load = load
        self._threads = threads
        self._lock = threading.Lock()
        self._segments: dict[str, Segment] = {}
        self._used: dict[str, float] = {}
        self._seen: OrderedDict[tuple[str, bytes], SegmentView] = OrderedDict()

    def ask(self, sights: Sequence[Sight], request: Request) -> Any:
        """The reply to the request over just the sights, or `Unseen`."""
        parts = [self._part(sight) for sight in sights]
        unseen = tuple(place for place, part in enumerate(parts) if part is None)
        if unseen:
            return Unseen(unseen)
        return request.over(View(tuple(part for part in parts if part is not None), ""), self._threads)

    def _part(self, sight: Sight) -> SegmentView | None:
        key, now = (sight.segment, sight.mark), time.monotonic()
        with self._lock:
            self._used[sight.segment] = now
            if key in self._seen:
                self._seen.move_to_end(key)
                return self._seen[key]
        if not sight.slots:
            return None
        segment = self._segment(sight.segment, now)
        slots = np.unpackbits(np.frombuffer(sight.slots, np.uint8), count=len(segment.slot_keys)).astype(np.bool_)
        (part,) = make_view([segment], [slots], "").segments
        with self._lock:
            self._seen[key] = part
            if len(self._seen) > _SIGHTS_KEPT:
                self._seen.popitem(last=False)
        return part

    def _segment(self, name: str, now: float) -> Segment:
        """Lets go of those that nobody has asked for in a while: they were written anew under other names."""
        with self._lock:
            held = self._segments.get(name)
        if held is None:
            opened = self._load(name)
            with self._lock:
                held = self._segments.setdefault(name, opened)
                for old in [other for other, used in self._used.items() if now - used > _UNUSED_S]:
                    self._segments.pop(old, None)
                    del self._used[old]
                    self._seen = OrderedDict((key, part) for key, part in self._seen.items() if key[0] != old)
        return held
