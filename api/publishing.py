"""Publishes the index in the background, so that uploads and deletions of any process reach the disk."""

from __future__ import annotations

import logging
import threading
from typing import Protocol

from api.problems import EXPECTED

log = logging.getLogger("footnote")

_STOP_S = 10.0
_FORESEEN: tuple[type[Exception], ...] = (*EXPECTED, OSError)


class Publishable(Protocol):
    def due(self, rows: int, seconds: float) -> bool: ...

    def publish(self) -> bool: ...


class BackgroundPublisher:
    """A thread that looks at the index every `every` seconds and publishes it when `rows` rows are in memory only,
    or any for `seconds`. Whatever fails is logged and tried again: searches do not depend on it.
    """

    def __init__(self, index: Publishable, *, rows: int = 5_000, seconds: float = 60.0, every: float = 2.0) -> None:
        self._index = index
        self._rows = rows
        self._seconds = seconds
        self._every = every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="footnote-publisher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Waits for what is being written, but not for long: a merge cut off leaves the index as it was."""
        self._stopped.set()
        self._thread.join(_STOP_S)

    def _run(self) -> None:
        told = ""
        while not self._stopped.wait(self._every):
            problem = self._attempt()
            if problem and problem != told:
                log.warning("The index could not be published and will be again: %s", problem)
            told = problem

    def _attempt(self) -> str:
        """What went wrong, or nothing."""
        try:
            if self._index.due(self._rows, self._seconds):
                self._index.publish()
        except _FORESEEN as error:
            return str(error)
        except Exception as error:
            log.exception("The index could not be published.")  # nobody else would hear of it in this thread
            return str(error)
        return ""
