"""Who may delete and restore a document: asked of the whole catalog, not under row-level security."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from infra.postgres.pool import Connection
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid
from ingest.protocols import Stored
from ingest.types import Author, walled


@dataclass(frozen=True, slots=True)
class Known:
    """A document that an author may read, and whether they may change it: as owner, manager or admin, and only if no
    version of it is hidden from them. What came out of another document is changed with that one alone."""

    document_id: str
    source: str
    version: int
    content_sha256: str
    allow: frozenset[str]
    changeable: bool = True
    parent: str | None = None  # the source of the file that it came out of

    @classmethod
    def row(
        cls,
        document_id: str,
        source: str,
        version: int,
        content_sha256: str,
        allow: Sequence[str],
        changeable: bool = True,
        parent: str | None = None,
    ) -> Self:
        return cls(document_id, source, version, content_sha256, frozenset(allow), changeable, parent)

    @classmethod
    def of(cls, stored: Stored, source: str) -> Self:
        return cls(stored.document_id, source, stored.version, stored.content_sha256, stored.allow)

    def record(self) -> dict[str, object]:
        """What the audit trail says of it."""
        return {
            "document_id": self.document_id,
            "source": self.source,
            "version": self.version,
            "content_sha256": self.content_sha256,
            "label": sorted(self.allow),
        }


def known(conn: Connection, document_id: str, author: Author, *, deleted_for: int | None = None) -> Known | None:
    """This document; None if it is missing or hidden. With `deleted_for`, it must have been deleted within so many
    days; without, it must not be deleted."""
    id_ = as_uuid(document_id)
    rows = _rows(conn, author, [] if id_ is None else [id_], deleted_for)
    return rows[0] if rows else None


def known_documents(
    conn: Connection, author: Author, ids: Sequence[str] | None = None, *, deleted_for: int | None = None
) -> list[Known]:
    """All documents, or these, as `known` has one."""
    return _rows(conn, author, None if ids is None else [as_uuid(id_) for id_ in ids], deleted_for)


def _rows(conn: Connection, author: Author, ids: object, deleted_for: int | None) -> list[Known]:
    asked = {
        "ids": ids,
        "operator": author.operator,
        "admin": author.admin,
        "user": author.user,
        "tokens": sorted(author.tokens),
        "walls": sorted(walled(author.tokens)),
        "deleted": deleted_for is not None,
        "days": deleted_for or 0,
    }
    return [Known.row(*row) for row in conn.execute(SQL["document_rights"], asked)]
