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

LATE = timedelta(hours=1)  # after which a night that was missed is left to the next day
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
    hours, minutes = map(int, at.split(":"))
    today = now.replace(hour=hours, minute=minutes, second=0, microsecond=0)
    last = today if today <= now else today - timedelta(days=1)
    return last if now - last < LATE else None


def background_night(settings: Settings, pool: Callable[[], Pool]) -> BackgroundNight:
    return BackgroundNight(settings, lambda: evaluation_health(pool()).seen_at)


class BackgroundNight(Background):
    """`seen`: when any night of this installation last began or ended, whoever has started it: what is due was then
    done by another process. The night itself lets no second one in. Its report goes to logs/nightly.log, which holds
    ids and figures and no words of questions or answers."""

    def __init__(
        self,
        settings: Settings,
        seen: Callable[[], datetime | None],
        *,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        every: float = _LOOK_S,
    ) -> None:
        self._settings, self._seen, self._now = settings, seen, now
        self._begun: datetime | None = None
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
        self._tell()
        since = due(self._settings.nightly, self._now())
        if self._child is not None or since is None or self._begun == since:
            return
        seen = self._seen()
        self._begun = since
        if seen is not None and seen >= since:
            return
        self._child = self._start()
        log.info("The nightly evaluation has begun.")

    def _start(self) -> subprocess.Popen[bytes]:
        path = self._settings.home / "logs" / "nightly.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb", opener=_closed) as out:
            return subprocess.Popen(
                [sys.executable, "-m", "api.nightly_child", str(os.getpid()), *command(self._settings)],
                env={**os.environ, "FOOTNOTE_HOME": str(self._settings.home)},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for the service
            )

    def _tell(self) -> None:
        if self._child is None or (code := self._child.poll()) is None:
            return
        self._child = None
        if code == 0:
            log.info("The nightly evaluation has ended: all was asked, nothing failed.")
        elif code == 3:
            log.warning("The nightly evaluation has ended before all was asked, or some gave errors.")
        else:
            log.warning("The nightly evaluation has failed: see logs/nightly.log, and `footnote eval show`.")


def _closed(path: str, flags: int) -> int:
    """For its owner alone."""
    return os.open(Path(path), flags, 0o600)
