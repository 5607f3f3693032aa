"""Runs each step in a process of its own, with its threads pinned and its memory its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from api.terminal import UsageError, note
from evals.measuring.machine import known
from evals.measuring.results import ResultFile
from evals.suites.retrieval.scale.ours import LAYOUTS
from evals.systems.models import bench_cache
from evals.systems.peers import versions

SUITE = "scale"
PEERS_AT = 100_000  # rows; more is hours for some
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """What a worker process is to do."""

    what: str  # "build", a layout, "memory", "live", or a peer's name
    rows: int
    threads: int
    queries: int
    passages: int  # how many of the collection's are repeated; 0: all
    data: str
    root: str


def measure(
    data: Path,
    sizes: Sequence[int],
    peers: Sequence[str],
    threads: int,
    queries: int,
    code: str,
    results: ResultFile,
    passages: int = 0,
) -> list[Row]:
    """A row for each size and step; segments lie in the cache folder while a size is measured."""
    rows: list[Row] = []
    for size in sizes:
        root = bench_cache() / f"scale-{size}"
        small = size <= PEERS_AT
        wanted = {}
        for what in ("build", *LAYOUTS, "memory", *(("live", *peers) if small else ())):
            setup = dict(versions(what)) if what in peers else {"code": code}
            asked = {"suite": SUITE, "set": str(size), "system": what, "threads": threads, "sample": queries}
            wanted[what] = asked | {"passages": passages, "setup": setup}
        if any(known(results, wanted[layout]) is None for layout in LAYOUTS) and not root.is_dir():
            results.rows = [row for row in results.rows if not wanted["build"].items() <= row.items()]
        for what, asked in wanted.items():
            step = Step(what, size, threads, queries, passages, str(data.resolve()), str(root))
            rows.append(known(results, asked) or results.add(asked | {"found": _run(step)}))
        shutil.rmtree(root, ignore_errors=True)
    return rows


def _run(step: Step) -> Row:
    note(f"scale {step.rows:,}: {step.what}, {step.threads} threads")
    pinned = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), str(step.threads)
    )
    done = subprocess.run(
        [sys.executable, "-m", "evals.suites.retrieval.scale.worker", json.dumps(asdict(step))],
        env=os.environ | pinned,
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        raise UsageError(f"The step {step.what} at {step.rows:,} rows ended with code {done.returncode}; see above.")
    found: Row = json.loads(done.stdout.splitlines()[-1])
    return found
