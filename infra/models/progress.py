"""Progress of a pull on a screen: bars on a terminal, plain lines anywhere else."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_SECONDS = 5.0


class PlainProgress:
    """Writes a line at the start and end of each model, and at most one every five seconds between."""

    def __init__(self, out: TextIO | None = None, every_seconds: float = PLAIN_SECONDS) -> None:
        self._out = out or sys.stderr
        self._every = every_seconds
        self._name, self._total, self._done, self._spoke = "", 0, 0, 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def started(self, name: str, total: int) -> None:
        self._name, self._total, self._done, self._spoke = name, total, 0, time.monotonic()
        self._say(f"{name}: fetching {megabytes(total)}")

    def advanced(self, count: int) -> None:
        self._done += count
        if time.monotonic() - self._spoke >= self._every:
            self._spoke = time.monotonic()
            percent = 100 * self._done // max(self._total, 1)
            self._say(f"{self._name}: {percent} % ({megabytes(self._done)} of {megabytes(self._total)})")

    def finished(self, name: str) -> None:
        self._say(f"{name}: ready")

    def note(self, message: str) -> None:
        self._say(message)

    def _say(self, line: str) -> None:
        self._out.write(f"{line}\n")
        self._out.flush()


class RichProgress:
    """One bar a model with size, speed and time left. Use it as a context, so that the terminal is given back."""

    def __init__(self, console: Console) -> None:
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.progress import TransferSpeedColumn as SpeedColumn

        columns = (BarColumn(), DownloadColumn(), SpeedColumn(), TimeRemainingColumn())
        self._progress = Progress(TextColumn("{task.description}"), *columns, console=console)
        self._task = self._progress.add_task("", visible=False)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def started(self, name: str, total: int) -> None:
        self._task = self._progress.add_task(name, total=total)

    def advanced(self, count: int) -> None:
        self._progress.advance(self._task, count)

    def finished(self, name: str) -> None:
        self._progress.update(self._task, description=f"{name} ✓")

    def note(self, message: str) -> None:
        self._progress.console.print(message, markup=False, highlight=False)


def progress_for_screen() -> RichProgress | PlainProgress:
    """Bars if stderr is a terminal, plain lines otherwise; stdout stays free for results."""
    if not sys.stderr.isatty():
        return PlainProgress()
    from rich.console import Console

    return RichProgress(Console(stderr=True))


def megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
