"""The candidate of this process: started beside what answers, given to whoever is drawn, ended with its trial."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Final
from weakref import WeakSet

from api.wiring.background import Background
from api.wiring.deployment import Deploying, Wanted
from api.wiring.in_use import LOOK_S, Answering, InUse
from api.wiring.language import Language
from api.wiring.trials.here import Here
from infra.postgres.releases import Candidate

SHADOW: Final = "shadow"


@dataclass(frozen=True, slots=True)
class Running:
    """A candidate that has been started. `current`: the release beside which it is tried, "" for none. `own`: its
    language model is nobody else's."""

    trial: Candidate
    current: str
    answering: Answering
    own: bool

    @property
    def name(self) -> str:
        return self.trial.release.name


def drawn(release: str, user: str, share: float) -> bool:
    """Whether somebody is in the candidate's arm: the same in every process and as long as the share stands; who is in
    a small share is in a larger one, too."""
    digest = hashlib.sha256(f"{release}\n{user.lower()}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < share


class Trials:
    """At most one candidate at a time. Nobody waits for its start: who is drawn before it is up is answered by what
    answers everybody.

    Args:
        deploying: what should be tried by now. Raises `StoreError`.
        in_use: what answers everybody.
        start: makes a candidate, with this language model or one that it starts. Raises what `Language.start` raises.
        here: says whether it should be started here, and hears what comes of that.
        stack: gets `close` as soon as there is something to close.
    """

    def __init__(
        self,
        deploying: Deploying,
        in_use: InUse,
        start: Callable[[Wanted, Language | None], Answering],
        here: Here,
        stack: ExitStack,
    ) -> None:
        self._deploying, self._in_use, self._start = deploying, in_use, start
        self._here, self._stack = here, stack
        self._running: Running | None = None
        self._leaving: WeakSet[Language] = WeakSet()
        self._begun = self._closed = False
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
            self._here.ended(running.trial.number, alone=alone)

    def look(self) -> None:
        """Starts, exchanges or ends the candidate as is wanted by now. Raises what starting raises."""
        with self._looking:
            wanted, current = self._deploying.tried(), self._deploying.current().release or ""
            running, beside = self._running, self._in_use.begun
            promoted = running is not None and wanted is None and running.own and current == running.name
            if promoted and beside is not None and beside.release != current:
                return  # it is about to be handed over
            if running is not None and not self._fits(running, wanted, beside):
                self._end(running)
                running = None
            self._here.now(wanted.number if wanted else 0)
            if wanted is not None and running is not None:
                self._go_on(replace(running, trial=wanted, current=current))
            elif wanted is not None and self._here.due(wanted):
                self._begin(wanted, current)

    def _go_on(self, running: Running) -> None:
        with self._lock:
            self._running = running
        if not self._here.up(running.trial):
            self._end(running)

    @staticmethod
    def _fits(running: Running, wanted: Candidate | None, beside: Answering | None) -> bool:
        if wanted is None or wanted.release.name != running.name:
            return False
        return running.own or (beside is not None and beside.language is running.answering.language)

    def hand_over(self, wanted: Wanted) -> Language | None:
        """The candidate's language model for what is to answer everybody from now on, if it is the one for that; who
        takes it closes it."""
        with self._lock:
            running = self._running
            if running is None or not running.own or running.answering.wanted.language != wanted.language:
                return None
            self._running = None
            return running.answering.language

    def _begin(self, wanted: Candidate, current: str) -> None:
        try:
            made_of = self._deploying.wanted(self._deploying.by(wanted.release.name))
            if made_of.chosen.release is None:  # an option of the command says otherwise
                return
            self._here.starting(wanted)
            beside = self._in_use.begun
            alike = beside is not None and beside.wanted.language == made_of.language
            answering = self._loaded(made_of, beside.language if beside and alike else None)
        except Exception as error:
            self._here.vain(wanted, error)
            raise
        with self._lock:
            if not self._closed:
                if not self._begun:
                    self._begun = True
                    self._stack.callback(self.close)
                self._running = Running(wanted, current, answering, own=not alike)
            elif not alike:
                answering.language.close()

    def _loaded(self, made_of: Wanted, shared: Language | None) -> Answering:
        """With all that it needs, so that nobody waits for that."""
        answering = self._start(made_of, shared)
        try:
            answering.service  # noqa: B018
        except BaseException:
            if shared is None:
                answering.language.close()
            raise
        return answering

    def _end(self, running: Running) -> None:
        with self._lock:
            self._running = None
            if running.own:
                self._leaving.add(running.answering.language)
        if running.own:
            running.answering.language.retire()

    def close(self) -> None:
        """Stops the candidate, and former ones that still answer."""
        with self._lock:
            self._closed = True
            running, self._running = self._running, None
            open_now = [*self._leaving, *([running.answering.language] if running and running.own else [])]
        for language in open_now:
            language.close()


class CandidateWatch(Background):
    """Starts a candidate soon after its trial has begun, by whatever process, and ends it with that."""

    def __init__(self, trials: Trials) -> None:
        super().__init__("footnote-candidate", trials.look, "The candidate of a trial was not started", every=LOOK_S)
