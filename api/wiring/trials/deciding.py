"""Looks at the trial of a candidate over and over, and ends it when its people have shown enough.

Read `TrialWatch.look`. Several services may look at the same trial: who comes first ends it, the others are refused.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from api.gating.sequential import Step
from api.wiring.background import Background
from api.wiring.observing import Telemetry
from api.wiring.trials.weighing import Weighed, evidence, weighed
from infra.postgres.errors import ReleaseRefused
from infra.postgres.observations import PostgresObservations
from infra.postgres.releases import Candidate, PostgresReleases

log = logging.getLogger("footnote")

SERVICE = "service"  # who did it, in the events
AUTO = "auto"  # of the evidence of the event that began a trial: to be promoted without being asked
LOOK_S = 30.0


class TrialWatch(Background):
    """What it decides takes effect where it is looked at what should answer, within seconds."""

    def __init__(self, releases: PostgresReleases, observations: PostgresObservations, telemetry: Telemetry) -> None:
        self._releases, self._observations, self._telemetry = releases, observations, telemetry
        self._known = self._ready = 0
        super().__init__("footnote-trials", self.look, "The trial of a release could not be looked at", every=LOOK_S)

    def look(self) -> None:
        """Rolls back where a metric is shown worse; promotes only what the operator said should be."""
        current, trial = self._releases.in_use()
        if trial is None:
            return
        newest = self._observations.newest(trial.number)
        if newest == self._known:
            return
        found = weighed(trial, self._observations)
        self._known = newest
        if found.watch.step is Step.ROLL_BACK and trial.mode != "ab":
            self.roll_back(trial, evidence(found))
        elif found.watch.step is Step.PROMOTE and self._is_auto(trial) and not found.lopsided:
            self._promote(trial, current.name if current else "", found)
        elif found.watch.step is Step.PROMOTE and self._ready != trial.number:
            self._ready = trial.number
            name = trial.release.name
            log.info("Release %s may go on: no metric is worse by its margin.", name)

    def give_up(self, trial: Candidate, why: str, code: str) -> None:
        """For `Trials`: a candidate that cannot be used, whatever is known of its answers."""
        self.roll_back(trial, {"because": [why], "code": code})

    def roll_back(self, trial: Candidate, told: Mapping[str, Any]) -> None:
        name = trial.release.name
        try:
            self._releases.rollback(SERVICE, told, name=name, trial=trial.number)
        except ReleaseRefused:  # somebody was quicker
            return
        self._telemetry.metrics.rollbacks.inc()
        log.warning("Release %s was rolled back by the service. See `footnote release show`.", name)

    def _promote(self, trial: Candidate, over: str, found: Weighed) -> None:
        name = trial.release.name
        try:
            self._releases.promote(name, SERVICE, evidence(found), over=over, trial=trial.number)
        except ReleaseRefused:
            return
        log.warning("Release %s was promoted by the service, as its canary was told to.", name)

    def _is_auto(self, trial: Candidate) -> bool:
        events = self._releases.events(trial.release.name)
        return any(event.number == trial.number and bool(event.evidence.get(AUTO)) for event in events)
