"""Figures of a suite, and the slices in which it is worst."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from evals.measuring.statistics import CONFIDENCE, gap_interval, interval, resampled, seconds, wilson
from evals.systems.nights import CaseResult, MetricValue
from evals.types import Case
from ingest.languages import language_of

FEWEST = 5  # cases of a slice: below that nothing is said of it
_LONG = 15  # words of a question


@dataclass(frozen=True, slots=True)
class Slice:
    """`right` of `n` cases that gave a result, and of the `rest` of the suite; the 95 % interval of the share (Wilson).
    `gap`: the slice's share less that of the rest; its interval (Newcombe) holds for all slices that were looked at
    together (Bonferroni)."""

    suite: str
    by: str
    name: str
    n: int
    right: int
    low: float
    high: float
    rest: int
    rest_right: int
    gap: float
    gap_low: float
    gap_high: float

    @property
    def share(self) -> float:
        return self.right / self.n

    @property
    def worse(self) -> bool:
        """Shown to be worse than the rest."""
        return self.gap_high < 0


def slices_of(case: Case) -> dict[str, str]:
    """What a case is told apart by; nothing of its words and nobody's name."""
    types = {PurePosixPath(gold.source).suffix.lstrip(".") or "none" for gold in case.gold}
    return {
        "kind": case.kind.value,
        "group": ",".join(sorted(case.asker.groups)) or "none",
        "language": language_of(case.question),
        "type": ",".join(sorted(types)) or "none",
        "length": "long" if len(case.question.split()) > _LONG else "short",
    }


def worst(cases: Sequence[CaseResult], count: int = 5) -> tuple[list[Slice], int]:
    """Those of at least `FEWEST` cases whose gap to the rest of their suite has the lowest upper end: luck of small
    ones is not taken for weakness. What gave an error is in none. With how many were looked at."""
    known = [case for case in cases if case.outcome != "error"]
    looked = []
    for suite in sorted({case.suite for case in known}):
        of_suite = [case for case in known if case.suite == suite]
        for by, name in sorted({pair for case in of_suite for pair in case.slices.items()}):
            inside = [case.outcome == "right" for case in of_suite if case.slices.get(by) == name]
            if FEWEST <= len(inside) < len(of_suite):
                right = sum(case.outcome == "right" for case in of_suite)
                looked.append((suite, by, name, inside, len(of_suite) - len(inside), right - sum(inside)))
    together = 1 - (1 - CONFIDENCE) / max(1, len(looked))
    found = []
    for suite, by, name, inside, rest, rest_right in looked:
        n, hits = len(inside), sum(inside)
        gap = hits / n - rest_right / rest
        between = gap_interval(hits, n, rest_right, rest, together)
        found.append(Slice(suite, by, name, n, hits, *wilson(hits, n), rest, rest_right, gap, *between))
    return sorted(found, key=lambda one: (one.gap_high, one.share, one.suite, one.by, one.name))[:count], len(found)


def figures(cases: Sequence[CaseResult], metrics: Sequence[MetricValue]) -> list[MetricValue]:
    """Of each suite: the share that is right, the means of its metrics, and seconds."""
    found = []
    for suite in sorted({case.suite for case in cases}):
        of_suite = [case for case in cases if case.suite == suite]
        known = [float(case.outcome == "right") for case in of_suite if case.outcome != "error"]
        found.append(summed(suite, "right", known, len(of_suite) - len(known)))
        names = sorted({one.name for one in metrics if one.suite == suite and one.case_id})
        for name in names:
            values = [one.value for one in metrics if (one.suite, one.name) == (suite, name) and one.case_id]
            numbers = [value for value in values if value is not None]
            found.append(summed(suite, name, numbers, len(values) - len(numbers)))
        found += _seconds(suite, of_suite)
    return found


def summed(suite: str, name: str, values: Sequence[float], nans: int) -> MetricValue:
    """The mean with its interval: Wilson's of shares, else by drawing cases anew; None of nothing, not 0."""
    if not values:
        return MetricValue(suite, "", name, None, n=0, nans=nans)
    if set(values) <= {0.0, 1.0}:
        low, high = wilson(round(sum(values)), len(values))
    else:
        low, high = interval(resampled([np.asarray(values)], np.mean, seed=0))
    return MetricValue(suite, "", name, sum(values) / len(values), low, high, len(values), nans)


def case_metrics(suite: str, case_id: str, scores: Mapping[str, float | None]) -> Iterator[MetricValue]:
    """None: the metric has nothing to say of such a case, and there is no row. NaN: it should have, and is counted."""
    for name, score in scores.items():
        if score is not None:
            missing = math.isnan(score)
            yield MetricValue(suite, case_id, name, None if missing else score, n=int(not missing), nans=int(missing))


def _seconds(suite: str, cases: Sequence[CaseResult]) -> Iterator[MetricValue]:
    """Of cases one after the other: nothing is said of many at once."""
    told = [case for case in cases if case.outcome != "error"]
    sums = {"first": seconds(case.first_seconds for case in told), "end": seconds(case.seconds for case in told)}
    for name, found in sums.items():
        if found.n:
            yield MetricValue(suite, "", f"seconds_{name}_p50", found.p50, n=found.n)
            yield MetricValue(suite, "", f"seconds_{name}_p95", found.p95, n=found.n)
