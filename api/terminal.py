"""Lines and tables on the terminal, for commands and measurements: nothing that a terminal obeys gets through."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.errors import FootnoteError

_LINE_EVERY_S = 5.0
# File names may hold characters that a terminal obeys.
_HARMLESS = dict.fromkeys([*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0)], "\N{REPLACEMENT CHARACTER}")


class UsageError(FootnoteError):
    """The command was called in a way that cannot work."""

    code = "usage"


def harmless(text: str) -> str:
    """As a terminal may show it, line breaks and all."""
    return text.translate(_HARMLESS)


def say(text: str = "") -> None:
    """Lines on stdout."""
    sys.stdout.write(harmless(text) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line on stderr, so that it never mixes with what scripts read."""
    sys.stderr.write(harmless(text).replace("\n", "\N{REPLACEMENT CHARACTER}") + "\n")
    sys.stderr.flush()


def say_json(value: Any) -> None:
    """One JSON document on stdout; dataclasses and pydantic models as the HTTP API gives them."""
    from pydantic_core import to_jsonable_python

    say(json.dumps(to_jsonable_python(value), ensure_ascii=False))


def say_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Aligned columns; nothing is cut off."""
    cells = [list(map(str, row)) for row in (header, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def counted(count: int, thing: str) -> str:
    """ "1 page", "2 pages"."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


@contextmanager
def counting(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A function that is told how many of how many are done: a bar on a terminal, elsewhere lines now and then."""
    if not sys.stderr.isatty():
        yield _Lines(doing)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


class _Lines:
    def __init__(self, doing: str) -> None:
        self._doing, self._told = doing, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._told >= _LINE_EVERY_S:
            self._told = time.monotonic()
            note(f"{self._doing}: {done:,} of {total:,}")


def check_place(out: Path) -> None:
    """Before hours of work: raises `UsageError` where no file can be written there."""
    if out.is_dir():
        raise UsageError(f"{out} is a folder: name a file in it with --out.")
    if not out.parent.is_dir():
        raise UsageError(f"There is no folder {out.parent}: make it, or name another place with --out.")
    if not os.access(out if out.exists() else out.parent, os.W_OK):
        raise UsageError(f"{out} cannot be written: name another place with --out.")


def private(path: str, flags: int) -> int:
    """For `open`: a file that is made is open to its owner only."""
    return os.open(path, flags, 0o600)
