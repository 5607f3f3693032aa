"""A candidate beside what answers: who is answered by it, what is observed of that, and what it decides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from api.bootstrap.answers import AnswerParts
from api.wiring import admitting
from api.wiring.answers import Answers, Trying, shadowed
from api.wiring.deployment import Wanted
from api.wiring.language import Language
from api.wiring.line import Line
from api.wiring.trials.deciding import TrialWatch
from api.wiring.trials.here import Here, PostgresTrialProcesses
from api.wiring.trials.keeping import Keeping
from api.wiring.trials.running import CandidateWatch, Trials
from api.wiring.trials.shadowing import Shadowing
from api.wiring.trials.weighing import evidence, weighed


class TrialParts(AnswerParts):
    @cached_property
    def _keeping(self) -> Keeping:
        keeping = Keeping(self.observations, self.keys, self.telemetry)
        self._stack.callback(keeping.stop)
        return keeping

    @cached_property
    def shadowing(self) -> Shadowing:
        return Shadowing(self.trials, self._keeping, shadowed, lambda: self._line, self.telemetry)

    @cached_property
    def candidate_watch(self) -> CandidateWatch:
        watch = CandidateWatch(self.trials)
        self._stack.callback(watch.stop)
        return watch

    @cached_property
    def trial_watch(self) -> TrialWatch:
        watch = TrialWatch(self.releases, self.observations, self.telemetry)
        self._stack.callback(watch.stop)
        return watch

    def trial_figures(self) -> Mapping[str, Any] | None:
        """What the trial under way has come to; None where nothing is tried."""
        _, tried = self.releases.in_use()
        return evidence(weighed(tried, self.observations)) if tried else None

    @cached_property
    def trials(self) -> Trials:
        return Trials(self.deploying, self.in_use, self._start, self._here, self._stack)

    @cached_property
    def _here(self) -> Here:
        here = Here(self.trial_processes, self.trial_watch.give_up)
        self.telemetry.metrics.reads(
            "footnote_candidate_left_out", "1 where the release that is tried cannot be used in this process", (),
            lambda: {(): float(here.left_out)},
        )  # fmt: skip
        return here

    @cached_property
    def trial_processes(self) -> PostgresTrialProcesses:
        return PostgresTrialProcesses(self.pool)

    def _handed(self, wanted: Wanted) -> Language | None:
        return self.trials.hand_over(wanted)

    @cached_property
    def answers(self) -> Answers:
        """Answers by the language model that is in use at the time; where a candidate is tried, by that for some."""
        return Answers(self.in_use, Trying(self.trials, self._keeping, self.shadowing))

    @cached_property
    def _line(self) -> Line:
        """Of answers."""
        return Line(admitting.answers(self.settings))
