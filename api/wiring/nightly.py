"""The nightly evaluation, started by the service: a child process of the command line, once a day over all services."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from api.wiring.background import Background
from infra.llm.child import die_with_parent
from infra.postgres.evaluation_health import evaluation_health
from infra.postgres.pool import Pool
from infra.priority import INGESTION, process_gives_way
from infra.settings import Settings

log = logging.getLogger("footnote")

LATE = timedelta(hours=1)  # after which a night that was missed, or did not begin, is left to the next day
_AGAIN = timedelta(minutes=1)  # after a first try that came to nothing; doubled with each
_BEGINS = timedelta(minutes=2)  # within which a night has begun where nothing is wrong
_PATIENCE_S = 20.0
_LOOK_S = 15.0


def command(settings: Settings) -> list[str]:
    """What the child is told to do."""
    files = [part for path in settings.nightly_questions for part in ("--questions", str(path))]
    return ["eval", "nightly", "--minutes", str(settings.nightly_minutes), *files, "--json"]


def give_way(parent: int) -> None:
    """The child, from now on: it ends with the service, and lets everything else go first."""
    die_with_parent(parent)
    process_gives_way(INGESTION)


def due(at: str, now: datetime) -> datetime | None:
    """The moment since which a night at `at` ("02:00", in the time zone of `now`) is due; None if it is not."""
    last = last_due(at, now)
    return last if now - last < LATE else None


def last_due(at: str, now: datetime) -> datetime:
    """When the last night at `at` was to begin."""
    hours, minutes = map(int, at.split(":"))
    today = now.replace(hour=hours, minute=minutes, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def missed(at: str, seen: datetime | None, now: datetime) -> str:
    """What there is to say of a night that was due and has not begun; "" where all is well. `seen`: when one last began
    or ended."""
    since = last_due(at, now)
    if now - since < _BEGINS or (seen is not None and seen >= since):
        return ""
    until = f" yet; it is tried again until {since + LATE:%H:%M}" if now - since < LATE else ""
    return f"The nightly evaluation that was due at {since:%Y-%m-%d %H:%M} has not begun{until}."


def background_night(settings: Settings, pool: Callable[[], Pool]) -> BackgroundNight:
    return BackgroundNight(settings, lambda: evaluation_health(pool()).seen_at)


class BackgroundNight(Background):
    """`seen`: when a night by what is in use last began or ended, whoever has started it: what is due was then done by
    another process. The night itself lets no second one in, as while a candidate is asked: one that did not begin is
    tried again, less and less often, as long as it is due. Its report goes to logs/nightly.log, which holds ids and
    figures and no words of questions or answers."""

    def __init__(
        self,
        settings: Settings,
        seen: Callable[[], datetime | None],
        *,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        every: float = _LOOK_S,
    ) -> None:
        self._settings, self._seen, self._now = settings, seen, now
        self._night: datetime | None = None  # which one is seen to, and what was done for it
        self._tries = 0
        self._next: datetime | None = None  # None: nothing more
        self._child: subprocess.Popen[bytes] | None = None
        super().__init__("footnote-nightly", self.look, "The nightly evaluation was not started", every=every)

    def start(self) -> None:
        if self._settings.nightly:
            super().start()

    def stop(self) -> None:
        """Ends a night under way; it goes on when it is started again."""
        self._stopped.set()
        child = self._child
        if child is not None and child.poll() is None:
            child.terminate()
            try:
                child.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        super().stop()

    def look(self) -> None:
        """Starts what is due, and tells of what has ended. The thread that does so lives as long as the service: the
        child ends with it."""
        now = self._now()
        self._tell(now)
        since = due(self._settings.nightly, now)
        if self._child is not None or since is None:
            return
        if self._night != since:
            self._night, self._tries, self._next = since, 0, since
        if self._next is None or now < self._next:
            return
        if self._has_begun():
            self._next = None
            return
        self._tries += 1
        self._next = self._later(now)  # also where no process can be started
        self._child = self._start()
        if self._tries == 1:
            log.info("The nightly evaluation is started.")

    def _has_begun(self) -> bool:
        seen = self._seen()
        return seen is not None and self._night is not None and seen >= self._night

    def _later(self, now: datetime) -> datetime:
        return now + _AGAIN * (1 << (self._tries - 1))

    def _start(self) -> subprocess.Popen[bytes]:
        path = self._settings.home / "logs" / "nightly.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb", opener=_closed) as out:
            return subprocess.Popen(
                [sys.executable, "-m", "api.cli.nightly_child", str(os.getpid()), *command(self._settings)],
                env={**os.environ, "FOOTNOTE_HOME": str(self._settings.home)},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for the service
            )

    def _tell(self, now: datetime) -> None:
        if self._child is None or (code := self._child.poll()) is None:
            return
        self._child = None
        if code not in {0, 3} and not self._has_begun():
            if self._tries == 1:
                log.warning("The nightly evaluation did not begin (see logs/nightly.log); it is tried for an hour.")
            self._next = self._later(now)
            return
        self._next = None
        if code == 0:
            log.info("The nightly evaluation has ended: all was asked, nothing failed.")
        elif code == 3:
            log.warning("The nightly evaluation has ended before all was asked, or some gave errors.")
        else:
            log.warning("The nightly evaluation has failed: see logs/nightly.log, and `footnote eval show`.")


def _closed(path: str, flags: int) -> int:
    """For its owner alone."""
    return os.open(Path(path), flags, 0o600)
