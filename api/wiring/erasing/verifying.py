"""Words looked for in every store of an installation, in bytes and in what is compressed or sealed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from api.wiring.erasing.trail import TrailReader, says
from api.wiring.searching import every_index
from api.wiring.stores import Stores
from infra.erasure.files import files_with
from infra.erasure.words import SHORTEST, Words
from infra.postgres.holdings import HOLDINGS, OPERATORS
from infra.postgres.hygiene import flush
from infra.postgres.looking import files_of_tables, remains_of, rows_with

TRAIL, FILES, SEGMENTS = "trail", "files", "segments"
_OF_DOCUMENTS = frozenset(
    {
        "versions",
        "chunks",
        "index_chunks",
        "index_keys",
        "documents",
        "facts",
        "blobs",
        "pg_statistic",
        "pg_wal",
        "segments",
    }
)
_COMPRESSED = frozenset({"blobs"})


@dataclass(frozen=True, slots=True)
class Found:
    """`place`: `table.column`, or `trail`, `files`, `segments`. `key`: the row, the entry, the file. `of`: the table
    that the file is of, or the folder that it lies in."""

    place: str
    key: str
    of: str = ""

    @property
    def in_documents(self) -> bool:
        """In what is stored of documents that are here still."""
        return (self.of or self.place.partition(".")[0]) in _OF_DOCUMENTS


def look(parts: Stores, words: Words) -> Iterator[Found]:
    """Rows, entries of the trail as it opens, files. Raises `AuditBroken`, `DatabaseUnavailable`."""
    for row in rows_with(parts.pool, words.forms):
        yield Found(row.column, row.key)
    for entry in TrailReader(parts.audit, parts.opened).entries():
        if says(entry, words):
            yield Found(TRAIL, entry.id)
    flush(parts.pool)
    tables = {} if parts.settings.database_url else files_of_tables(parts.pool)
    for file in files_with(parts.settings.home, words.patterns(), unpack=_COMPRESSED):
        of = _owner(file.place, tables)
        yield Found(FILES, f"{file.place} at byte {file.at}" + (f" ({of})" if of in tables.values() else ""), of)


def noted(parts: Stores, names: Sequence[str]) -> Iterator[Found]:
    """Rows in which operators have written one of the names; of shorter ones than can be looked for none."""
    told = [name for name in names if len(name) >= SHORTEST]
    others = frozenset(one.column for one in HOLDINGS) - OPERATORS
    for row in rows_with(parts.pool, Words.of(told).forms, skip=others) if told else ():
        yield Found(row.column, row.key)


def _owner(place: str, tables: Mapping[str, str]) -> str:
    """The table, or the folder: the first one, and of the server's the second, too."""
    folder, _, inner = place.partition("/")
    if folder != "postgres":
        return folder
    return tables.get(re.split(r"[._]", inner)[0], inner.partition("/")[0])


def remains(parts: Stores, document_id: str) -> Iterator[Found]:
    """What is still stored of a document, and rows of gone documents in segments, which do not say of which."""
    for table, count in remains_of(parts.pool, document_id).items():
        yield Found(table, f"{count} rows of {document_id}")
    for _, index in every_index(parts):
        for segment in index.status().segments:
            if segment.damaged or segment.living < segment.rows:
                gone = segment.rows - segment.living
                yield Found(SEGMENTS, f"{segment.name}: {gone} rows of documents that are gone")


def look_for(parts: Stores, said: Sequence[str], document_id: str) -> tuple[Found, ...]:
    """Both, each if it is given. Raises `TooShort`."""
    found = list(look(parts, Words.of(said))) if said else []
    return (*found, *(remains(parts, document_id) if document_id else ()))
