"""The candidate of this process: started beside what answers, given to whoever is drawn, ended with its trial."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from weakref import WeakSet

from api.wiring.in_use import Answering
from api.wiring.language import Language
from infra.postgres.releases import Candidate, Release
from ingest.errors import FootnoteError

SHADOW = "shadow"
MOST_TRIES = 12  # to start one, five seconds apart and more
MOST_FAILURES = 10  # in a row of a candidate in whose place the current release then answered


@dataclass(frozen=True, slots=True)
class Running:
    """A candidate that has been started. `current`: the release beside which it is tried, "" for none."""

    trial: Candidate
    current: str
    answering: Answering

    @property
    def name(self) -> str:
        return self.trial.release.name


Wanted = Callable[[], tuple[str, Candidate | None]]
"""The name of the current release ("" without one), and what should be tried beside it by now."""


def drawn(release: str, user: str, share: float) -> bool:
    """Whether somebody is in the candidate's arm: the same in every process and as long as the share stands; who is in
    a small share is in a larger one, too."""
    digest = hashlib.sha256(f"{release}\n{user.lower()}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < share


class Trials:
    """At most one candidate at a time. Nobody waits for its start: who is drawn before it is up is answered by what
    answers everybody.

    Args:
        start: starts it. Raises what `Language.start` raises.
        give_up: ends the trial of one that cannot be used, given why and the code of the last error.
        stack: gets `close` as soon as there is something to close.
    """

    def __init__(
        self,
        wanted: Wanted,
        start: Callable[[Release], Answering],
        give_up: Callable[[Candidate, str, str], None],
        stack: ExitStack,
    ) -> None:
        self._wanted, self._start, self._give_up, self._stack = wanted, start, give_up, stack
        self._running: Running | None = None
        self._leaving: WeakSet[Language] = WeakSet()
        self._tries = self._failures = 0
        self._tried = self._trial = 0  # numbers of trials that these are counted of
        self._closed = False
        self._lock, self._looking = threading.RLock(), threading.Lock()

    @property
    def now(self) -> Running | None:
        return self._running

    @contextmanager
    def held(self, user: str) -> Iterator[Running | None]:
        """For one answer, in the event loop that asks: the candidate if it is to answer this person, and it stays until
        this is left."""
        with ExitStack() as hold:
            with self._lock:
                running = self._running
                if running is not None and not drawn(running.name, user, running.trial.share):
                    running = None
                if running is not None:
                    hold.enter_context(running.answering.language.in_use())
            yield running

    @contextmanager
    def shadow(self) -> Iterator[Running | None]:
        """The same for an answer that nobody sees."""
        with ExitStack() as hold:
            with self._lock:
                running = self._running if self._running and self._running.trial.mode == SHADOW else None
                if running is not None:
                    hold.enter_context(running.answering.language.in_use())
            yield running

    def ended(self, running: Running, *, alone: bool) -> None:
        """An answer of the candidate has ended; `alone`: it failed where the current release did not."""
        with self._lock:
            if self._trial != running.trial.number:
                self._trial, self._failures = running.trial.number, 0
            self._failures = self._failures + 1 if alone else 0

    def look(self) -> None:
        """Starts, exchanges or ends the candidate as is wanted by now. Raises what starting raises."""
        with self._looking:
            current, wanted = self._wanted()
            running = self._running
            if running is not None and (wanted is None or wanted.release.name != running.name):
                self._end(running)
                running = None
            if wanted is None:
                return
            if running is not None:
                with self._lock:
                    self._running = replace(running, trial=wanted, current=current)
            else:
                self._begin(wanted, current)
            self._check(wanted)

    def _begin(self, wanted: Candidate, current: str) -> None:
        if self._tried != wanted.number:
            self._tried, self._tries = wanted.number, 0
        try:
            answering = self._start(wanted.release)
            answering.service  # noqa: B018 - what it needs is loaded here, not while somebody waits
        except Exception as error:
            self._tries += 1
            if self._tries >= MOST_TRIES:
                code = error.code if isinstance(error, FootnoteError) else type(error).__qualname__
                self._give_up(wanted, "does not start", code)
            raise
        with self._lock:
            if self._closed:
                answering.language.close()
                return
            if self._running is None and not self._leaving:
                self._stack.callback(self.close)
            self._running = Running(wanted, current, answering)

    def _check(self, wanted: Candidate) -> None:
        if self._trial == wanted.number and self._failures >= MOST_FAILURES:
            self._failures = 0
            self._give_up(wanted, "fails where the current release answers", "")

    def _end(self, running: Running) -> None:
        with self._lock:
            self._running = None
            self._leaving.add(running.answering.language)
        running.answering.language.retire()

    def close(self) -> None:
        """Stops the candidate, and former ones that still answer."""
        with self._lock:
            self._closed = True
            open_now = [*self._leaving, *([self._running.answering.language] if self._running else [])]
            self._running = None
        for language in open_now:
            language.close()
