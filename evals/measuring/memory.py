"""The most memory that this process and those below it have held."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


def peak_mib(leave_out: Collection[str] = ("postgres",)) -> float | None:
    """Sum of the peaks, which need not have been at once; without processes of these names. None where the system does
    not tell (only Linux does)."""
    found = [peak for pid in _family(os.getpid(), leave_out) if (peak := _peak(pid)) is not None]
    return round(sum(found) / 1024, 1) if found else None


def _family(pid: int, leave_out: Collection[str]) -> Iterator[int]:
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, _read(path).split()):
            if _read(Path(f"/proc/{child}/comm")).strip() not in leave_out:
                yield from _family(child, leave_out)


def _peak(pid: int) -> int | None:
    found = _PEAK.search(_read(Path(f"/proc/{pid}/status")))
    return int(found[1]) if found else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:  # it has ended
        return ""
