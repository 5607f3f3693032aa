"""What changes in folders: looked at again and again, and told once it has come to rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, TypeVar

from infra.postgres.errors import DatabaseUnavailable
from ingest.errors import DiskFull, UnreadableFile
from ingest.local_files import SourceFile

_Result = TypeVar("_Result")
_State: TypeAlias = tuple[int, int] | None  # time of the last change in ns, and bytes; None: it is gone
EVERY_S = 2.0


def changes(
    look: Callable[[], Sequence[SourceFile]],
    known: Sequence[SourceFile],
    *,
    tell: Callable[[str], object],
    wait: Callable[[], object] = lambda: time.sleep(EVERY_S),
) -> Iterator[list[SourceFile]]:
    """Files that are new or changed since this was called, when they were `known`, in lots, for ever. A file that is
    still being written is told of when it has been the same in two looks. `tell`: why it could not look, once
    until it can again."""
    return _changes(lambda: unbroken(look, tell, wait), {file.source: _state(file) for file in known}, wait)


def unbroken(
    do: Callable[[], _Result],
    tell: Callable[[str], object],
    wait: Callable[[], object] = lambda: time.sleep(EVERY_S),
) -> _Result:
    """Does it until no file, folder or disk and no database is missing that may come back; tells each reason once."""
    told = ""
    while True:
        try:
            return do()
        except BrokenPipeError:  # nobody reads what it says
            raise
        except (OSError, UnreadableFile, DiskFull, DatabaseUnavailable) as error:
            if str(error) != told:
                told = str(error)
                tell(f"{told} Trying again until it is stopped.")
        wait()


def _changes(
    look: Callable[[], Sequence[SourceFile]], told: dict[str, _State], wait: Callable[[], object]
) -> Iterator[list[SourceFile]]:
    before: dict[str, _State] = dict(told)
    while True:
        wait()
        files = look()
        now = {file.source: _state(file) for file in files}
        rested = [
            file
            for file in files
            if now[file.source] not in (None, told.get(file.source)) and now[file.source] == before.get(file.source)
        ]
        told = {source: state for source, state in told.items() if source in now}  # so that what comes back is told of
        told |= {file.source: now[file.source] for file in rested}
        before = now
        if rested:
            yield rested


def _state(file: SourceFile) -> _State:
    try:
        found = file.path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
