"""Words looked for in every column that can hold them, whatever PostgreSQL compresses on the disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.sql import SQL, about
from infra.postgres.writing import as_uuid

MOST = 100  # rows of a column that are told


@dataclass(frozen=True, slots=True)
class RowHit:
    """A row in which one of the words stands. `key`: its primary key, the values between commas."""

    column: str
    key: str


def rows_with(pool: Pool, forms: Sequence[str], *, skip: frozenset[str] = frozenset()) -> Iterator[RowHit]:
    """Every column of every table of ours but those that are skipped; white space counts as one blank. `forms`: the
    words as they may be written."""
    with transaction(pool) as conn:
        for table, column, key in conn.execute(SQL["word_columns"]).fetchall():
            if f"{table}.{column}" not in skip:
                yield from (RowHit(f"{table}.{column}", found) for found in _keys(conn, table, column, key, forms))


def _keys(conn: Connection, table: str, column: str, key: list[str], forms: Sequence[str]) -> list[str]:
    asked = about("words_in_column", table=table, column=column, key=key or ["ctid"])
    return [found for (found,) in conn.execute(asked, {"words": list(forms), "limit": MOST})]


def files_of_tables(pool: Pool) -> dict[str, str]:
    """The table of each file of the server's folder that holds rows, an index or long values, by its path there."""
    with transaction(pool) as conn:
        return dict(conn.execute(SQL["files_of_tables"]).fetchall())


def remains_of(pool: Pool, document_id: str) -> dict[str, int]:
    """How many rows there still are of a document, by table; without those that have none."""
    with transaction(pool) as conn:
        rows = conn.execute(SQL["remains_of_document"], {"id": as_uuid(document_id)}).fetchall()
    return {table: count for table, count in rows if count}
