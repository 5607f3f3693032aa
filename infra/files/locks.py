"""Locks between processes, and between threads of one."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock


def file_lock(path: Path, *, poll_s: float = 0.05) -> FileLock:
    """A lock that whoever asks for the same `path` shares: `with file_lock(path):` waits until it is free.

    The file stays and holds nothing; what it held is cut off, so that it must not be a file of data. The system lets
    go of the lock with the process, however that ends; a file system without such locks raises `OSError`.
    """
    return FileLock(path, poll_interval=poll_s, fallback_to_soft=False)
