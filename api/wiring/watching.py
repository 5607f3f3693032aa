"""Keeps connectors in step while the service runs: rights at each look, contents beside them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Protocol

from api.wiring.background import Background
from ingest.errors import FootnoteError, ServiceStopping
from ingest.syncing.mapping import MappingError
from ingest.syncing.protocols import SyncRunning
from ingest.syncing.running import Sync
from ingest.syncing.types import Connector, Plan

log = logging.getLogger("footnote")

LOOKERS = 32  # sources that are waited for at once, and as many again of those that failed at their last look
AT_WORK = 2  # looks in the database at once, each with up to two connections
RETRY_S = 60.0  # the longest time between two looks at a source that fails, unless it is looked at more rarely anyway
_STOP_S = 10.0
_PATIENCE = 2  # looks in a row at which a mapping cannot be read before nobody may read anything


class Connectors(Protocol):
    def list(self) -> Sequence[Connector]: ...


class BackgroundSync(Background):
    """Looks at each connector every `connector.every` seconds, from its first sync on.

    First its rules alone are held against what is stored (`Sync.narrow`), in a thread that waits for no source. Then
    comes a look (`Sync.watch`), which sets rights and deletes; what is to be fetched is fetched by a thread of its own.
    Sources that failed at their last look have threads of their own and are looked at more rarely, so none that hangs
    keeps another one waiting. A mapping that cannot be read twice in a row hides all that it was for, until it can be
    read again: a half written file does nothing, a broken one leaves nothing open.
    """

    def __init__(self, connectors: Connectors, sync: Callable[[Connector], Sync], *, every: float = 2.0) -> None:
        self._connectors = connectors
        self._sync = sync
        self._syncs: dict[str, tuple[object, Sync]] = {}
        self._due: dict[str, float] = {}
        self._look_due: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._blind: dict[str, int] = {}
        self._told: dict[str, str] = {}
        self._narrowing: dict[str, Future[None]] = {}
        self._looking: dict[str, Future[None]] = {}
        self._fetching: dict[str, Future[None]] = {}
        self._ended = threading.Event()
        self._gate = threading.Semaphore(AT_WORK)
        self._narrowers = ThreadPoolExecutor(1, thread_name_prefix="footnote-narrow")
        self._lookers = ThreadPoolExecutor(LOOKERS, thread_name_prefix="footnote-look")
        self._retriers = ThreadPoolExecutor(LOOKERS, thread_name_prefix="footnote-retry")
        self._fetchers = ThreadPoolExecutor(1, thread_name_prefix="footnote-fetch")
        super().__init__("footnote-connectors", self.look, "The connectors could not be looked at", every=every)

    def stop(self) -> None:
        self._ended.set()
        super().stop()
        for pool in (self._narrowers, self._lookers, self._retriers, self._fetchers):
            pool.shutdown(wait=False, cancel_futures=True)
        begun = [*self._narrowing.values(), *self._looking.values(), *self._fetching.values()]
        wait([one for one in begun if not one.cancelled()], timeout=_STOP_S)  # which never hears of a cancelled one

    def look(self) -> None:
        """Begins what is due."""
        now = time.monotonic()
        for connector in self._connectors.list():
            if not connector.begun:  # somebody may want to see what it would do
                continue
            name = connector.name
            if now >= self._due.get(name, 0.0) and _idle(self._narrowing.get(name)):
                self._due[name] = now + connector.every
                self._narrowing[name] = self._narrowers.submit(self._attempt_one, connector, self._narrow)

    def _narrow(self, connector: Connector) -> None:
        """By the rules alone; then the source has its turn."""
        name, sync = connector.name, self._of(connector)
        try:
            sync.narrow()
        except MappingError:
            self._blind[name] = self._blind.get(name, 0) + 1
            if self._blind[name] >= _PATIENCE:
                sync.hide()
            raise
        self._blind[name] = 0
        if time.monotonic() >= self._look_due.get(name, 0.0) and _idle(self._looking.get(name)):
            pool = self._retriers if self._failures.get(name) else self._lookers
            self._looking[name] = pool.submit(self._attempt_one, connector, self._look_at)

    def _attempt_one(self, connector: Connector, work: Callable[[Connector], None]) -> None:
        """What goes wrong is logged, once while it stays the same."""
        problem: Exception | None = None
        try:
            work(connector)
        except (SyncRunning, ServiceStopping):
            return
        except (FootnoteError, OSError) as error:
            problem = error
        except Exception as error:
            log.exception("The connector %s could not be synced.", connector.name)
            problem = error
        key = f"{connector.name} {work.__name__}"
        if problem is not None and self._told.get(key) != str(problem):
            log.warning("The connector %s is not in step and will be tried again: %s", connector.name, problem)
        self._told[key] = str(problem or "")

    def _look_at(self, connector: Connector) -> None:
        name, failed = connector.name, True
        try:
            found = self._of(connector).watch()
            failed = found.unlisted
        finally:
            self._failures[name] = count = self._failures.get(name, 0) + 1 if failed else 0
            self._look_due[name] = time.monotonic() + pause(connector.every, count)
        self._tell(connector, found)
        running = self._fetching.get(name)
        if found.contents and _idle(running) and not self._ended.is_set():
            self._fetching[name] = self._fetchers.submit(self._attempt_one, connector, self._fetch)

    def _tell(self, connector: Connector, found: Plan) -> None:
        """Of its items only how many there are: `footnote connectors show` tells which."""
        name, held, problems = connector.name, len(found.held), len(found.problems)
        seen = "; ".join([*found.problems, str(held)]) if problems or held else ""
        if seen and self._told.get(name) != seen:
            if problems:
                log.warning("The connector %s: %d problems; `footnote connectors show %s` tells.", name, problems, name)
            if held:
                log.warning(
                    "The connector %s: %d of its items are gone at once, so they stay. If that is right: "
                    "footnote connectors sync %s --confirm",
                    *(name, held, name),
                )
        self._told[name] = seen

    def _fetch(self, connector: Connector) -> None:
        sync = self._sync(connector)
        try:
            for report in sync.run():
                if report.code:
                    log.warning("The connector %s: an item failed.", connector.name, extra={"code": report.code})
                if self._ended.is_set():
                    break
        finally:
            sync.source.close()

    def _of(self, connector: Connector) -> Sync:
        """One for each connector as it is set up, so that its connection to a server stays open."""
        setup = connector.kind, dict(connector.options), connector.mapping, connector.collection
        known = self._syncs.get(connector.name)
        if known is None or known[0] != setup:
            if known is not None:
                self._retriers.submit(known[1].source.close)  # which may wait for its server
            sync = self._sync(connector)
            sync.gate = self._gate
            known = self._syncs[connector.name] = (setup, sync)
        return known[1]


def pause(every: float, failures: int) -> float:
    """Seconds that a source is left alone beyond `every`, after it failed so often in a row."""
    return max(min(every * ((1 << min(failures, 10)) - 1), RETRY_S - every), 0.0)


def _idle(running: Future[None] | None) -> bool:
    return running is None or running.done()
