"""The language model in use with what answers by it, and the exchange for another while answers are under way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakSet

from api.wiring.background import Background
from api.wiring.deployment import Wanted
from api.wiring.hosting import Host
from api.wiring.language import Language
from generation.answering.service import AnswerService
from generation.protocols import Gate

LOOK_S = 5.0


@dataclass(frozen=True)
class Answering:
    """A started language model, and the gate and the answer service that ask it, each made when first needed.

    For good: another release or adapter is another `Answering`, which may share the language model.
    """

    wanted: Wanted
    language: Language
    make_gate: Callable[[Language], Gate]
    make_service: Callable[[Language, Gate], AnswerService]
    make_recipe: Callable[[Language], dict[str, object]]

    @property
    def release(self) -> str | None:
        return self.wanted.chosen.release

    @cached_property
    def gate(self) -> Gate:
        return self.make_gate(self.language)

    @cached_property
    def service(self) -> AnswerService:
        return self.make_service(self.language, self.gate)

    @property
    def recipe(self) -> dict[str, object]:
        """What decides an answer besides question, documents and adapter."""
        return self.make_recipe(self.language)


class InUse:
    """Holds the `Answering` of now. Nothing of a former one stays here once its last answer has ended.

    Args:
        wanted: what should be in use by now. Raises what `api.wiring.deployment.Deploying` raises.
        start: makes it, with this language model, or where that is None with one that it starts. Raises what
            `Language.start` raises.
        stack: gets `close` as soon as there is something to close.
        handed: a language model that runs already and is given away for this, if there is one.
    """

    def __init__(
        self,
        wanted: Callable[[], Wanted],
        start: Callable[[Wanted, Language | None], Answering],
        stack: ExitStack,
        handed: Callable[[Wanted], Language | None] = lambda wanted: None,
    ) -> None:
        self._wanted, self._start, self._stack, self._handed = wanted, start, stack, handed
        self._now: Answering | None = None
        self._leaving: WeakSet[Language] = WeakSet()
        self._closed = False
        self._lock, self._exchanging = threading.RLock(), threading.Lock()

    @property
    def begun(self) -> Answering | None:
        """As `now`, but starts nothing."""
        return self._now

    def now(self) -> Answering:
        """Started, if it is not yet; that takes seconds."""
        with self._lock:
            if self._now is None:
                self._now = self._start(self._wanted(), None)
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
        """Puts what is wanted by now in place of what is in use; False if it is that already.

        Answers under way end as they began. The language model stays where the other one would be the same; else a
        second one is started, and the first ends with its last answer.
        """
        with self._exchanging:
            wanted, before = self._wanted(), self.now()
            if wanted == before.wanted:
                return False
            shared = before.language if wanted.language == before.wanted.language else None
            handed = None if shared else self._handed(wanted)
            try:
                taken = self._start(wanted, shared or handed)
            except BaseException:
                if handed is not None:
                    handed.close()
                raise
            with self._lock:
                if self._closed:
                    taken.language.close()
                    return False
                self._now = taken
                if shared is None:
                    self._leaving.add(before.language)
            if shared is None:
                before.language.retire()
            return True

    @contextmanager
    def beside(self, wanted: Wanted) -> Iterator[Answering]:
        """What answers so until the end of the block, whatever is in use: that itself where it is the same, else with
        its language model where that is the same."""
        with ExitStack() as hold:
            with self._lock:
                now = self._now
                alike = now if now is not None and now.wanted.language == wanted.language else None
                if alike is not None:
                    hold.enter_context(alike.language.in_use())
            if alike is not None and alike.wanted == wanted:
                yield alike
                return
            answering = self._start(wanted, alike.language if alike else None)
            if alike is None:
                hold.callback(answering.language.close)
                hold.enter_context(answering.language.in_use())
            yield answering

    def close(self) -> None:
        """Stops the language model in use, and former ones that still answer."""
        with self._lock:
            self._closed = True
            open_now = [*self._leaving, *([self._now.language] if self._now else [])]
        for language in open_now:
            language.close()


class AdapterWatch(Background):
    """Takes over a release or an adapter soon after it was promoted or rolled back, by whatever process; the host gets
    back what it has lost."""

    def __init__(self, in_use: InUse, host: Callable[[], Host | None]) -> None:
        self._in_use, self._host = in_use, host
        super().__init__("footnote-adapters", self.look, "What answers was not changed", every=LOOK_S)

    def look(self) -> None:
        try:
            self._in_use.take_over()
        finally:
            if host := self._host():
                host.restore()
