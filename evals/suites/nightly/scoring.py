"""Figures of a suite, and what a case is told apart by."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import numpy as np

from evals.measuring.statistics import interval, resampled, seconds, wilson
from evals.systems.nights import CaseResult, MetricValue
from evals.types import Case
from ingest.languages import language_of

_LONG = 15  # words of a question


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
    """The mean with its interval: Wilson's of shares, else by drawing cases anew, of which one alone has none; None of
    nothing, not 0."""
    if not values:
        return MetricValue(suite, "", name, None, n=0, nans=nans)
    if len(values) == 1 and not set(values) <= {0.0, 1.0}:
        return MetricValue(suite, "", name, values[0], n=1, nans=nans)
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
