"""Connections to PostgreSQL: the pool, the translation of its errors, and reading as a principal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import psycopg
from psycopg_pool import ConnectionPool

from infra.postgres.errors import DatabaseUnavailable
from infra.postgres.sql import SQL
from ingest.errors import DiskFull
from retrieval.types import Principal

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
Pool: TypeAlias = ConnectionPool[Connection]

OLDEST_SERVER = 150000
WAIT_SECONDS = 3.0
_LIMIT = "54"  # class of the errors by which PostgreSQL says, and so is there, that something is too large for it
CONNECT: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "application_name": "footnote",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5000,
}


def open_pool(url: str | Callable[[], str], max_size: int = 8, *, index: str = "") -> Pool:
    """A pool of autocommit connections, open and checked; raises `DatabaseUnavailable`. With the name of an `index`
    beside (`infra.postgres.indexes`) its chunks, keys and segments are what queries find under those names.

    When PostgreSQL goes away, whoever asks for a connection gets `DatabaseUnavailable` within
    `WAIT_SECONDS`; when it is back, the next one to ask gets a connection. Where `url` is a function, it is asked
    before each new connection and may bring PostgreSQL back itself.
    """
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # whoever asks is told; a line an attempt is noise
    _probe(url() if callable(url) else url)
    return ConnectionPool(
        url,
        min_size=1,
        max_size=max_size,
        kwargs=CONNECT,
        check=ConnectionPool.check_connection,
        timeout=WAIT_SECONDS,
        reconnect_timeout=1.0,
        configure=partial(_look_beside, index) if index else None,
        open=True,
    )


def _look_beside(index: str, conn: Connection) -> None:
    conn.execute(SQL["connect_beside"], {"name": index})


@contextmanager
def connection(pool: Pool) -> Iterator[Connection]:
    """A connection from the pool; raises `DatabaseUnavailable` or `DiskFull` for what goes wrong while it is used."""
    try:
        with pool.connection() as conn:
            yield conn
    except psycopg.errors.DiskFull as error:
        raise DiskFull("PostgreSQL has no disk space left. Free some space on its volume and try again.") from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        if (error.sqlstate or "").startswith(_LIMIT):
            raise
        raise DatabaseUnavailable(_unavailable(error)) from error


@contextmanager
def transaction(pool: Pool) -> Iterator[Connection]:
    """A transaction as the connecting user, who sees everything: commits at the end, rolls back on any error."""
    with connection(pool) as conn, conn.transaction():
        yield conn


@contextmanager
def reading_as(pool: Pool, principal: Principal) -> Iterator[Connection]:
    """A transaction in which row-level security shows only what `principal` may read."""
    with transaction(pool) as conn:
        conn.execute(SQL["read_as"], {"tokens": sorted(principal.tokens)})
        yield conn


def _probe(url: str) -> None:
    """Connects once, for a clear reason where a pool would only time out."""
    try:
        with psycopg.connect(url, **CONNECT) as conn:
            version = conn.info.server_version
    except psycopg.ProgrammingError as error:  # its text would repeat the URL, with the password
        raise DatabaseUnavailable(
            "DATABASE_URL is not a PostgreSQL address. Write postgresql://user:password@host:5432/database."
        ) from error
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(_unavailable(error)) from error
    if version < OLDEST_SERVER:
        raise DatabaseUnavailable(f"PostgreSQL {version // 10000} is too old. Footnote needs PostgreSQL 15 or newer.")


def _unavailable(error: psycopg.Error) -> str:
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.endswith("?")]  # "Is the server running ...?"
    reason = told[-1].rstrip(".") if told else type(error).__name__
    return f"PostgreSQL does not answer: {reason}. Check that it runs and that DATABASE_URL is right."
