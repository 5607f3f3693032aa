"""Chunk and version text for a principal, under row-level security: the second enforcer."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from generation.types import Permits, SourceText, TableSpan
from infra.postgres.layout import unpack_elements, unpack_lines, unpack_pages, unpack_warnings
from infra.postgres.numbers import version_id
from infra.postgres.pool import Pool, reading_as
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid
from ingest.languages import language_of
from retrieval.types import ChunkText, Principal


class PostgresChunkReader:
    """Implements `retrieval.protocols.ChunkReader`. `key`: for the ids of versions."""

    def __init__(self, pool: Pool, key: bytes = b"") -> None:
        self._pool = pool
        self._key = key

    def read(self, chunk_ids: Sequence[str], principal: Principal, as_of: date | None = None) -> Sequence[ChunkText]:
        with reading_as(self._pool, principal) as conn:
            rows = conn.execute(SQL["read_chunks"], {"ids": list(chunk_ids), "as_of": as_of}).fetchall()
        found = {row[0]: self._chunk_text(*row) for row in rows}
        return [found[chunk_id] for chunk_id in chunk_ids if chunk_id in found]

    def neighbours(self, chunk: ChunkText, principal: Principal, reach: int) -> Sequence[ChunkText]:
        span = {
            "id": as_uuid(chunk.document_id),
            "version": chunk.version,
            "first": chunk.ordinal - reach,
            "last": chunk.ordinal + reach,
        }
        with reading_as(self._pool, principal) as conn:
            rows = conn.execute(SQL["read_neighbours"], span).fetchall()
        return [self._chunk_text(*row) for row in rows]

    def parent(self, chunk: ChunkText, principal: Principal) -> ChunkText | None:
        wanted = {"id": as_uuid(chunk.document_id), "version": chunk.version, "chunk": chunk.chunk_id}
        with reading_as(self._pool, principal) as conn:
            row = conn.execute(SQL["read_parent"], wanted).fetchone()
        if row is None or chunk.parent is None:
            return None
        text, page, table_header = row
        start, end = chunk.parent
        return replace(chunk, start=start, end=end, text=text, page=page, table_header=table_header)

    def holding(
        self, chunk: ChunkText, principal: Principal, words: Sequence[str], limit: int = 32
    ) -> Sequence[ChunkText]:
        wanted = {
            "id": as_uuid(chunk.document_id),
            "version": chunk.version,
            "words": [word.lower() for word in words],
            "limit": limit,
        }
        with reading_as(self._pool, principal) as conn:
            rows = conn.execute(SQL["read_holding"], wanted).fetchall()
        return [self._chunk_text(*row) for row in rows]

    def _chunk_text(self, *row: Any) -> ChunkText:
        """The columns of `read_chunks`; an array comes as a list."""
        fields: list[Any] = [tuple(value) if isinstance(value, list) else value for value in row]
        chunk = ChunkText(*fields)
        return replace(chunk, version_id=version_id(self._key, chunk.document_id, chunk.version))


class PostgresVersionText:
    """Implements `generation.protocols.VersionText`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def text(self, document_id: str, version: int, principal: Principal) -> SourceText | None:
        return await asyncio.to_thread(self._text, document_id, version, principal)

    def _text(self, document_id: str, version: int, principal: Principal) -> SourceText | None:
        with reading_as(self._pool, principal) as conn:
            row = conn.execute(SQL["read_version"], {"id": as_uuid(document_id), "version": version}).fetchone()
        if row is None:
            return None
        *_, text, layout, warnings, pages, language = row
        tables = tuple(TableSpan(e.start, e.end, e.grid) for e in unpack_elements(layout) if e.grid)
        by_number = {page.number: page for page in unpack_pages(pages)}
        return SourceText(
            text, unpack_lines(layout), unpack_warnings(warnings), by_number, tables, language or language_of(text)
        )

    async def day(self, document_id: str, version: int, principal: Principal) -> date | None:
        return await asyncio.to_thread(self._day, document_id, version, principal)

    def _day(self, document_id: str, version: int, principal: Principal) -> date | None:
        with reading_as(self._pool, principal) as conn:
            row = conn.execute(SQL["read_day"], {"id": as_uuid(document_id), "version": version}).fetchone()
        return None if row is None or row[0] == date.min else row[0]


class PostgresLabels:
    """Implements `generation.answering.routing.Labels`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def readers(self, versions: Collection[tuple[str, int]], principal: Principal) -> Permits:
        return await asyncio.to_thread(self._readers, versions, principal)

    def _readers(self, versions: Collection[tuple[str, int]], principal: Principal) -> Permits:
        wanted = {"ids": [as_uuid(id_) for id_, _ in versions], "versions": [version for _, version in versions]}
        with reading_as(self._pool, principal) as conn:
            rows = conn.execute(SQL["read_labels"], wanted).fetchall()
        return {(id_, version): tuple(map(frozenset, labels)) for id_, version, *labels in rows}
