"""A trial in figures: what its arms have come to by now, as api.gating weighs it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from api.gating.arms import FIRST as FIRST
from api.gating.arms import LOPSIDED, WITHIN, Measure, Pair, Seen, Watch, speed, watch, watch_pairs
from api.gating.arms import Reading as Reading
from api.gating.sequential import ALPHA
from api.wiring.trials.running import SHADOW
from infra.postgres.observations import ArmCounts as ArmCounts
from infra.postgres.observations import Outcome, PostgresObservations
from infra.postgres.releases import Candidate

ANSWERED, KEPT, NO_ERROR, SPEED = "answered", "kept", "no error", "speed"
# A loss of 0.026 of speed is 1.2 times as long.
MEASURES = (
    Measure(ANSWERED, 0.05),
    Measure(KEPT, 0.05),
    Measure(NO_ERROR, 0.02),
    Measure(SPEED, 0.026),
    Measure(WITHIN, 0.05),
)
# A shadow finds warm what the current release has just read, and stands behind everybody: its seconds say little.
OF_SHADOWS = MEASURES[:3]
_MOST_E = 1e9  # beyond which a number says no more


@dataclass(frozen=True, slots=True)
class Weighed:
    trial: Candidate
    watch: Watch
    counts: Mapping[str, ArmCounts]

    @property
    def lopsided(self) -> bool:
        return self.watch.lopsided >= LOPSIDED


def values(of: Outcome) -> dict[str, float]:
    """By metric, 0..1, more is better. `KEPT`: of what was written, the share of sentences that the gate let pass."""
    drafted = of.shipped + of.withheld
    return {
        ANSWERED: float(of.status in {"answered", "partial"}),
        KEPT: of.shipped / drafted if drafted else 1.0,
        NO_ERROR: float(of.status != "error"),
        SPEED: speed(of.seconds) if of.status != "error" else 0.0,
    }


def weighed(trial: Candidate, observations: PostgresObservations) -> Weighed:
    if trial.mode == SHADOW:
        pairs = [Pair(who, values(new), values(old)) for who, new, old in observations.first_pairs(trial.number, FIRST)]
        found = watch_pairs(pairs, OF_SHADOWS)
    else:
        seen = [
            Seen(who, candidate, values(of), of.seconds if of.status != "error" else None)
            for who, candidate, of in observations.first(trial.number, FIRST)
        ]
        found = watch(seen, trial.share, MEASURES)
    return Weighed(trial, found, observations.counts(trial.number))


def more_people(found: Weighed, reading: Reading) -> int | None:
    """About how many more it takes to exclude a loss of the margin, if it goes on as until now; None: it does not look
    as if that would be."""
    watched = found.watch
    people = watched.candidate + (watched.current if found.trial.share else 0)
    if reading.within_after is not None:
        return 0
    if reading.e_within < 1.5 or not people:
        return None
    return math.ceil(people * (math.log(1 / ALPHA) / math.log(reading.e_within) - 1)) or 1


def evidence(found: Weighed) -> dict[str, Any]:
    """For the event, as JSON holds it."""
    watched = found.watch
    told: dict[str, Any] = {
        "trial": {"number": found.trial.number, "mode": found.trial.mode, "share": found.trial.share},
        "step": str(watched.step),
        "after_people": watched.after,
        "because": list(watched.because),
        "people": {"candidate": watched.candidate, "current": watched.current, "open": watched.open},
        "lopsided": _short(watched.lopsided),
        "metrics": [{name: _short(value) for name, value in asdict(one).items()} for one in watched.readings],
        "arms": {
            arm: {name: _short(value) for name, value in asdict(one).items() if name not in {"arm", "since", "until"}}
            for arm, one in found.counts.items()
        },
    }
    return told


def _short(value: Any) -> Any:
    return round(min(value, _MOST_E), 4) if isinstance(value, float) else value
