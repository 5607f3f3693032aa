"""The memory of a process that searches: its own, and the pages of the index that it really touched.

The kernel maps up to 16 pages around each one that is read from the page cache, so a process over warm files seems to
hold what it never looked at. Here the files are dropped from the cache first, and no page is read ahead.
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.suites.retrieval.scale.ours import LAYOUTS, K
from evals.suites.retrieval.scale.rows import Query
from retrieval.index.find import find
from retrieval.index.segment import ARRAYS
from retrieval.index.storage import load
from retrieval.index.view import make_view
from retrieval.text.terms import terms

WHAT = "memory"
Row = dict[str, Any]


def touched(root: Path, asked: list[Query], threads: int) -> Row:
    """MiB by which this process grew when it searched all rows, what it held before (the measurement's own models and
    passages), and what of each array of the index; {} on systems that do not tell."""
    if not Path("/proc/self/smaps").is_file():
        return {}
    for file in (root / LAYOUTS[0]).glob("*.npy"):
        with file.open("rb") as opened:
            os.fsync(opened.fileno())  # what is not on the disk yet would stay
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    before = _resident()["all"]
    segment = load(root, LAYOUTS[0])
    for array in ARRAYS:
        if len(getattr(segment, array)):
            _mapping(getattr(segment, array)).madvise(mmap.MADV_RANDOM)
    view = make_view([segment], [np.ones(len(segment.slot_keys), np.bool_)], "all")
    for query in asked:
        find(view, query.vector, terms(query.text), K, threads=threads)
    held = _resident()
    return {"touched_mib": held.pop("all") - before, "before_mib": before, "of_it": held}


def _mapping(array: NDArray[Any]) -> mmap.mmap:
    base: Any = array
    while not isinstance(base, mmap.mmap):
        base = base.obj if isinstance(base, memoryview) else base.base
    return base


def _resident() -> dict[str, int]:
    """MiB of the whole process, and of each array of the index."""
    kib = {"all": 0}
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8", errors="replace").splitlines():
        first, *rest = line.split()
        if not first.endswith(":"):
            path = rest[-1] if len(rest) == 5 else ""
        elif first == "Rss:":
            kib["all"] += int(rest[0])
            if path.endswith(".npy"):
                name = Path(path).stem
                kib[name] = kib.get(name, 0) + int(rest[0])
    return {name: round(size / 1024) for name, size in kib.items()}
