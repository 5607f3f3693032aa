"""An outage of PostgreSQL is reported in seconds and over as soon as it is."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from infra.postgres.errors import DatabaseUnavailable
from infra.postgres.pool import Pool, connection, open_pool
from infra.postgres.server import embedded_server
from ingest.errors import DiskFull

LONG_S = 25.0  # a busy machine's share of it, and less than the pool's own half a minute


def test_outage_and_recovery(server_folder: Path) -> None:
    with embedded_server(server_folder) as server, open_pool(server.url) as pool:
        with connection(pool) as conn:
            conn.execute("SELECT 1")
        os.kill(int((server_folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        time.sleep(0.5)
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(DatabaseUnavailable, match="PostgreSQL does not answer"), connection(pool):
                pass
            assert time.monotonic() - started < LONG_S
        again = embedded_server(server_folder)
        started = time.monotonic()
        with connection(pool) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
        assert time.monotonic() - started < LONG_S
        again.stop()


def test_an_embedded_server_that_dies_is_started_again(server_folder: Path) -> None:
    with embedded_server(server_folder) as server, open_pool(server.revived) as pool:
        with connection(pool) as conn:
            conn.execute("CREATE TABLE kept (n integer)")
        os.kill(int((server_folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        time.sleep(0.5)
        deadline = time.monotonic() + 15
        while not _holds(pool, "kept") and time.monotonic() < deadline:
            time.sleep(0.1)
        assert _holds(pool, "kept")
    with pytest.raises(DatabaseUnavailable):
        open_pool(server.url)  # what was started again has been stopped as well


def _holds(pool: Pool, table: str) -> bool:
    with suppress(DatabaseUnavailable), connection(pool) as conn:
        return conn.execute("SELECT to_regclass(%s)", [table]).fetchone() == (table,)
    return False


def test_connection_lost_in_the_middle(database_url: str) -> None:
    with open_pool(database_url) as pool:
        with pytest.raises(DatabaseUnavailable), connection(pool) as conn:
            conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        with connection(pool) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)


def test_no_server_there(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(DatabaseUnavailable, match=r"failed: No such file or directory\. Check that it runs"):
        open_pool(f"postgresql://someone@/db?host={tmp_path}")
    assert time.monotonic() - started < LONG_S


@pytest.mark.parametrize("url", ["sqlite:///x?password=hunter2", "postgresql://u:hunter2@h/db?no_such=1", "hunter2"])
def test_bad_url_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="DATABASE_URL") as caught:
        open_pool(url)
    assert "hunter2" not in str(caught.value)


def test_full_disk_is_told_apart(database_url: str) -> None:
    with (
        open_pool(database_url) as pool,
        pytest.raises(DiskFull, match="Free some space"),
        connection(pool) as conn,
    ):
        conn.execute("DO $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$")


def test_what_is_too_large_for_postgres_is_no_outage(database_url: str) -> None:
    long = "".join(hashlib.sha512(str(number).encode()).hexdigest() for number in range(64))
    stored = "CREATE TEMPORARY TABLE keys (key text PRIMARY KEY); INSERT INTO keys VALUES ('{}')"
    with (
        open_pool(database_url) as pool,
        pytest.raises(psycopg.errors.ProgramLimitExceeded),
        connection(pool) as conn,
    ):
        conn.execute(stored.format(long))
