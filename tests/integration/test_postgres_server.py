"""The embedded server: shared, restarted after kills, clear about folders it cannot use."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from infra.postgres.errors import DatabaseUnavailable
from infra.postgres.server import embedded_server
from ingest.errors import DiskFull

JOIN_AND_WAIT = """
import sys
from pathlib import Path
from infra.postgres.server import embedded_server
server = embedded_server(Path(sys.argv[1]))
print(server.url, flush=True)
sys.stdin.read()
server.stop()
"""


def join(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """Another process that uses the folder's server until its stdin closes, and the URL it got."""
    process = subprocess.Popen(
        [sys.executable, "-c", JOIN_AND_WAIT, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def ping(url: str) -> bool:
    with psycopg.connect(url) as conn:
        return conn.execute("SELECT 1").fetchone() == (1,)


def test_processes_share_one_server_and_the_last_stops_it(server_folder: Path) -> None:
    with embedded_server(server_folder) as server:
        other, url = join(server_folder)
        assert url == server.url
        other.communicate()
        assert ping(server.url)
    with pytest.raises(psycopg.OperationalError):
        ping(server.url)
    server.stop()


def test_data_outlives_a_killed_user_and_a_killed_server(server_folder: Path) -> None:
    other, url = join(server_folder)
    with psycopg.connect(url) as conn:
        conn.execute("CREATE TABLE kept (n integer)")
    other.kill()
    other.wait()
    os.kill(postmaster(server_folder), signal.SIGKILL)
    with embedded_server(server_folder) as server, psycopg.connect(server.url) as conn:
        assert conn.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError):
        ping(server.url)  # the killed process no longer counts as a user


def test_a_pid_file_whose_pid_is_another_program(server_folder: Path) -> None:
    """As after a restart of the machine: the file is there, and its pid is now somebody else's."""
    with embedded_server(server_folder) as server:
        os.kill(postmaster(server_folder), signal.SIGKILL)
        pid_file = server_folder / "postgres" / "postmaster.pid"
        pid_file.write_text(pid_file.read_text().replace(str(postmaster(server_folder)), str(os.getpid()), 1))
        assert ping(embedded_server(server_folder).url)
    server.stop()


def test_a_kill_while_the_cluster_is_made(server_folder: Path) -> None:
    half = server_folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with embedded_server(server_folder) as server:
        assert ping(server.url)


def test_starting_again_brings_back_a_server_that_died(server_folder: Path) -> None:
    with embedded_server(server_folder) as server:
        os.kill(postmaster(server_folder), signal.SIGKILL)
        time.sleep(0.2)
        with embedded_server(server_folder) as again:
            assert ping(again.url)
        assert ping(server.url)


def test_folder_that_cannot_be_used(server_folder: Path) -> None:
    (server_folder / "file").write_text("in the way")
    with pytest.raises(DatabaseUnavailable, match="cannot be used: Not a directory"):
        embedded_server(server_folder / "file" / "data")


def test_path_that_a_shell_would_break(server_folder: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="Choose another data folder"):
        embedded_server(server_folder / "my data; touch x")


def test_damaged_cluster(server_folder: Path) -> None:
    embedded_server(server_folder).stop()
    shutil.rmtree(server_folder / "postgres" / "global")
    with pytest.raises(DatabaseUnavailable, match=r"does not start.*restore a backup"):
        embedded_server(server_folder)


def test_cluster_of_another_major_version(server_folder: Path) -> None:
    (server_folder / "postgres").mkdir()
    (server_folder / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(DatabaseUnavailable, match="does not hold a PostgreSQL cluster"):
        embedded_server(server_folder)


def test_full_disk(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 0))  # type: ignore[attr-defined]
    with pytest.raises(DiskFull, match="Free at least 100 MiB"):
        embedded_server(server_folder)
