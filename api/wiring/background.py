"""Work that a service does beside answering, over and over, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ingest.errors import FootnoteError

log = logging.getLogger("footnote")

_STOP_S = 10.0
_FORESEEN = (FootnoteError, OSError)


class Background:
    """Does `work` every `every` seconds. Whatever fails is logged, once while it stays the same, and tried again.

    `failed` begins the message: "The index could not be published".
    """

    def __init__(self, name: str, work: Callable[[], object], failed: str, *, every: float) -> None:
        self._work = work
        self._failed = failed
        self._every = every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Waits for what is under way, but not for long."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join(_STOP_S)

    def _run(self) -> None:
        told = ""
        while not self._stopped.wait(self._every):
            problem = self._attempt()
            if problem is not None and str(problem) != told:
                log.warning("%s and will be again: %s", self._failed, problem)
            told = str(problem or "")

    def _attempt(self) -> Exception | None:
        """What went wrong, if anything."""
        try:
            self._work()
        except _FORESEEN as error:
            return error
        except Exception as error:
            log.exception("%s.", self._failed)  # nobody else would hear of it in this thread
            return error
        return None
