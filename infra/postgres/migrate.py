"""Brings the schema to what this program needs: applies the files of `migrations/` in the order of their names."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg

from infra.postgres.errors import MigrationFailed
from infra.postgres.pool import Pool, connection
from infra.postgres.sql import SQL

MIGRATIONS = Path(__file__).with_name("migrations")


def migrate(pool: Pool, folder: Path = MIGRATIONS) -> list[str]:
    """Applies what is missing, all of it or nothing, and returns the names of the files applied.

    Two programs that start together take turns. Raises `MigrationFailed` when an applied file has changed
    since, when the database is newer than the program, or when a statement fails.
    """
    files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.sql"))}
    with connection(pool) as conn:
        try:
            with conn.transaction():
                conn.execute(SQL["lock_migrations"])
                conn.execute(SQL["create_schema_migrations"])
                applied: dict[str, str] = dict(conn.execute(SQL["applied_migrations"]).fetchall())
                _check(applied, files)
                missing = [name for name in files if name not in applied]
                for name in missing:
                    conn.execute(files[name])
                    conn.execute(SQL["record_migration"], {"name": name, "sha256": _sha256(files[name])})
                return missing
        except psycopg.errors.InsufficientPrivilege as error:
            raise MigrationFailed(_privilege(conn.info.user, error)) from error
        except psycopg.Error as error:
            if isinstance(error, psycopg.OperationalError):
                raise
            raise MigrationFailed(
                f"The schema could not be brought up to date: {error}. Nothing was changed."
            ) from error


def pending(pool: Pool, folder: Path = MIGRATIONS) -> list[str]:
    """The names of the files that `migrate` would apply; changes nothing. Raises `MigrationFailed` as it does."""
    files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.sql"))}
    with connection(pool) as conn:
        applied: dict[str, str] = {}
        if conn.execute(SQL["health_has_migrations"]).fetchall()[0][0]:
            applied = dict(conn.execute(SQL["applied_migrations"]).fetchall())
    _check(applied, files)
    return [name for name in files if name not in applied]


def _check(applied: dict[str, str], files: dict[str, bytes]) -> None:
    for name, sha256 in applied.items():
        if name not in files:
            raise MigrationFailed(
                f"The database holds migration {name}, which this program does not know: "
                "a newer version has used it. Install that version or a newer one."
            )
        if _sha256(files[name]) != sha256:
            raise MigrationFailed(
                f"Migration {name} is not the file that was applied to this database. "
                "Reinstall Footnote; changes to the schema go into a new file."
            )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _privilege(user: str, error: psycopg.Error) -> str:
    return (
        f"The database user {user} may not set up the schema: {error.diag.message_primary}. As an administrator run "
        f'CREATE ROLE footnote_reader NOLOGIN; GRANT footnote_reader TO "{user}"; '
        f"and make {user} the owner of the database."
    )
