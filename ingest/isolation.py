"""Parsing in a process of its own: a hostile file can crash or hang that process, not the service."""

from __future__ import annotations

import multiprocessing
import resource
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool

from ingest.errors import DamagedFile, ParseTimeout
from ingest.types import ParsedFile


class IsolatedParser:
    """`ingest.parsers.parse` in a child process with a time limit in seconds and a memory limit in bytes."""

    def __init__(self, *, timeout_s: float = 120.0, memory_bytes: int = 4 << 30) -> None:
        self._timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `IngestError`, whatever the file does to the parser."""
        with self._lock:
            pool = self._started()
            try:
                return pool.submit(_parse, data, name).result(self._timeout_s)
            except FutureTimeout as error:
                self._kill()
                raise ParseTimeout(
                    f"Reading the file took longer than {self._timeout_s:g} s and was stopped. "
                    "Split it into smaller files, or save it again from its program."
                ) from error
            except (BrokenProcessPool, MemoryError) as error:
                self._kill()
                raise DamagedFile(
                    "The file broke the parser (it crashed or ran out of memory). "
                    "Open it in its program, save it again, and retry."
                ) from error

    def close(self) -> None:
        with self._lock:
            self._kill()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, context, initializer=_limit, initargs=(self._memory_bytes,))
        return self._pool

    def _kill(self) -> None:
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):
                process.kill()
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _limit(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _parse(data: bytes, name: str) -> ParsedFile:
    from ingest.parsers import parse

    return parse(data, name)
