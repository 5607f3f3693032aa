"""Publishes the index and purges deleted documents in the background, whichever process changed them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from api.wiring.background import Background, log
from infra.postgres.errors import SegmentsChanged
from ingest.errors import DiskFull


class Publishable(Protocol):
    def due(self, rows: int, seconds: float) -> bool: ...

    def publish(self) -> bool: ...


class BackgroundPublisher(Background):
    """Looks at the index every `every` seconds and publishes it when `rows` rows are in memory only, or any for
    `seconds`. Searches do not depend on it, and a merge that is cut off leaves the index as it was.
    """

    def __init__(self, index: Publishable, *, rows: int = 5_000, seconds: float = 60.0, every: float = 2.0) -> None:
        self._index = index
        self._rows = rows
        self._seconds = seconds
        super().__init__("footnote-publisher", self._publish_due, "The index could not be published", every=every)

    def _publish_due(self) -> None:
        publish_due(self._index, self._rows, self._seconds)


def publish_due(index: Publishable, rows: int = 5_000, seconds: float = 60.0) -> None:
    """Where `rows` rows are in memory only, or any for so long."""
    if index.due(rows, seconds):
        index.publish()


class BackgroundPurge(Background):
    """Purges, every `every` seconds, the documents whose recycle period is over."""

    def __init__(self, purge: Callable[[], object], *, every: float = 60.0) -> None:
        super().__init__("footnote-purge", purge, "Deleted documents could not be purged", every=every)


def publish_if_room(index: Publishable) -> None:
    """`publish`, but a full disk does not keep a service from answering."""
    try:
        publish(index)
    except DiskFull as error:
        log.warning("The index could not be published and will be again: %s", error)


def publish(index: Publishable) -> None:
    """Writes new index rows to disk; if another process has just done so, there is nothing left to do."""
    with suppress(SegmentsChanged):
        index.publish()
