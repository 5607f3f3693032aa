"""Indexes beside the one that documents are ingested into: with another embedder, or cut otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray

from infra.postgres.errors import MigrationFailed
from infra.postgres.pool import Pool, connection, transaction
from infra.postgres.rows import chunk_rows, index_key
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid, bump, chunk_of
from ingest.protocols import Behind
from ingest.types import Chunk, Chunking, Document

_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class IndexRecipe:
    """How an index beside is made. `embedder`: its name and digest; `chunking`: of documents that were cut by
    `base_chunking` as nobody had said anything of them, as `ingest.types.Chunking` is spelled."""

    name: str
    embedder: str
    chunking: str
    base_chunking: str
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IndexCount:
    """Contents as they were read that it does not hold as they are now, those that it holds, their chunks, and how
    many of them are not cut by its own chunking."""

    behind: int
    contents: int
    chunks: int
    otherwise: int


class PostgresIndexes:
    """Which there are. What is read from one is read through `open_pool(..., index=name)`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def all(self) -> list[IndexRecipe]:
        """In the order in which they were made."""
        with transaction(self._pool) as conn:
            return [IndexRecipe(*row) for row in conn.execute(SQL["list_indexes"])]

    def add(self, recipe: IndexRecipe) -> IndexRecipe:
        """As it is there from now on, perhaps made by somebody else before. Raises `MigrationFailed` where the database
        user may not make the schema that indexes are looked at through."""
        with transaction(self._pool) as conn:
            bump(conn)  # one at a time
            try:
                conn.execute(SQL["make_beside"])
            except psycopg.errors.InsufficientPrivilege as error:
                raise MigrationFailed(
                    f"The database user {conn.info.user} may not make the schema that another index needs: "
                    f"{error.diag.message_primary}. As an administrator run: GRANT CREATE ON DATABASE "
                    f'"{conn.info.dbname}" TO "{conn.info.user}"'
                ) from error
            row = {"name": recipe.name, "embedder": recipe.embedder, "chunking": recipe.chunking}
            conn.execute(SQL["add_index"], row | {"base_chunking": recipe.base_chunking})
        return next(one for one in self.all() if one.name == recipe.name)

    def count(self, name: str) -> IndexCount:
        with transaction(self._pool) as conn:
            return IndexCount(*conn.execute(SQL["count_index"], {"name": name}).fetchall()[0])

    def is_behind(self, name: str, ids: Sequence[str] | None = None) -> bool:
        """Whether anything of these documents, or of all, is missing in it."""
        with transaction(self._pool) as conn:
            return conn.execute(SQL["index_behind"], _asked(name, ids, None, 1)).fetchone() is not None

    def forget(self, name: str) -> None:
        """What was stored ahead of a version that never came."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["forget_what_nothing_has"], {"name": name})

    def drop(self, name: str) -> bool:
        with transaction(self._pool) as conn:
            bump(conn)
            return bool(conn.execute(SQL["drop_index"], {"name": name}).rowcount)


class PostgresIndexBeside:
    """Implements `ingest.protocols.BesideStore` for one of them. `own`: the pool that looks at that one."""

    def __init__(self, name: str, pool: Pool, own: Pool) -> None:
        self._name, self._pool, self._own = name, pool, own

    def behind(self, ids: Sequence[str] | None, after: Behind | None, limit: int) -> Sequence[Behind]:
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["index_behind"], _asked(self._name, ids, after, limit)).fetchall()
        return [_behind(*row) for row in rows]

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """The right to make up all that is missing, for one at a time, in whatever process; False if another has it."""
        name = {"name": self._name}
        with connection(self._own) as conn:
            mine = bool(conn.execute(SQL["try_following"], name).fetchall()[0][0])
            try:
                yield mine
            finally:
                if mine:
                    conn.execute(SQL["end_following"], name)

    def chunks(self, one: Behind) -> Sequence[Chunk]:
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["content_chunks"], {"id": one.document_id, "reading": one.reading}).fetchall()
        return [chunk_of(one.document_id, *row) for row in rows]

    def ahead(self, document: Document, usual: Sequence[Chunk], chunking: Chunking) -> Behind | None:
        key = index_key(document.content_sha256, usual, document.language)
        content = {"name": self._name, "id": document.id, "reading": document.read_as}
        with transaction(self._pool) as conn:
            if key is None or not conn.execute(SQL["is_ahead"], content).fetchall()[0][0]:
                return None
        told = (document.content_sha256, document.text, chunking, document.language, document.language_set)
        return Behind(document.id, document.source, document.title, document.read_as, key, *told)

    def put(
        self,
        one: Behind,
        chunks: Sequence[Chunk],
        embeddings: NDArray[np.float32],
        cut_by: Chunking,
        *,
        ahead: bool = False,
    ) -> bool:
        key = index_key(one.content_sha256, chunks, one.language)
        content: dict[str, object] = {"name": self._name, "id": one.document_id, "reading": one.reading}
        content |= {"of_key": one.of_key, "of_chunking": str(one.chunking)}
        with transaction(self._own) as conn:
            generation = bump(conn)
            if ahead:
                wanted = bool(conn.execute(SQL["is_ahead"], content).fetchall()[0][0])
            else:
                wanted = conn.execute(SQL["index_is_asked_for"], content).fetchone() is not None
            if not wanted:
                return False
            conn.execute(SQL["delete_chunks"], content)
            with conn.cursor() as cursor:
                cursor.executemany(SQL["add_chunk"], chunk_rows(one.document_id, one.reading, chunks, embeddings))
            conn.execute(SQL["put_index_key"], content | {"index_key": key, "cut_by": str(cut_by)})
            place = {"id": one.document_id, "version": None, "generation": generation}
            conn.execute(SQL["move_current_version"], place)
        return True


def _asked(name: str, ids: Sequence[str] | None, after: Behind | None, limit: int) -> dict[str, object]:
    return {
        "name": name,
        "ids": None if ids is None else [as_uuid(one) for one in ids],
        "after": as_uuid(after.document_id) if after else _FIRST,
        "reading": after.reading if after else "",
        "limit": limit,
    }


def _behind(
    document_id: str,
    source: str,
    reading: str,
    of_key: bytes,
    sha256: str,
    text: str,
    chunking: str,
    language: str,
    by_person: bool,
) -> Behind:
    name = PurePosixPath(source.replace("\\", "/")).name
    cut = Chunking.of(chunking)
    return Behind(document_id, source, name, reading, bytes(of_key), sha256, text, cut, language, by_person)
