"""Memory of this process and of those that it started."""

from __future__ import annotations

from collections.abc import Mapping

import psutil  # type: ignore[import-untyped]


def memory() -> Mapping[tuple[str, ...], float]:
    """Resident bytes: `service`, and `children`: parsers, the embedded PostgreSQL where it is a child, the language
    model. What they share is counted in each."""
    own = psutil.Process()
    return {
        ("service",): float(_resident(own)),
        ("children",): float(sum(map(_resident, own.children(recursive=True)))),
    }


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
