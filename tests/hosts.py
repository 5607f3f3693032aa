"""Hosts of a cluster inside one process, with what may happen to real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from retrieval.errors import HostLost, IndexUnavailable, SegmentMissing
from retrieval.index.cluster.protocols import Request, Sight
from retrieval.index.cluster.shard import Shard
from retrieval.index.segment import Segment
from retrieval.index.storage import load


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

    def ask(self, host: str, sights: Sequence[Sight], request: Request) -> Future[Any]:
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
