"""Locks on files: one holder at a time, and none that is dead."""

from __future__ import annotations

import fcntl
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from filelock import Timeout

import infra.files.locks
from infra.files.locks import file_lock

HOLDS = """
import sys, time
from pathlib import Path
from infra.files.locks import file_lock
with file_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDS, str(path)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Timeout):
            file_lock(path).acquire(blocking=False)
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with file_lock(path):
        pass


def test_threads_take_turns(tmp_path: Path) -> None:
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        with file_lock(tmp_path / "a.lock", poll_s=0.002):
            inside += 1
            most = max(most, inside)
            time.sleep(0.005)
            inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_it_is_the_lock_that_older_versions_take(tmp_path: Path) -> None:
    """flock(2) on the same file, so that both may run at once."""
    with file_lock(tmp_path / "a.lock"), (tmp_path / "a.lock").open("a") as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_there_is_no_other_lock_on_a_file() -> None:
    """One that falls back to a file which is there or not (filelock's default) would outlive a killed holder."""
    root = Path(infra.files.locks.__file__).parents[2]
    sources = [path for package in ("ingest", "retrieval", "generation", "infra", "api", "evals")
               for path in (root / package).rglob("*.py")]  # fmt: skip
    users = [path for path in sources if re.search(r"\bFileLock\(", path.read_text("utf-8"))]
    assert users == [Path(infra.files.locks.__file__)]
