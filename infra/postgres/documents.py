"""Documents in PostgreSQL, their originals in the blob folder."""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from infra.files.blobs import BlobStore
from infra.postgres.errors import DocumentMissing
from infra.postgres.layout import (
    DocumentInfo,
    VersionInfo,
    VersionView,
    unpack_elements,
    unpack_lines,
)
from infra.postgres.pool import Connection, Pool, reading_as, transaction
from infra.postgres.rows import chunk_rows, index_key, version_row
from infra.postgres.sql import SQL
from ingest.errors import DamagedFile
from ingest.protocols import Stored
from ingest.types import Chunk, Document, document_id
from retrieval.types import Principal


class PostgresDocumentStore:
    """Implements `ingest.protocols.DocumentStore`; reads for a principal under row-level security.

    Each call is one transaction. Writers take turns on the catalog's generation, which every change moves on.
    """

    def __init__(self, pool: Pool, blobs: BlobStore) -> None:
        self._pool = pool
        self._blobs = blobs

    def find(self, source: str) -> Stored | None:
        """What is stored under this source, whoever may read it."""
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["find_document"], {"id": document_id(source)}).fetchone()
        return None if row is None else Stored(row[0], row[1], row[2], frozenset(row[3]))

    def add_version(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        embeddings: NDArray[np.float32],
        allow: frozenset[str],
        original: bytes,
        date: str | None = None,
    ) -> int:
        """Stores the next version and makes it the current one; returns its number.

        If the current version is these very bytes, as when two processes ingest the same file, only the label is set.
        A content's chunks are stored once, whatever versions have it; others than before, as a new chunker makes
        them, take the place of the old ones.
        `embeddings` is (n, dimension) float32, a row a chunk; `document.content_sha256` is that of `original`.
        Numbers go on where a deleted document's ended. Raises `DamagedFile` for text that cannot be stored.
        """
        if embeddings.ndim != 2 or len(embeddings) != len(chunks):
            raise ValueError(f"{len(chunks)} chunks need as many embeddings, not an array of shape {embeddings.shape}")
        _check_text(document)
        with transaction(self._pool) as conn:
            generation = _bump(conn)
            if self._blobs.put(original) != document.content_sha256:
                raise ValueError(f"content_sha256 of {document.source} is not that of its original")
            place = {"id": document.id, "label": _put_label(conn, allow), "generation": generation}
            current = conn.execute(SQL["find_document"], place).fetchone()
            if current is not None and current[2] == document.content_sha256:
                conn.execute(SQL["relabel_document"], place)
                version = int(current[1])
            else:
                version = int(conn.execute(SQL["next_version"], place).fetchall()[0][0])
                place |= {"source": document.source, "version": version}
                conn.execute(SQL["put_document"], place)
                conn.execute(SQL["unretire_document"], place)
                conn.execute(SQL["add_version"], version_row(document, version, len(original), date) | place)
            _put_chunks(conn, document, chunks, embeddings)
        return version

    def relabel(self, document_id: str, allow: frozenset[str]) -> None:
        """From the next query on these principals, and nobody else, may read the document; raises `DocumentMissing`.

        An older version stays open to those of them who could read it before.
        """
        with transaction(self._pool) as conn:
            row = {"id": as_uuid(document_id), "generation": _bump(conn), "label": _put_label(conn, allow)}
            if conn.execute(SQL["relabel_document"], row).rowcount == 0:
                raise DocumentMissing(f"There is no document {document_id}.")

    def delete(self, document_id: str, principal: Principal) -> bool:
        """Removes all versions, and originals that nothing else uses; False if missing or hidden alike."""
        row: dict[str, object] = {"id": as_uuid(document_id), "tokens": sorted(principal.tokens)}
        with transaction(self._pool) as conn:
            row["generation"] = 1 + conn.execute(SQL["lock_generation"]).fetchall()[0][0]
            hashes = [sha256 for (sha256,) in conn.execute(SQL["content_of_document"], row)]
            if conn.execute(SQL["delete_document"], row).rowcount == 0:
                return False
            _bump(conn)
        self._sweep(hashes)
        return True

    def sweep_blobs(self) -> int:
        """Removes originals that no version uses, as a kill in the middle leaves them; returns how many.

        A database that has never held a document does not say which are used: it is new, or not restored yet.
        """
        with transaction(self._pool) as conn:
            generation = conn.execute(SQL["lock_generation"]).fetchall()[0][0]
            self._blobs.discard_unfinished()
        if generation == 0:
            return 0
        return self._sweep(self._blobs.hashes())

    def list(self, principal: Principal) -> tuple[DocumentInfo, ...]:
        """Every document that the principal may read, by source."""
        with reading_as(self._pool, principal) as conn:
            versions: defaultdict[str, list[VersionInfo]] = defaultdict(list)
            for owner, *info in conn.execute(SQL["list_versions"]):
                versions[owner].append(VersionInfo(*info))
            rows = conn.execute(SQL["list_documents"]).fetchall()
        return tuple(DocumentInfo(*(*row[:-1], frozenset(row[-1]), tuple(versions[row[0]]))) for row in rows)

    def sources(self) -> tuple[str, ...]:
        """The source of every document, whoever may read it; for who looks after the installation."""
        with transaction(self._pool) as conn:
            return tuple(source for (source,) in conn.execute(SQL["list_sources"]))

    def text(self, document_id: str, version: int | None, principal: Principal) -> VersionView | None:
        """A version (None: the current one) with its layout; None if missing or hidden."""
        with reading_as(self._pool, principal) as conn:
            row = conn.execute(SQL["read_version"], {"id": as_uuid(document_id), "version": version}).fetchone()
        if row is None:
            return None
        return VersionView(*(*row[:-1], unpack_lines(row[-1]), unpack_elements(row[-1])))

    def original(self, document_id: str, version: int | None, principal: Principal) -> tuple[bytes, str, str] | None:
        """The original's bytes, media type and file name; None if missing or hidden."""
        with reading_as(self._pool, principal) as conn:
            row = conn.execute(SQL["read_original"], {"id": as_uuid(document_id), "version": version}).fetchone()
        if row is None:
            return None
        sha256, media_type, source = row
        return self._blobs.get(sha256), media_type, PurePosixPath(source.replace("\\", "/")).name

    def _sweep(self, hashes: Iterable[str]) -> int:
        """Under the writers' lock: a version that uses one of these originals is there already, or puts it again."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_generation"])
            unused = conn.execute(SQL["unreferenced_content"], {"hashes": list(hashes)}).fetchall()
            for (sha256,) in unused:
                self._blobs.delete(sha256)
        return len(unused)


def as_uuid(text: str) -> uuid.UUID | None:
    """None for what is no UUID: it then matches no row."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _check_text(document: Document) -> None:
    """PostgreSQL stores every code point but NUL and lone surrogates."""
    try:
        (document.source + document.title + document.text).encode()
    except UnicodeEncodeError as error:
        raise DamagedFile(f"{document.title!a} holds half characters (lone surrogates). Save the file anew.") from error
    if "\0" in document.source + document.title + document.text:
        raise DamagedFile(f"{document.title!a} holds NUL characters in its text. Save the file anew.")


def _bump(conn: Connection) -> int:
    """The generation that this transaction makes. Its row stays locked until the end: writers take turns."""
    return int(conn.execute(SQL["bump_generation"]).fetchall()[0][0])


def _put_chunks(conn: Connection, document: Document, chunks: Sequence[Chunk], embeddings: NDArray[np.float32]) -> None:
    """The chunks of this content, unless these very ones are there; every version with the content gets their key."""
    key = index_key(document.content_sha256, chunks)
    content = {"id": document.id, "content_sha256": document.content_sha256, "index_key": key}
    if conn.execute(SQL["content_is_indexed"], content).fetchone() is None:
        conn.execute(SQL["delete_chunks"], content)
        with conn.cursor() as cursor:
            cursor.executemany(SQL["add_chunk"], chunk_rows(document, chunks, embeddings))
    conn.execute(SQL["key_content"], content)


def _put_label(conn: Connection, allow: frozenset[str]) -> str:
    """The id of the label for this set of principals: a digest of it, so a set has one label."""
    principals = sorted(allow)
    label = hashlib.sha256("\n".join(principals).encode()).hexdigest()[:32]
    conn.execute(SQL["add_label"], {"id": label, "principals": principals})
    return label
