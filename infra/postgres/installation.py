"""What a database says of itself, by whatever address it was reached."""

from __future__ import annotations

from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL


class PostgresInstallation:
    """Each call is one transaction."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def is_demo(self) -> bool:
        """Whether the demo has been here."""
        with transaction(self._pool) as conn:
            return bool(conn.execute(SQL["is_demo"]).fetchall()[0][0])

    def mark_demo(self) -> None:
        """For good."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["mark_demo"])
