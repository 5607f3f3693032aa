"""What a night found, for people and for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.gating.slices import FEWEST, Slice, worst
from api.gating.turned import turned
from api.terminal import counted, say
from evals.measuring.tables import number, percent, table
from evals.suites.nightly.plan import Suite
from evals.systems.nights import CaseResult, EvalRun, MetricValue, PostgresEvaluations

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Report:
    """`planned`: cases of the plan. `failures`: what the exit code 1 is for. `newly_wrong`: right in the night `before`
    (the last one that was finished), wrong in this; of the same version of the case set. `overlooked`: of how many
    cases of this night that one had no result."""

    run: EvalRun
    planned: int
    metrics: Sequence[MetricValue]
    worst: Sequence[Slice]
    before: str | None
    newly_wrong: Sequence[str]
    newly_right: Sequence[str]
    overlooked: int
    failures: Sequence[str]
    snapshots: Sequence[str]


def reported(store: PostgresEvaluations, run_id: str) -> Report:
    run = store.find(run_id)
    cases, metrics = store.cases(run_id), store.metrics(run_id)
    before = store.before(run)
    against = turned(cases, store.cases(before) if before else ())
    return Report(
        run=run,
        planned=sum(run.plan["suites"].values()),
        metrics=[one for one in metrics if not one.case_id],
        worst=worst(cases),
        before=before,
        newly_wrong=_named(against.wrong),
        newly_right=_named(against.right),
        overlooked=against.overlooked if before else 0,
        failures=_failures(metrics, against.wrong),
        snapshots=sorted({one.snapshot for one in cases if one.snapshot}),
    )


def _failures(metrics: Sequence[MetricValue], wrong: Sequence[CaseResult]) -> list[str]:
    of_cases = [one for one in metrics if one.case_id]
    leaked = [one.case_id for one in of_cases if one.name == "leak" and one.value == 1.0]
    loose = [one.case_id for one in of_cases if one.name == "citation_resolves" and one.value not in {1.0, None}]
    unknown = [one.case_id for one in of_cases if one.name in {"leak", "citation_resolves"} and one.nans]
    back = [one.case_id for one in wrong if one.suite == Suite.REGRESSION]
    told = {"leaked": leaked, "citation does not resolve": loose, "cannot be told": unknown, "wrong again": back}
    return [f"{why}: {', '.join(ids)}" for why, ids in told.items() if ids]


def say_report(found: Report) -> None:
    run = found.run
    say(f"Night {run.id[:8]}, {run.started_at:%Y-%m-%d %H:%M} UTC: {run.status}, {run.cases} of {found.planned} cases.")
    decided = {"adapter": run.setup["adapter"], "commit": run.commit[:8], "config": run.config_sha256[:8],
               "data": run.data_sha256[:8]}  # fmt: skip
    told = ", ".join(f"{name} {value or 'none'}" for name, value in decided.items())
    say(f"{run.setup['generator']}, {told}, {counted(len(found.snapshots), 'snapshot')}")
    if run.cases < found.planned or run.errors:
        say(f"Not asked: {found.planned - run.cases}. Errors: {run.errors}, counted in no share.")
    table("Suites: share or mean, with 95 % interval", ("suite", "metric", "value", "interval", "n", "no number"),
          [_line(one) for one in found.metrics])  # fmt: skip
    if found.worst:
        table(
            f"Worst slices (of {FEWEST} cases or more; picked as the worst, so likely less bad than they look)",
            ("suite", "by", "slice", "right", "of", "%", "interval", "less than the rest", "interval"),
            [_slice_line(one) for one in found.worst],
        )
    say()
    if found.before is None:
        say("No finished night before it to compare with.")
    else:
        say(f"Against night {found.before[:8]}: {len(found.newly_wrong)} newly wrong, {len(found.newly_right)} newly "
            f"right; {found.overlooked} it had no result of.")  # fmt: skip
        if found.newly_wrong:
            more = len(found.newly_wrong) - _SHOWN
            say(f"Newly wrong: {', '.join(found.newly_wrong[:_SHOWN])}{f', and {more} more' if more > 0 else ''}")
    for failure in found.failures:
        say(f"FAILED  {failure}")


def _line(one: MetricValue) -> tuple[object, ...]:
    if one.name.startswith("seconds_"):
        return one.suite, one.name, f"{number(one.value)} s", "", one.n, one.nans
    return one.suite, one.name, percent(one.value), _between(one.low, one.high), one.n, one.nans


def _slice_line(one: Slice) -> tuple[object, ...]:
    share, less = percent(one.share), percent(-one.gap)
    of = _between(-one.gap_high, -one.gap_low)
    return one.suite, one.by, one.name, one.right, one.n, share, _between(one.low, one.high), less, of


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None else f"{percent(low)} to {percent(high)}"


def _named(cases: Sequence[CaseResult]) -> list[str]:
    return [f"{one.suite}/{one.case_id}" for one in cases]
