"""Whether the quotes of stored answers still stand at their bytes."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from infra.postgres.chain import AuditRow, Vault
from infra.postgres.citing import citations_of
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid

_BATCH_ROWS = 500
_PLACE = ("document_id", "version", "start", "end", "quote")


@dataclass(frozen=True, slots=True)
class QuoteReport:
    """Different citations that were looked at, which are not erased, those of them whose version was purged since, and
    those whose words do not stand where the record says: `document:version:start`."""

    looked: int
    gone: int
    wrong: tuple[str, ...] = ()


def check_quotes(pool: Pool, vault: Vault, newest: int | None = None) -> QuoteReport:
    """Every citation of the trail, or those of its newest rows, against the text of its version."""
    with transaction(pool) as conn:
        conn.execute(SQL["snapshot"])

        @lru_cache(maxsize=32)
        def text(document_id: str, version: int) -> str | None:
            row = conn.execute(SQL["version_words"], {"id": as_uuid(document_id), "version": version}).fetchone()
            return row[1] if row else None

        def judged(rows: Iterable[tuple[Any, ...]]) -> QuoteReport:
            seen: set[bytes] = set()  # digests: a trail may hold millions of quotes
            gone, wrong = 0, []
            for row in rows:
                for _, said in citations_of(AuditRow(*row), vault):
                    document, version, start, end, quote = (said[name] for name in _PLACE)
                    key = blake2b(repr((document, version, start, end, quote)).encode(), digest_size=16).digest()
                    if key in seen:
                        continue
                    seen.add(key)
                    words = text(document, version)
                    if words is None:
                        gone += 1
                    elif words[start:end] != quote:
                        wrong.append(f"{document}:{version}:{start}")
            return QuoteReport(len(seen), gone, tuple(wrong))

        if newest is not None:
            return judged(conn.execute(SQL["show_audit"], {"limit": newest}).fetchall())
        with closing(conn.cursor(name="audit_quotes")) as cursor:
            cursor.itersize = _BATCH_ROWS
            cursor.execute(SQL["audit_chain"])
            return judged(cursor)
