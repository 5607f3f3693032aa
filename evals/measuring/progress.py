"""Progress of a long run on stderr: a bar on a terminal, a line for each step."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.terminal import note


@contextmanager
def progress(task: str, total: int) -> Iterator[Callable[[str], None]]:
    """A function to be called with one line when a step is done."""
    if not sys.stderr.isatty():
        done = 0

        def step(line: str) -> None:
            nonlocal done
            done += 1
            note(f"{task} {done}/{total}  {line}")

        yield step
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True, markup=False), transient=True) as bar:
        running = bar.add_task(task, total=total)

        def advance(line: str) -> None:
            bar.console.print(line, markup=False, highlight=False)
            bar.advance(running)

        yield advance
