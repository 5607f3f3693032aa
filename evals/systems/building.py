"""Files to searchable by a build of Footnote, this one or another checkout's, as a process of its own.

`python building.py FOLDER HOME [THREADS]` is that process: it prints one JSON line a file of the folder, as soon as it
is searchable. It uses nothing that is younger than 7d68e1b, so that builds of then can be measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LOOK_S = 0.25
LIMIT_S = 1_800.0


@dataclass(frozen=True, slots=True)
class Ingested:
    """`files`: outcome, pages, chunks of each; `seconds` from the first file's bytes to the last one searchable, models
    loaded before; `peak_mib` of memory of the process and its children but PostgreSQL, shared pages once."""

    files: tuple[dict[str, Any], ...]
    seconds: float
    peak_mib: float

    @property
    def pages(self) -> int:
        return sum(row["pages"] for row in self.files)

    @property
    def failed(self) -> int:
        return sum(row["outcome"] == "failed" for row in self.files)


def ingested(folder: Path, build: str = "", *, threads: int = 0) -> Ingested:
    """Into a fresh data folder. `build`: a checkout, whose code this Python runs, or a Python that has a Footnote of
    its own; without one, this code. `threads`: of the product, 0: as configured. Raises `RuntimeError` with the
    last words of a process that failed."""
    python, checkout = _build(build)
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "FOOTNOTE_URL"}}
    kept |= {"PYTHONPATH": str(checkout)} if checkout else {}
    kept |= {"FOOTNOTE_THREADS": str(threads)} if threads else {}
    with tempfile.TemporaryDirectory(prefix="footnote-bench-", ignore_cleanup_errors=True) as home:
        command = [python, "-P", str(Path(__file__).resolve()), str(folder), home]
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(command, env=kept, stdout=subprocess.PIPE, stderr=errors)
            watch = _Watch(process.pid)
            try:
                out, _ = process.communicate(timeout=LIMIT_S)
            finally:
                process.kill()
                peak = watch.stopped()
            errors.seek(0)
            if process.returncode:
                raise RuntimeError(errors.read()[-2_000:].decode(errors="replace"))
    *files, last = [json.loads(line) for line in out.splitlines()]
    return Ingested(tuple(files), last["seconds"], peak)


def _build(build: str) -> tuple[str, Path | None]:
    if not build:
        return sys.executable, Path(__file__).resolve().parents[2]
    path = Path(build)
    return (sys.executable, path.resolve()) if path.is_dir() else (str(path.absolute()), None)


class _Watch:
    """The most memory that a process and its children held at one time, looked at four times a second."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak = pid, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stopped(self) -> float:
        """MiB."""
        self._over.set()
        self._thread.join()
        return self._peak / 2**20

    def _look(self) -> None:
        while not self._over.wait(_LOOK_S):
            self._peak = max(self._peak, held(self._pid))


def held(pid: int) -> int:
    """Bytes of a process and its children, a page that several share counted once in all; 0 when it is gone."""
    import psutil  # type: ignore[import-untyped]

    total = 0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                if one.name() != "postgres":
                    total += one.memory_full_info().pss
    return total


def main(arguments: Sequence[str]) -> None:
    """The process that ingests."""
    from evals.datasets.cuad import LABEL
    from evals.systems.installations import opened
    from ingest.local_files import source_files

    folder, home = map(Path, arguments)
    with opened(home=home, DATABASE_URL="") as parts:
        parts.embedder.embed_query("warm up")
        started = time.perf_counter()
        for report in parts.pipeline.run(source_files([folder], prefix="bench"), LABEL):
            row = {"source": report.source, "outcome": str(report.outcome), "pages": report.pages,
                   "chunks": report.chunks, "reason": report.reason}  # fmt: skip
            print(json.dumps(row), flush=True)
        print(json.dumps({"seconds": time.perf_counter() - started}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
