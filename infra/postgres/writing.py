"""Steps of a transaction that writes documents."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.postgres.pool import Connection
from infra.postgres.rows import chunk_rows, index_key
from infra.postgres.sql import SQL
from ingest.errors import DamagedFile, IngestError
from ingest.types import MAX_SOURCE_BYTES, Chunk, Chunking, Document, Fact


def as_uuid(text: str) -> uuid.UUID | None:
    """None for what is no UUID as we write them: it then matches no row. In the trail what somebody asked for stands as
    they wrote it, and is looked for by one form alone."""
    try:
        found = uuid.UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


def check_text(document: Document) -> None:
    """PostgreSQL stores every code point but NUL and lone surrogates."""
    try:
        (document.source + document.title + document.text).encode()
    except UnicodeEncodeError as error:
        raise DamagedFile(f"{document.title!a} holds half characters (lone surrogates). Save the file anew.") from error
    if "\0" in document.source + document.title + document.text:
        raise DamagedFile(f"{document.title!a} holds NUL characters in its text. Save the file anew.")


def check_source(source: str) -> None:
    """PostgreSQL's indexes hold no longer ones."""
    if len(source.encode()) > MAX_SOURCE_BYTES:
        raise IngestError(f"{source[-80:]!a} has too long a path. Shorten the names of its folders.")


def bump(conn: Connection) -> int:
    """The generation that this transaction makes. Its row stays locked until the end: writers take turns."""
    return int(conn.execute(SQL["bump_generation"]).fetchall()[0][0])


def put_chunks(
    conn: Connection,
    document: Document,
    chunks: Sequence[Chunk],
    embeddings: NDArray[np.float32],
    chunking: Chunking,
) -> None:
    """The chunks of this content as it was read, unless these very ones are there; every version that was read so gets
    their key and kind of chunking."""
    key = index_key(document.content_sha256, chunks, document.language)
    content = {"id": document.id, "reading": document.read_as, "index_key": key, "chunking": str(chunking)}
    if conn.execute(SQL["content_is_indexed"], content).fetchone() is None:
        conn.execute(SQL["delete_chunks"], content)
        with conn.cursor() as cursor:
            cursor.executemany(SQL["add_chunk"], chunk_rows(document.id, document.read_as, chunks, embeddings))
    conn.execute(SQL["key_content"], content)


def put_facts(conn: Connection, document_id: str, version: int, facts: Sequence[Fact]) -> None:
    """What is found in the words of a version, in the place of what was found before."""
    place: dict[str, object] = {"id": as_uuid(document_id), "version": version}
    conn.execute(SQL["forget_facts"], place)
    rows = [
        place | {"kind": one.kind.value, "value": one.value, "role": one.role, "term": one.term, "start": one.start,
                 "end": one.end}
        for one in facts
    ]  # fmt: skip
    if rows:
        with conn.cursor() as cursor:
            cursor.executemany(SQL["add_fact"], rows)


def as_said(conn: Connection, document: Document) -> Document:
    """In the language that a person has said before of the same words, unless one says so now."""
    if document.language_set:
        return document
    row = conn.execute(SQL["said_language"], {"id": document.id, "reading": document.read_as}).fetchone()
    return document if row is None else replace(document, language=str(row[0]), language_set=True)


def speak(conn: Connection, document_id: str, version: int, language: str, generation: int) -> None:
    """The words of that version are in this language, in all versions that have them, and their chunks get its key."""
    place = {"id": document_id, "version": version, "language": language, "generation": generation}
    rows = conn.execute(SQL["put_language"], place).fetchall()
    for reading, content_sha256 in sorted(set(rows)):
        content = {"id": document_id, "reading": reading}
        chunks = [chunk_of(document_id, *row) for row in conn.execute(SQL["content_chunks"], content)]
        conn.execute(SQL["key_language"], content | {"index_key": index_key(content_sha256, chunks, language)})
    conn.execute(SQL["move_current_version"], place | {"version": None})


def chunk_of(document_id: str, *row: Any) -> Chunk:
    """From the columns of `content_chunks`."""
    id_, ordinal, start, end, text, title, section_path, page, table_header, summary, parent = row
    span = None if parent is None else (parent[0], parent[1])
    path = tuple(section_path)
    return Chunk(id_, document_id, ordinal, start, end, text, title, path, page, table_header, summary, span)


def put_label(conn: Connection, allow: frozenset[str]) -> str:
    """The id of the label for this set of principals: a digest of it, so a set has one label."""
    principals = sorted(allow)
    label = hashlib.sha256("\n".join(principals).encode()).hexdigest()[:32]
    conn.execute(SQL["add_label"], {"id": label, "principals": principals})
    return label
