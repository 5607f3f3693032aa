"""Checks a machine before anything is installed; runs on any Python 3 and imports nothing else.

    preflight.py PYTHON_MINIMUM PYTHON_BELOW FREE_MIB

Prints what is wrong and what to do, and exits 1; prints nothing and exits 0 if all is well.
"""

import os
import shutil
import sys


def problems(minimum: str, below: str, free_mib: str) -> "list[str]":
    """What stands in the way, one sentence each."""
    found = []
    have = "%d.%d" % sys.version_info[:2]
    if not _number(minimum) <= sys.version_info[:2] < _number(below):
        found.append(
            "Footnote needs Python %s up to, but not including, %s; this is %s (%s). "
            "Install one and run make again with PYTHON=/path/to/python." % (minimum, below, have, sys.executable)
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        found.append("This Python has no venv module: install your system's python3-venv package.")
    cache = os.environ.get("FOOTNOTE_CACHE") or os.path.expanduser("~")
    for folder in (os.getcwd(), cache):
        while not os.path.isdir(folder):
            folder = os.path.dirname(folder)
        free = shutil.disk_usage(folder).free >> 20
        if free < int(free_mib):
            found.append(
                "%s has %s MiB free, but %s MiB are needed. Free some space, or set FOOTNOTE_CACHE and FOOTNOTE_HOME "
                "to folders on another disk." % (folder, free, free_mib)
            )
    return found


def _number(version: str) -> "tuple[int, ...]":
    return tuple(int(part) for part in version.split("."))


if __name__ == "__main__":
    wrong = problems(*sys.argv[1:4])
    sys.stderr.write("".join("footnote: %s\n" % line for line in wrong))
    sys.exit(1 if wrong else 0)
