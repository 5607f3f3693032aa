"""How workers share their tasks, and how long they may be silent."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from infra.postgres.job_rows import BULK, INTERACTIVE, WHOLE

SHARE_S = 0.5
HEARTBEAT_S, STALLED_S, SWEEP_S = 3.0, 15.0, 5.0  # a killed worker's tasks go on after 20 s at the latest


class Again(Exception):
    """The task could not be done now: it waits for its next turn."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(f"again in {seconds:g} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Lane:
    """So many tasks at once out of these queues."""

    queues: tuple[str, ...]
    slots: int


def lanes(slots: int) -> tuple[Lane, ...]:
    """Of a service: with two slots or more, one is kept for what somebody waits for, and beyond them there is one more
    for what somebody waits for while another has them all (`Shares`). Folders and connectors, which may take hours,
    take no slot of the files."""
    kept = 1 if slots > 1 else 0
    return Lane((INTERACTIVE,), kept + 1), Lane((INTERACTIVE, BULK), slots - kept), Lane((WHOLE,), 1)


class Shares:
    """At most `each` files of one owner are under way in this process at once, so that slow ones hold up nobody else.
    The operator, None, may have all."""

    def __init__(self, each: int, wait_s: float = SHARE_S) -> None:
        self._each, self._wait_s = each, wait_s
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def held(self, owner: str | None) -> Iterator[None]:
        """Raises `Again`, after a short while, so that the same tasks are not looked at over and over."""
        if owner is None:
            yield
            return
        with self._lock:
            free = self._running[owner] < self._each
            self._running[owner] += free
        if not free:
            time.sleep(self._wait_s)
            raise Again(self._wait_s)
        try:
            yield
        finally:
            with self._lock:
                self._running[owner] -= 1
                if not self._running[owner]:
                    del self._running[owner]
