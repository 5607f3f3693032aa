"""What a reader needs to judge numbers, and rows that an earlier run measured under the same setup."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from evals.measuring.results import ResultFile
from evals.suites.sample.report import circumstances

_PACKAGES = ("footnote", "numpy", "numba", "faiss-cpu", "onnxruntime", "rank-bm25")
_DECIDING = ("ingest", "retrieval", "infra.postgres")


def setting() -> dict[str, object]:
    """Date, commit, code, machine, and the versions that matter."""
    return {
        **circumstances(),
        "code": code(),
        "cpu": _cpu(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_average": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in _PACKAGES},
    }


def code() -> str:
    """Digest of the code that decides what the product finds: a result of other code is never gone on from."""
    digest = hashlib.sha256()
    for package in _DECIDING:
        root = Path(str(files(package)))
        for path in sorted(root.rglob("*.py")):
            digest.update(f"{package}/{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def known(results: ResultFile, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    """The first row that holds all of `wanted`."""
    return next((row for row in results.rows if wanted.items() <= row.items()), None)


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
