"""Goes through the list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import psycopg

from api.wiring.doctor import operations, privacy, quality, safety, sealing
from api.wiring.doctor.examined import Examined
from api.wiring.doctor.findings import Finding, Found, Row, failing
from infra.postgres.pool import Pool
from infra.settings import Settings
from ingest.errors import FootnoteError

ROWS: Sequence[Row[Examined]] = (*privacy.ROWS, *quality.ROWS, *safety.ROWS, *sealing.ROWS, *operations.ROWS)


def examine(
    settings: Settings, *, thorough: bool = False, only: Sequence[str] = (), pool: Pool | None = None
) -> Iterator[Finding]:
    """Each row of the list, in its order, as it is found; what cannot be looked at is failing. `pool`: as in
    `Examined`."""
    with Examined(settings, thorough=thorough, pool=pool) as it:
        for row in ROWS:
            if not only or row.id in only or row.area in only:
                found = _looked(row, it)
                yield Finding(row.id, row.area, row.asks, found.level, found.said, found.do)


def _looked(row: Row[Examined], it: Examined) -> Found:
    try:
        return row.look(it)
    except FootnoteError as error:
        return failing(str(error), "Put this right and look again.")
    except psycopg.Error as error:  # a table that is not as the schema has it
        return failing(
            f"PostgreSQL says: {error.diag.message_primary or error}.", "Restore a backup: `footnote restore`."
        )
    except OSError as error:
        return failing(f"{error.filename or 'the operating system'}: {error.strerror or error}.", "Look again then.")
