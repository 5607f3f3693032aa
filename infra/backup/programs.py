"""PostgreSQL's own programs for dumping and restoring: those of the embedded server, or those on the path."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from infra.backup.errors import BackupRefused
from infra.postgres.server import bundled_programs

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_NAMES = {"dbname": "PGDATABASE", "connect_timeout": "PGCONNECT_TIMEOUT", "application_name": "PGAPPNAME"}


def program(name: str, at_least: int) -> tuple[Path, int]:
    """The oldest `name` whose major version is `at_least` that, and its version; raises `BackupRefused`."""
    folders = [str(folder) for folder in bundled_programs()]
    places = [*(shutil.which(name, path=folder) for folder in folders), shutil.which(name)]
    fitting = [(major, place) for place in places if place and (major := _major(place)) >= at_least]
    if not fitting:
        raise BackupRefused(
            f"PostgreSQL {at_least} needs {name} of version {at_least} or newer, and there is none. "
            f"Install postgresql-client-{at_least}."
        )
    major, place = min(fitting, key=lambda found: found[0])
    return Path(place), major


def run(command: Sequence[str | Path], url: str) -> str:
    """What the program says on stdout. The address goes in by the environment, so that no list of processes shows its
    password. Raises `BackupRefused` with the program's last words."""
    given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    address = {_NAMES.get(name, f"PG{name.upper()}"): value for name, value in given.items()}
    environment = os.environ | address | {"LC_ALL": "C"}
    called = [command[0], "--no-password", *command[1:]]
    done = subprocess.run(called, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        said = next((line for line in lines if "error:" in line), lines[-1] if lines else f"status {done.returncode}")
        raise BackupRefused(f"{Path(command[0]).name} failed: {said}")
    return done.stdout


@cache
def _major(place: str) -> int:
    said = subprocess.run([place, "--version"], capture_output=True, text=True, check=False).stdout
    found = _VERSION.search(said)
    return int(found[1]) if found else 0
