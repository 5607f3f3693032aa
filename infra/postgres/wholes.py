"""Versions as wholes: what is known of a file beside its words, and which documents have no words at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from infra.postgres.numbers import version_id
from infra.postgres.pool import Pool, reading_as
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid
from retrieval.types import Principal


@dataclass(frozen=True, slots=True)
class WholeVersion:
    """As `generation.absence.protocols.Whole` has it."""

    version: int
    title: str
    source: str
    content_sha256: str
    page_count: int | None
    passages: int
    parts: tuple[str, ...]
    pending: bool
    version_id: str


class PostgresWholes:
    """Implements `generation.absence.protocols.Wholes`. `key`: for the ids of versions."""

    def __init__(self, pool: Pool, key: bytes) -> None:
        self._pool = pool
        self._key = key

    def read(
        self, document_id: str, principal: Principal, *, version: int | None = None, as_of: date | None = None
    ) -> WholeVersion | None:
        asked = {"id": as_uuid(document_id), "version": version, "as_of": as_of}
        with reading_as(self._pool, principal) as conn:
            row = conn.execute(SQL["whole_version"], asked).fetchone()
        if row is None:
            return None
        number, title, source, sha256, pages, passages, parts, pending = row
        named = version_id(self._key, document_id, number)
        return WholeVersion(number, title, source, sha256, pages, passages, tuple(parts), pending, named)

    def without_text(self, principal: Principal, as_of: date | None = None) -> tuple[str, ...]:
        with reading_as(self._pool, principal) as conn:
            return tuple(id_ for (id_,) in conn.execute(SQL["documents_without_text"], {"as_of": as_of}))
