"""The text of a version as it is shown, read as a principal, under row-level security."""

from __future__ import annotations

from typing import Any

from infra.postgres.layout import PlacedText, spans_of, unpack_elements, unpack_pages, unpack_warnings
from infra.postgres.pool import Pool, reading_as
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid
from ingest.languages import UNKNOWN
from retrieval.types import Principal


def placed_text(pool: Pool, document_id: str, version: int | None, principal: Principal) -> PlacedText | None:
    """A version (None: the current one); None if missing or hidden. Its printed lines stay in the database, which for a
    file of 600 pages takes a tenth of the time."""
    asked = {"id": as_uuid(document_id), "version": version}
    with reading_as(pool, principal) as conn:
        row = conn.execute(SQL["placed_text"], asked).fetchone()
        if row is None:
            return None
        *facts, text, elements, warnings, pages, language = row
        starts = conn.execute(SQL["page_starts"], asked | {"version": facts[1]}).fetchone()
    told: list[Any] = [
        *facts,
        text,
        spans_of(dict(starts[0]), len(text)) if starts else (),
        unpack_elements({"elements": elements}),
        unpack_warnings(warnings),
        unpack_pages(pages),
        language or UNKNOWN,
    ]
    return PlacedText(*told)
