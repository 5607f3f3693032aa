"""How the candidate of a trial does in this process, beside others that serve: whether it is started, left out here, or
rolled back for all."""

from __future__ import annotations

import logging
import socket
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Protocol

from infra.postgres.releases import Candidate
from infra.postgres.trial_processes import PostgresTrialProcesses as PostgresTrialProcesses
from infra.postgres.trial_processes import State
from infra.postgres.trial_processes import TrialProcess as TrialProcess
from ingest.errors import FootnoteError

log = logging.getLogger("footnote")

MOST_TRIES = 12  # to start one, five seconds apart and more
MOST_FAILURES = 10  # in a row of a candidate in whose place the current release then answered
AGAIN_S = 300.0  # between attempts where it is left out
HEARD_S = 600.0  # as long a process that has said so is believed to start or answer by it
_TELL_S = 30.0  # at the latest


class Processes(Protocol):
    """What the processes that serve tell each other of a trial, by its number. Raises `StoreError`."""

    def tell(self, trial: int, process: str, host: str, state: State, code: str) -> None: ...
    def heard(self, trial: int, seconds: float) -> Sequence[TrialProcess]: ...


class Here:
    """What cannot be used here is left out here, and tried again every few minutes: what is wrong may be this machine's
    own. Where no process says that it starts or answers by it, it is rolled back for all.

    Args:
        give_up: ends the trial, given why and the code of the last error.
    """

    def __init__(
        self,
        processes: Processes,
        give_up: Callable[[Candidate, str, str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._processes, self._give_up, self._clock = processes, give_up, clock
        self._process, self._host = str(uuid.uuid4()), socket.gethostname()
        self._trial = self._tries = self._failures = 0
        self._out: tuple[str, str] | None = None
        self._again = self._tell_by = 0.0
        self._told: State | None = None

    @property
    def left_out(self) -> bool:
        return self._out is not None

    def now(self, number: int) -> None:
        """The trial of this number is what goes on; 0: none."""
        if self._trial != number:
            self._trial, self._tries, self._failures, self._out, self._told = number, 0, 0, None, None

    def due(self, trial: Candidate) -> bool:
        """Whether it should be started now."""
        return self._out is None or (not self._is_given_up(trial) and self._clock() >= self._again)

    def starting(self, trial: Candidate) -> None:
        if self._out is None:
            self._tell(trial, "starting")

    def vain(self, trial: Candidate, error: Exception) -> None:
        """It could not be started."""
        self._tries += 1
        if self._out is not None or self._tries >= MOST_TRIES:
            code = error.code if isinstance(error, FootnoteError) else type(error).__qualname__
            self._leave_out(trial, "does not start", code)

    def up(self, trial: Candidate) -> bool:
        """It has been started. False: it does nothing but fail, and is to be ended here."""
        self._tries = 0
        if self._failures >= MOST_FAILURES:
            self._failures = 0
            self._leave_out(trial, "fails where the current release answers", "")
            return False
        self._out = None
        self._tell(trial, "up")
        return True

    def ended(self, number: int, *, alone: bool) -> None:
        """An answer of it has ended; `alone`: it failed where the current release did not."""
        if number == self._trial:
            self._failures = self._failures + 1 if alone else 0

    def _leave_out(self, trial: Candidate, why: str, code: str) -> None:
        self._tries, self._again = 0, self._clock() + AGAIN_S
        new, self._out = self._out is None, (why, code)
        if not self._is_given_up(trial) and new:
            name = trial.release.name
            log.warning(
                "Release %s is left out by this process, others go on with it. See `footnote release watch`.", name
            )

    def _is_given_up(self, trial: Candidate) -> bool:
        assert self._out is not None
        why, code = self._out
        self._tell(trial, "out", code)
        if any(one.state != "out" for one in self._processes.heard(trial.number, HEARD_S)):
            return False
        self._give_up(trial, why, code)
        return True

    def _tell(self, trial: Candidate, state: State, code: str = "") -> None:
        now = self._clock()
        if state != self._told or now >= self._tell_by:
            self._processes.tell(trial.number, self._process, self._host, state, code)
            self._told, self._tell_by = state, now + _TELL_S
