"""Checks a machine before anything is installed: `preflight.py FREE_MIB`. Needs nothing but Python itself.

Prints what is wrong and what to do, and exits 1; prints nothing and exits 0 if all is well.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path


def problems(free_mib: int) -> list[str]:
    """What stands in the way, one sentence each."""
    found = []
    if not (3, 11) <= sys.version_info[:2] < (3, 13):
        found.append(
            f"Footnote needs Python 3.11 or 3.12; {sys.executable} is {sys.version_info[0]}.{sys.version_info[1]}. "
            "Install one and run make again with PYTHON=/path/to/python."
        )
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        found.append("This Python has no venv module: install your system's python3-venv package.")
    for folder in (Path.cwd(), Path(os.environ.get("FOOTNOTE_CACHE") or Path.home())):
        place = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
        free = shutil.disk_usage(place).free >> 20
        if free < free_mib:
            found.append(
                f"{place} has {free:,} MiB free, but {free_mib:,} MiB are needed. Free some space, or set "
                "FOOTNOTE_CACHE and FOOTNOTE_HOME to folders on another disk."
            )
    return found


if __name__ == "__main__":
    wrong = problems(int(sys.argv[1]))
    sys.stderr.write("".join(f"footnote: {line}\n" for line in wrong))
    sys.exit(1 if wrong else 0)
