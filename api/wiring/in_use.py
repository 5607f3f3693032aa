"""The language model in use with what answers by it, and the exchange for another while answers are under way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakSet

from api.wiring.adapter_in_use import AdapterInUse
from api.wiring.background import Background
from api.wiring.hosting import Host
from api.wiring.language import Language
from generation.answering.service import AnswerService
from generation.protocols import Gate

LOOK_S = 5.0


@dataclass(frozen=True)
class Answering:
    """A started language model, and the gate and the answer service that ask it, each made when first needed.

    For good: another adapter is another `Answering`.
    """

    language: Language
    make_gate: Callable[[Language], Gate]
    make_service: Callable[[Language, Gate], AnswerService]

    @cached_property
    def gate(self) -> Gate:
        return self.make_gate(self.language)

    @cached_property
    def service(self) -> AnswerService:
        return self.make_service(self.language, self.gate)


class InUse:
    """Holds the `Answering` of now. Nothing of a former one stays here once its last answer has ended.

    Args:
        wanted: the adapter that should be in use by now. Raises what `api.wiring.adapter_in_use.adapter_in_use` raises.
        start: starts a language model with it. Raises what `Language.start` raises.
        stack: gets `close` as soon as there is something to close.
    """

    def __init__(
        self,
        wanted: Callable[[], AdapterInUse | None],
        start: Callable[[AdapterInUse | None], Answering],
        stack: ExitStack,
    ) -> None:
        self._wanted, self._start, self._stack = wanted, start, stack
        self._now: Answering | None = None
        self._leaving: WeakSet[Language] = WeakSet()
        self._closed = False
        self._lock, self._exchanging = threading.RLock(), threading.Lock()

    def now(self) -> Answering:
        """Started, if it is not yet; that takes seconds."""
        with self._lock:
            if self._now is None:
                self._now = self._start(self._wanted())
                self._stack.callback(self.close)
            return self._now

    @contextmanager
    def held(self) -> Iterator[Answering]:
        """For one answer, in the event loop that asks: its language model stays until this is left."""
        with ExitStack() as hold:
            with self._lock:
                answering = self.now()
                hold.enter_context(answering.language.in_use())
            yield answering

    def take_over(self) -> bool:
        """Puts the adapter that is wanted by now in place of the one in use; False if it is that one.

        Answers under way end with the language model that they began with.
        """
        with self._exchanging:
            wanted, before = self._wanted(), self.now()
            if wanted == before.language.adapter:
                return False
            taken = self._start(wanted)
            with self._lock:
                if self._closed:
                    taken.language.close()
                    return False
                self._now = taken
                self._leaving.add(before.language)
            before.language.retire()
            return True

    def close(self) -> None:
        """Stops the language model in use, and former ones that still answer."""
        with self._lock:
            self._closed = True
            open_now = [*self._leaving, *([self._now.language] if self._now else [])]
        for language in open_now:
            language.close()


class AdapterWatch(Background):
    """Takes over an adapter soon after its promotion, by whatever process; the host gets back what it has lost."""

    def __init__(self, in_use: InUse, host: Callable[[], Host | None]) -> None:
        self._in_use, self._host = in_use, host
        super().__init__("footnote-adapters", self.look, "The adapter was not changed", every=LOOK_S)

    def look(self) -> None:
        try:
            self._in_use.take_over()
        finally:
            if host := self._host():
                host.restore()
