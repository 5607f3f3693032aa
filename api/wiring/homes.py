"""Data folders that belong to the demo: a file in them says so, and with which databases."""

from __future__ import annotations

import json
from pathlib import Path

from infra.files.durable import make_folder, write_durably

MARK = "demo.json"


def demo_databases(home: Path) -> frozenset[str] | None:
    """The databases that the demo has used with this folder; None if the folder is not the demo's. A mark that cannot
    be read names none."""
    try:
        stated = json.loads((home / MARK).read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        return frozenset()
    return frozenset(stated.get("databases", ())) if isinstance(stated, dict) else frozenset()


def mark_demo(home: Path, database: str) -> None:
    """Makes the folder the demo's, with this database. Raises `DiskFull` or `OSError`."""
    known = demo_databases(home) or frozenset()
    if database not in known:
        make_folder(home)
        write_durably(home / MARK, json.dumps({"databases": sorted({*known, database})}).encode())
