"""The list of published index segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from infra.postgres.errors import SegmentsChanged
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from retrieval.protocols import SegmentInfo


class PostgresSegments:
    """Implements `retrieval.protocols.SegmentManifest`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def list(self) -> Sequence[SegmentInfo]:
        """In the order of publication."""
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["list_segments"]).fetchall()
        return [SegmentInfo(*row) for row in rows]

    def replace(self, removed: Sequence[str], added: SegmentInfo | None) -> None:
        """Puts `added` in the place of `removed`; raises `SegmentsChanged` if another process was faster."""
        with transaction(self._pool) as conn:
            if conn.execute(SQL["remove_segments"], {"names": list(removed)}).rowcount != len(set(removed)):
                raise SegmentsChanged("Another process has replaced these index segments. Read the list again.")
            if added is not None:
                conn.execute(SQL["add_segment"], {"name": added.name, "rows": added.rows})

    @contextmanager
    def publishing(self) -> Iterator[bool]:
        """The right to publish, for one process at a time; False if another one has it. It ends with the process."""
        with transaction(self._pool) as conn:
            yield bool(conn.execute(SQL["try_publishing"]).fetchall()[0][0])
