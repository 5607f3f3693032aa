"""Documents that are read again: what is stored of them, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from infra.files.blobs import BlobStore
from infra.files.errors import BlobDamaged, BlobMissing
from infra.postgres.changes import Trail, changing
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.rights import known
from infra.postgres.rows import index_key, reading_columns
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid, bump, check_text, put_chunks, put_facts
from ingest.errors import UnreadableFile
from ingest.languages import UNKNOWN
from ingest.protocols import ReadAgain, Reading
from ingest.types import OPERATOR, PARSER_RULES, Author, Chunk, Chunking, Document

_ANY_RULES = 2**31 - 1


class PostgresRereading:
    """Implements `ingest.protocols.Rereading`."""

    def __init__(self, pool: Pool, blobs: BlobStore, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._blobs = blobs
        self._trail = trail

    def behind(self, ids: Sequence[str] | None = None) -> tuple[str, ...]:
        """Of these documents (None: of all that are not deleted), those with a version that was read by older rules,
        by source."""
        return self._read_before(ids, PARSER_RULES)

    def there(self, ids: Sequence[str] | None = None) -> tuple[str, ...]:
        """Of these documents (None: of all) those that are not deleted, by source."""
        return self._read_before(ids, _ANY_RULES)

    def _read_before(self, ids: Sequence[str] | None, rules: int) -> tuple[str, ...]:
        wanted = None if ids is None else [as_uuid(one) for one in ids]
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["behind_documents"], {"ids": wanted, "rules": rules}).fetchall()
        return tuple(id_ for (id_,) in rows)

    def readings(self, document_id: str) -> tuple[str, Sequence[Reading]]:
        with transaction(self._pool) as conn:
            return _readings(conn, document_id)

    def content(self, content_sha256: str) -> bytes:
        try:
            return self._blobs.get(content_sha256)
        except (BlobMissing, BlobDamaged) as error:
            raise UnreadableFile(str(error)) from error

    def unchanged(self, reading: Reading, document: Document, chunks: Sequence[Chunk]) -> bool:
        return reading.index_key == index_key(document.content_sha256, chunks, document.language)

    def reread(
        self, document_id: str, seen: Sequence[Reading], found: Mapping[int, ReadAgain], *, author: Author
    ) -> Mapping[int, int] | None:
        for again in found.values():
            check_text(again.document)
        with changing(self._pool, self._trail) as change:
            conn = change.conn
            conn.execute(SQL["lock_generation"])
            if list(_readings(conn, document_id)[1]) != list(seen):
                return None
            corrected = _corrected(conn, document_id, seen, found)
            if corrected or any(again.embeddings is not None for again in found.values()):
                place = {"id": document_id, "generation": bump(conn), "version": max(corrected.values(), default=None)}
                conn.execute(SQL["move_current_version"], place)
            about = known(conn, document_id, OPERATOR)
            if corrected and about is not None:
                change.record("reread", author.name, **about.record(), corrected=sorted(map(list, corrected.items())))
            for kind in sorted({str(found[one.version].chunking) for one in seen if _rechunked(one, found)}):
                assert about is not None
                change.record("rechunk", author.name, **about.record(), chunking=kind)
        return corrected


def _corrected(
    conn: Connection, document_id: str, seen: Sequence[Reading], found: Mapping[int, ReadAgain]
) -> dict[int, int]:
    """Writes it all; returns the versions that have a later one now, with that one's number."""
    other = [one.version for one in seen if one.version in found and found[one.version].document.text != one.text]
    newest = seen[-1].version
    corrected: dict[int, int] = {}
    for one in seen:
        again = found.get(one.version)
        written = one.version
        if again is not None and one.version not in other:
            _set(conn, again, written)
        if other and one.version >= other[0]:
            newest += 1
            corrected[one.version] = written = newest
            conn.execute(SQL["copy_version"], {"id": document_id, "version": newest, "corrects": one.version})
            conn.execute(SQL["copy_facts"], {"id": document_id, "version": newest, "corrects": one.version})
            if again is not None and one.version in other:
                _set(conn, again, written)
        if again is not None and again.embeddings is not None:
            put_chunks(conn, again.document, again.chunks, again.embeddings, again.chunking)
    conn.execute(SQL["read_by_rules"], {"id": document_id, "rules": PARSER_RULES, "versions": list(found)})
    return corrected


def _set(conn: Connection, again: ReadAgain, version: int) -> None:
    document = again.document
    row = {"id": document.id, "version": version, "text": document.text, "media_type": document.media_type}
    conn.execute(SQL["set_reading"], row | reading_columns(document, again.chunking))
    put_facts(conn, document.id, version, document.facts)


def _rechunked(one: Reading, found: Mapping[int, ReadAgain]) -> bool:
    return one.version in found and found[one.version].chunking != one.chunking


def _readings(conn: Connection, document_id: str) -> tuple[str, tuple[Reading, ...]]:
    rows = conn.execute(SQL["readings"], {"id": as_uuid(document_id)}).fetchall()
    source = rows[0][0] if rows else ""
    name = PurePosixPath(source.replace("\\", "/")).name
    return source, tuple(
        Reading(
            version,
            sha256,
            name,
            text,
            read_as,
            key,
            rules < PARSER_RULES,
            Chunking.of(chunking),
            language or UNKNOWN,
            by_person,
        )
        for _, version, sha256, text, read_as, key, rules, chunking, language, by_person in rows
    )
