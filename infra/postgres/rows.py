"""What goes into the columns of versions and chunks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray
from psycopg.types.json import Jsonb

from infra.postgres.layout import pack_layout, pack_pages, pack_warnings
from ingest.types import NAME_RULES, PARSER_RULES, Chunk, Chunking, Document, Name

_AS_ENGLISH = frozenset({"", "en", "und"})
_ISO_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)


def index_key(content_sha256: str, chunks: Sequence[Chunk], language: str = "") -> bytes | None:
    """Names what the index holds of a content as it was read: 32 bytes, None for nothing. Migration 0004 has the same
    in SQL, for chunks without summary and parent. `language`: by which words are stemmed; English has none in
    the key, as before there were others."""
    if not chunks:
        return None
    digest = hashlib.sha256(content_sha256.encode())
    if language not in _AS_ENGLISH:
        digest.update(f"\nlanguage {language}\n".encode())
    for chunk in sorted(chunks, key=lambda chunk: chunk.ordinal):
        parent = "" if chunk.parent is None else "\n{}-{}".format(*chunk.parent)
        digest.update(hashlib.sha256(f"{chunk.id}\n{chunk.indexed_text}{parent}".encode()).digest())
    return digest.digest()


def first_day(document_date: str | None) -> date | None:
    """The first day of `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; None for anything else."""
    match = _ISO_DAY.fullmatch(document_date or "")
    if match is None:
        return None
    year, month, day = (int(part or 1) for part in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def version_row(
    document: Document, version: int, size: int, document_date: str | None, chunking: Chunking
) -> dict[str, object]:
    return {
        "id": document.id,
        "version": version,
        "content_sha256": document.content_sha256,
        "media_type": document.media_type,
        "bytes": size,
        "date": document_date,
        "effective": first_day(document_date),
        "text": document.text,
        **reading_columns(document, chunking),
    }


def reading_columns(document: Document, chunking: Chunking) -> dict[str, object]:
    """What another parser could make otherwise of the same words."""
    return {
        "reading": document.read_as,
        "title": document.title,
        "page_count": document.page_count,
        "layout": Jsonb(pack_layout(document)),
        "warnings": Jsonb(pack_warnings(document.warnings)),
        "pages": Jsonb(pack_pages(document.pages)),
        "parser_rules": PARSER_RULES,
        "chunking": str(chunking),
        "language": document.language,
        "language_set": document.language_set,
        **name_columns(document.names),
    }


def name_columns(names: Sequence[Name]) -> dict[str, object]:
    """Names as `[[kind, text, value, origin, start, end], ...]`, and the rules that they were found by."""
    rows = [[name.kind, name.text, name.value, name.origin, name.start, name.end] for name in names]
    return {"names": Jsonb(rows), "name_rules": NAME_RULES}


def chunk_rows(
    document_id: str, reading: str, chunks: Sequence[Chunk], embeddings: NDArray[np.float32]
) -> Iterator[dict[str, object]]:
    for chunk, vector in zip(chunks, embeddings.astype("<f4"), strict=True):
        yield {
            "id": chunk.id,
            "document_id": document_id,
            "reading": reading,
            "ordinal": chunk.ordinal,
            "start": chunk.start,
            "end": chunk.end,
            "text": chunk.text,
            "title": chunk.title,
            "section_path": list(chunk.section_path),
            "page": chunk.page,
            "table_header": chunk.table_header,
            "summary": chunk.summary,
            "parent": None if chunk.parent is None else list(chunk.parent),
            "embedding": vector.tobytes(),
        }
