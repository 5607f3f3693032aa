"""Hosts of a cluster inside one process, with what may happen to real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.errors import HostLost, IndexUnavailable, SegmentMissing
from retrieval.index.cluster.requests import Request
from retrieval.index.cluster.shard import Shard
from retrieval.index.find import Found
from retrieval.index.legs import Legs
from retrieval.index.segment import Segment, build
from retrieval.index.storage import load, save
from retrieval.index.view import View, make_view
from retrieval.protocols import Sight
from retrieval.types import IndexRow

WORDS = "rent fee notice kestrel clause term party lease deposit repair".split()
QUESTION = ["fee", "kestrel", "fee", "absent", "lease"]
VECTOR = (np.array([1, 2, -1, 0.5, 0.25]) / np.linalg.norm([1, 2, -1, 0.5, 0.25])).astype(np.float32)
SEGMENTS = 6


def published(root: Path) -> Path:
    """Six segments of 3 to 28 versions, with many rows that tie in both legs."""
    draw = np.random.default_rng(7)
    for number in range(SEGMENTS):
        rows = []
        for version in range(3 + 5 * number):
            key = f"{number}:{version}".encode().ljust(48, b"-")
            for _ in range(draw.integers(1, 7)):
                vector = draw.integers(-1, 2, 5) + 0.25
                text = " ".join(draw.choice(WORDS[: 3 + version % 8], draw.integers(1, 5)))
                row = IndexRow(draw.bytes(16).hex(), key, text)
                rows.append((row, (vector / np.linalg.norm(vector)).astype(np.float32)))
        save(build(f"segment-{number}", rows, 5), root)
    return root


def view_of(root: Path, seed: int = 0, *, here: int = 1) -> View:
    """Two of three versions; the last `here` segments are in this process alone."""
    draw = np.random.default_rng(seed)
    segments = [load(root, f"segment-{number}") for number in range(SEGMENTS)]
    segments = [replace(one, published=at < SEGMENTS - here) for at, one in enumerate(segments)]
    return make_view(segments, [draw.random(len(one.slot_keys)) < 0.66 for one in segments], "d")


def searched(legs: Legs, view: View, k: int = 10) -> Found:
    return legs.find(view, VECTOR, QUESTION, k, lambda leg: None)


def assert_same(one: Found, other: Found) -> None:
    """Bit for bit."""
    for name in ("ids", "documents", "dense", "sparse", "coverage", "floor"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


def loader(root: Path) -> Callable[[str], Segment]:
    def opened(name: str) -> Segment:
        try:
            return load(root, name)
        except IndexUnavailable as error:
            raise SegmentMissing(str(error), (name,)) from error

    return opened


class HostsHere:
    """Each host a shard of its own over the same folder, asked at once or, with `threads`, beside each other.

    `dead`: fail when they are asked. `before`: is called with the host's name first. `asked`: of each call the host and
    the segments.
    """

    def __init__(self, names: Sequence[str], root: Path, *, threads: int = 0) -> None:
        self.shards = {name: Shard(loader(root)) for name in names}
        self.dead: set[str] = set()
        self.doubted: set[str] = set()
        self.before: Callable[[str], object] = lambda host: None
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self._threads = ThreadPoolExecutor(threads) if threads else None

    def living(self) -> Sequence[str]:
        return [name for name in self.shards if name not in self.doubted]

    def doubt(self, host: str) -> None:
        self.doubted.add(host)

    def ask(self, host: str, sights: Sequence[Sight], request: object) -> Future[Any]:
        self.asked.append((host, tuple(sight.segment for sight in sights)))
        if self._threads:
            return self._threads.submit(self._asked, host, sights, request)
        reply = Future[Any]()
        try:
            reply.set_result(self._asked(host, sights, request))
        except IndexUnavailable as error:
            reply.set_exception(error)
        return reply

    def _asked(self, host: str, sights: Sequence[Sight], request: Request) -> Any:
        self.before(host)
        if host in self.dead:
            raise HostLost(f"{host} is gone.")
        return self.shards[host].ask(sights, request)
