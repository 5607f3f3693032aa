"""The catalog of versions: the first enforcer's source, read without row-level security."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray

from infra.postgres.errors import EmbedderMismatch
from infra.postgres.facts import FactRow, named_by
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from ingest.types import Chunk, Name
from retrieval.errors import IndexUnavailable
from retrieval.types import DOCUMENT, KEY, CatalogChanges, IndexRow, VersionColumns

BATCH_KEYS = 500  # versions asked for at a time, so that no sort grows with the corpus
BATCH_ROWS = 1000
BATCH_NAMES = 5000
PAGE_DOCUMENTS = 250_000  # of the whole catalog
Cursor: TypeAlias = psycopg.Cursor[tuple[Any, ...]]

# As `changed_versions` puts the columns together.
_VERSION = np.dtype(
    [("key", KEY), ("label", ">i4"), ("own_label", ">i4"), ("number", ">i4"), ("day", ">i4"), ("current", "?")]
)


class PostgresCatalog:
    """Implements `retrieval.protocols.Catalog`. `beside`: the name of the index that the pool looks at, "" for the
    usual one; raises `IndexUnavailable` once it was dropped."""

    def __init__(self, pool: Pool, *, beside: str = "") -> None:
        self._pool, self._beside = pool, beside

    def bind_embedder(self, name: str) -> None:
        """Makes `name` this installation's embedder, once; raises `EmbedderMismatch` for another one later."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["bind_embedder"], {"name": name})
            bound = str(conn.execute(SQL["bound_embedder"]).fetchall()[0][0])
        if bound != name:
            raise EmbedderMismatch(
                f"The documents here were embedded with {bound}, not with {name}. "
                f"Set FOOTNOTE_EMBEDDER={bound}, or ingest them again into another FOOTNOTE_HOME."
            )

    def generation(self) -> int:
        with transaction(self._pool) as conn:
            if not self._beside:
                return int(conn.execute(SQL["generation"]).fetchall()[0][0])
            row = conn.execute(SQL["generation_beside"], {"name": self._beside}).fetchone()
        if row is None:
            raise IndexUnavailable(f"The index {self._beside} was dropped. Make it again: footnote release build NAME.")
        return int(row[0])

    def changes(self, since: int) -> CatalogChanges:
        with transaction(self._pool) as conn, conn.cursor(binary=True) as cursor:
            cursor.execute(SQL["snapshot"])
            generation = int(cursor.execute(SQL["generation"]).fetchall()[0][0])
            complete = since < 0
            known = {"since": since}
            found = _all(cursor) if complete else _only(cursor.execute(SQL["changed_versions"], known))
            rows = np.frombuffer(found, _VERSION)
            documents = np.frombuffer(
                b"" if complete else _only(cursor.execute(SQL["changed_documents"], known)), DOCUMENT
            )
            numbers = np.union1d(rows["label"], rows["own_label"])
            labels = cursor.execute(SQL["labels"], {"numbers": None if complete else numbers.tolist()}).fetchall()
        return CatalogChanges(
            generation,
            complete,
            documents,
            VersionColumns(
                keys=rows["key"].copy(),
                labels=rows["label"].astype(np.int32),
                own_labels=rows["own_label"].astype(np.int32),
                numbers=rows["number"].astype(np.int32),
                days=rows["day"].astype(np.int32),
                current=rows["current"].copy(),
            ),
            {number: frozenset(principals) for number, principals in labels},
        )

    def index_rows(self, keys: Sequence[bytes]) -> Iterator[tuple[IndexRow, NDArray[np.float32]]]:
        """Rows of one snapshot, streamed."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["snapshot"])
            for first in range(0, len(keys), BATCH_KEYS):
                batch = keys[first : first + BATCH_KEYS]
                wanted = {"documents": [UUID(bytes=key[:16]) for key in batch], "digests": [key[16:] for key in batch]}
                with conn.cursor(name="index_rows", binary=True) as cursor:
                    cursor.itersize = BATCH_ROWS
                    cursor.execute(SQL["index_rows"], wanted)
                    for place, *fields, language, embedding in cursor:
                        chunk = Chunk(*fields)
                        vector = np.frombuffer(embedding, dtype="<f4").astype(np.float32, copy=False)
                        yield IndexRow(chunk.id, batch[place - 1], chunk.indexed_text, language or ""), vector

    def names(self, keys: Sequence[bytes]) -> Sequence[tuple[Name, ...] | None]:
        """Implements `retrieval.search.names.NameSource`: what was found in the versions, and what people say of the
        documents."""
        found: list[tuple[Name, ...] | None] = [None] * len(keys)
        with transaction(self._pool) as conn, conn.cursor(binary=True) as cursor:
            for first in range(0, len(keys), BATCH_NAMES):
                batch = keys[first : first + BATCH_NAMES]
                ids = [UUID(bytes=key[:16]) for key in batch]
                wanted = {"documents": ids, "digests": [key[16:] for key in batch]}
                rows = cursor.execute(SQL["names_of_keys"], wanted).fetchall()
                facts = _facts(cursor, [ids[place - 1] for place, *_ in rows], [version for _, version, *_ in rows])
                for number, (place, _, names, media_type) in enumerate(rows):
                    told = (*(Name(*name) for name in names), Name("media type", media_type, media_type, "file"))
                    found[first + place - 1] = named_by(told, facts.get(number + 1, ()))
        return found

    def corrected(self, since: int) -> tuple[int, Sequence[bytes] | None]:
        """Implements `retrieval.search.names.NameSource`."""
        with transaction(self._pool) as conn:
            last = int(conn.execute(SQL["last_correction"]).fetchall()[0][0])
            if last <= since:
                return last, None if last < since else ()
            rows = conn.execute(SQL["corrected_documents"], {"since": since}).fetchall()
        return last, [id_.bytes for (id_,) in rows]


def _facts(cursor: Cursor, documents: Sequence[Any], versions: Sequence[int]) -> dict[int, list[FactRow]]:
    """The facts of these versions and of their documents, by place from 1."""
    rows: dict[int, list[FactRow]] = {}
    if not documents:
        return rows
    asked = {"documents": list(documents), "versions": list(versions)}
    for place, kind, value, role, term, replaces, set_by in cursor.execute(SQL["facts_of_versions"], asked):
        row = FactRow(kind, value, role, term, replaces=replaces, set_by=set_by)
        rows.setdefault(place, []).append(row)
    return rows


def _all(cursor: Cursor) -> bytes:
    """The versions of all documents."""
    found = bytearray()
    after: UUID | None = UUID(int=0)  # which is nobody's
    while after is not None:
        edge = cursor.execute(SQL["last_of_documents"], {"after": after, "more": PAGE_DOCUMENTS - 1}).fetchone()
        page = {"after": after, "last": edge[0] if edge else UUID(int=2**128 - 1)}
        found += cursor.execute(SQL["versions_of_page"], page).fetchall()[0][0] or b""
        after = edge[0] if edge else None
    return bytes(found)


def _only(cursor: Cursor) -> bytes:
    """The one value of the one row, or nothing."""
    value: bytes | None = cursor.fetchall()[0][0]
    return value or b""
