"""Words looked for in every store of an installation, in bytes and in what is compressed or sealed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.wiring.erasing.trail import TrailReader, says
from api.wiring.searching import index
from api.wiring.stores import Stores
from infra.erasure.files import files_with
from infra.erasure.words import Words
from infra.postgres.health import PostgresHealth
from infra.postgres.hygiene import flush
from infra.postgres.looking import remains_of, rows_with

TRAIL, FILES, SEGMENTS = "trail", "files", "segments"
_COMPRESSED = frozenset({"blobs"})


@dataclass(frozen=True, slots=True)
class Found:
    """`place`: `table.column`, or `trail`, `files`, `segments`. `key`: the row, the entry, the file."""

    place: str
    key: str


def look(parts: Stores, words: Words) -> Iterator[Found]:
    """Rows, entries of the trail as it opens, files. Raises `AuditBroken`, `DatabaseUnavailable`."""
    for row in rows_with(parts.pool, words.forms):
        yield Found(row.column, row.key)
    for entry in TrailReader(parts.audit, parts.opened).entries():
        if says(entry, words):
            yield Found(TRAIL, entry.id)
    flush(parts.pool)
    for file in files_with(parts.settings.home, words.patterns(), unpack=_COMPRESSED):
        yield Found(FILES, f"{file.place} at byte {file.at}")


def remains(parts: Stores, document_id: str) -> Iterator[Found]:
    """What is still stored of a document, and rows of gone documents in segments, which do not say of which."""
    for table, count in remains_of(parts.pool, document_id).items():
        yield Found(table, f"{count} rows of {document_id}")
    dimension = PostgresHealth(parts.pool).index()[1] or 1
    for segment in index(parts.settings, parts.catalog, parts.pool, dimension).status().segments:
        if segment.damaged or segment.living < segment.rows:
            yield Found(SEGMENTS, f"{segment.name}: {segment.rows - segment.living} rows of documents that are gone")


def look_for(parts: Stores, said: Sequence[str], document_id: str) -> tuple[Found, ...]:
    """Both, each if it is given. Raises `TooShort`."""
    found = list(look(parts, Words.of(said))) if said else []
    return (*found, *(remains(parts, document_id) if document_id else ()))
