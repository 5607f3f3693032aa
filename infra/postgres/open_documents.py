"""Documents that many may read, for the operator's report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL

_BATCH_ROWS = 20


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """One version: earlier ones stay open beside a blackened one. `readers`: active people, as they were synced, whom
    its label and the document's let in; walls are not subtracted."""

    document_id: str
    version: int
    source: str
    title: str
    text: str
    principals: tuple[str, ...]
    readers: int


def open_documents(pool: Pool, principals: Sequence[str], more_than: int) -> Iterator[OpenDocument]:
    """Versions that one of these principals or more than so many people may read, by source. Reads without row-level
    security, for the operator alone."""
    given = {"principals": [name.lower() for name in principals], "more_than": more_than}
    with transaction(pool) as conn, conn.cursor(name="open_documents") as cursor:
        cursor.itersize = _BATCH_ROWS
        for id_, version, source, title, text, label, readers in cursor.execute(SQL["open_documents"], given):
            yield OpenDocument(str(id_), version, source, title, text, tuple(label), readers)
