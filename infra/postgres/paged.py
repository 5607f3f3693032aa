"""The pages of a version, without its words: read as a principal, under row-level security."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from infra.files.blobs import BlobStore
from infra.postgres.layout import PageSpan, spans_of, unpack_pages
from infra.postgres.pool import Pool, reading_as
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid
from ingest.types import Box, PageInfo
from retrieval.types import Principal


@dataclass(frozen=True, slots=True)
class PagedVersion:
    """A version that the principal may read. `page_count` is None without pages; `page_infos` as in `VersionView`;
    `original` gives the file's bytes, and raises as `BlobStore.get`."""

    document_id: str
    version: int
    title: str
    media_type: str
    page_count: int | None
    content_sha256: str
    page_infos: tuple[PageInfo, ...]
    original: Callable[[], bytes]


class PostgresPages:
    """Each call is one transaction. What is missing and what is hidden is None, or nothing."""

    def __init__(self, pool: Pool, blobs: BlobStore) -> None:
        self._pool = pool
        self._blobs = blobs

    def version(self, document_id: str, version: int | None, principal: Principal) -> PagedVersion | None:
        """`version` None: the current one."""
        with reading_as(self._pool, principal) as conn:
            row = conn.execute(SQL["paged_version"], {"id": as_uuid(document_id), "version": version}).fetchone()
        if row is None:
            return None
        *facts, sha256, pages = row
        told: list[Any] = [sha256, unpack_pages(pages), partial(self._blobs.get, sha256)]
        return PagedVersion(*facts, *told)

    def spans(self, document_id: str, version: int, principal: Principal) -> tuple[PageSpan, ...]:
        """As `VersionView.pages`."""
        with reading_as(self._pool, principal) as conn:
            row = conn.execute(SQL["page_starts"], {"id": as_uuid(document_id), "version": version}).fetchone()
        return () if row is None else spans_of(dict(row[0]), row[1])

    def boxes(
        self, document_id: str, version: int | None, start: int, end: int, principal: Principal
    ) -> tuple[int, tuple[Box, ...]] | None:
        """The version's number, and the boxes of the printed lines that hold any of the characters [start, end)."""
        asked = {"id": as_uuid(document_id), "version": version, "start": start, "end": end}
        with reading_as(self._pool, principal) as conn:
            row = conn.execute(SQL["boxes_of_version"], asked).fetchone()
        return None if row is None else (row[0], tuple(Box(*box) for box in row[1]))
