"""Whether a long trail is whole, found out by several processes at once, each over a segment of its own.

They answer yes or nothing: what is wrong with a trail, and where, is found by reading it again, row by row.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import Any

from psycopg.conninfo import make_conninfo

from infra.postgres.chain import GENESIS, AuditReport, Head, OpenAnswer
from infra.postgres.pool import Connection
from infra.postgres.segment import Segment
from infra.postgres.sql import SQL
from infra.settings import cores

Progress = Callable[[int, int], None]
LONG = 20_000  # rows: what is shorter is read before a process has started
_MOST_PROCESSES = 8
_LOWEST = -(2**63)  # of what `seq` may be


def verified(
    conn: Connection, key: bytes, head: Head, progress: Progress, *, long: int = LONG, processes: int = 0
) -> tuple[AuditReport, list[int]] | None:
    """The report of a trail that is whole, and the rows that may tell of a re-sealing; None of any other trail, and of
    one that has fewer than `long` rows. `conn` is in a transaction of one snapshot. `progress`: how many rows of how
    many were read. `processes`: 0 for one a core."""
    extent = conn.execute(SQL["audit_extent"]).fetchone()
    last, odd, snapshot = extent or (0, True, "")
    if odd or last < max(long, head.seq, 1):
        return None
    count = processes or min(cores(), _MOST_PROCESSES)
    borders = [last * n // count for n in range(count + 1)]
    database = make_conninfo(conn.info.dsn, password=conn.info.password or None)
    asked = [
        {"database": database, "snapshot": snapshot, "key": key.hex(), "head": (head.seq, head.hash.hex()),
         "before": before, "first": before + 1 if before else _LOWEST, "last": end}
        for before, end in pairwise(borders)
    ]  # fmt: skip
    segments = _segments(asked, _counting(progress, last))
    opened = None if segments is None else _joined(segments)
    if segments is None or opened is None:
        return None
    return AuditReport(last, True, open=_answers(conn, opened)), [seq for one in segments for seq in one.reseals]


def _counting(progress: Progress, total: int) -> Callable[[int], None]:
    done, lock = 0, threading.Lock()

    def add(rows: int) -> None:
        nonlocal done
        with lock:
            done += rows
            progress(done, total)

    return add


def _segments(asked: Sequence[dict[str, Any]], add: Callable[[int], None]) -> list[Segment] | None:
    with _running(len(asked)) as processes, ThreadPoolExecutor(len(asked)) as threads:
        found = list(threads.map(_segment, processes, asked, [add] * len(asked)))
    whole = [one for one in found if one is not None]
    return whole if len(whole) == len(found) else None


@contextmanager
def _running(count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes, which are killed at the end of the block if they still run."""
    command = [sys.executable, "-P", "-m", "infra.postgres.segment_main"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    processes: list[subprocess.Popen[str]] = []
    try:
        while len(processes) < count:
            processes.append(_started(command, environment))
        yield processes
    finally:
        for process in processes:
            with suppress(BrokenPipeError), process:  # which waits for its end
                process.kill()


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, text=True, stdin=pipe, stdout=pipe, stderr=nowhere)


def _segment(process: subprocess.Popen[str], asked: dict[str, Any], add: Callable[[int], None]) -> Segment | None:
    if process.stdin is None or process.stdout is None:
        return None
    try:
        with process.stdin as stdin:
            stdin.write(json.dumps(asked) + "\n")
    except BrokenPipeError:
        return None
    found: Segment | None = None
    for line in process.stdout:
        if line.startswith("{"):
            told = json.loads(line)
            told |= {name: bytes.fromhex(told[name]) for name in ("follows", "hash")}
            found = Segment(**told)
        else:
            add(int(line))
    return found


def _joined(segments: Sequence[Segment]) -> list[int] | None:
    """The rows of answers that are open in the end; None where a segment does not follow the one before it."""
    last, left = GENESIS, dict[str, int]()
    for segment in segments:
        if segment.follows != last:
            return None
        last = segment.hash
        for answer in segment.closed:
            left.pop(answer, None)
        left |= segment.opened
    return list(left.values())


def _answers(conn: Connection, opened: Sequence[int]) -> tuple[OpenAnswer, ...]:
    return tuple(OpenAnswer(*row) for row in conn.execute(SQL["audit_opened"], {"positions": list(opened)}))
