"""What a reader needs to judge numbers: when and where they were measured, with which versions, by which command."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from evals.measuring.results import ResultFile
from infra.settings import cores

_PACKAGES = ("footnote", "numpy", "numba", "faiss-cpu", "faiss-gpu", "onnxruntime", "rank-bm25")


def setting() -> dict[str, object]:
    """Date, commit, machine, and the versions that matter."""
    return {
        **circumstances(),
        "cpu": _cpu(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_average": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "versions": {name: installed(name) for name in _PACKAGES},
    }


def circumstances() -> dict[str, object]:
    """When, on how many cores, from which commit (None outside a checkout)."""
    return {"date": datetime.now(UTC).isoformat(timespec="seconds"), "cores": cores(), "commit": _commit()}


def installed(package: str) -> str | None:
    """The version of a package; None if it is absent, as one of faiss-cpu and faiss-gpu always is."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def command_line() -> str:
    return shlex.join(["footnote", *sys.argv[1:]])


def known(results: ResultFile, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    """The first row that holds all of `wanted`: what an earlier run measured under the same setup."""
    return next((row for row in results.rows if wanted.items() <= row.items()), None)


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def _commit() -> str | None:
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    return done.stdout.strip() or None
