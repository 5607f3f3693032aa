"""What a night found, for people and for scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.gating.slices import FEWEST, WORST, Slice, sliced
from api.gating.turned import turned
from api.terminal import counted, say
from evals.measuring.tables import number, percent, table
from evals.suites.nightly.few import DRAWN, SECONDS
from evals.suites.nightly.plan import Suite
from evals.systems.nights import RESUME_HOURS, CaseResult, EvalRun, MetricValue, PostgresEvaluations
from evals.systems.pairing import aligned

_SHOWN = 10
AMOUNTS = {"prompt_tokens", "completion_tokens", "cost", "peak_memory_mib"}  # means, or one number, of no scale


@dataclass(frozen=True, slots=True)
class Report:
    """`planned`: cases of the plan. `looked`: so many slices the `worst` were picked out of. `failures`: what the exit
    code 1 is for. `stale`: cases whose gold is gone or stands no more. `newly_wrong`: right in the night `before` (the
    last one that was finished, or which was named), wrong in this; of the same version of the case set. `overlooked`:
    of how many cases of this night that one had no result. `case_files`: since when those of this installation are as
    they are, as far as nights know. `unscored`: answers of those `drawn` for RAGAS that were not reached."""

    run: EvalRun
    planned: int
    metrics: Sequence[MetricValue]
    worst: Sequence[Slice]
    looked: int
    before: str | None
    newly_wrong: Sequence[str]
    newly_right: Sequence[str]
    overlooked: int
    failures: Sequence[str]
    stale: Sequence[str]
    snapshots: Sequence[str]
    case_files: Mapping[str, datetime]
    drawn: int = 0
    unscored: int = 0


def reported(store: PostgresEvaluations, run_id: str, against: str = "") -> Report:
    """`against`: the run to compare with, by the first characters of its id. Raises `EvaluationMissing`."""
    run = store.find(run_id)
    cases, metrics = store.cases(run_id), store.metrics(run_id)
    before = store.find(against).id if against else store.before(run)
    slices = sliced(cases)
    own = {one.dataset for one in cases if one.store == "own"}
    drawn, scored = (_count(metrics, name) for name in (DRAWN, SECONDS))
    since = turned(cases, aligned(store.cases(before), cases) if before else ())
    return Report(
        run=run,
        planned=sum(run.plan["suites"].values()),
        metrics=[one for one in metrics if not one.case_id],
        worst=slices[:WORST],
        looked=len(slices),
        before=before,
        newly_wrong=_named(since.wrong),
        newly_right=_named(since.right),
        overlooked=since.overlooked if before else 0,
        failures=_failures(metrics, since.wrong),
        stale=[one.case_id for one in metrics if one.name == "stale" and one.case_id and one.value],
        snapshots=sorted({one.snapshot for one in cases if one.snapshot}),
        case_files={one.name: one.added_at for one in store.datasets() if one.sha256 in own},
        drawn=drawn,
        unscored=drawn - scored,
    )


def _count(metrics: Sequence[MetricValue], name: str) -> int:
    return sum(bool(one.case_id) and one.name == name for one in metrics)


def _failures(metrics: Sequence[MetricValue], wrong: Sequence[CaseResult]) -> list[str]:
    of_cases = [one for one in metrics if one.case_id]
    leaked = [one.case_id for one in of_cases if one.name == "leak" and one.value == 1.0]
    loose = [one.case_id for one in of_cases if one.name == "citation_resolves" and one.value not in {1.0, None}]
    unknown = [one.case_id for one in of_cases if one.name in {"leak", "citation_resolves"} and one.nans]
    back = [one.case_id for one in wrong if one.suite == Suite.REGRESSION]
    told_secret = [one.case_id for one in of_cases if one.name in {"disclosed", "forged"} and one.value]
    attacked = [one.case_id for one in wrong if one.store == "attacks"]
    told = {"leaked": leaked, "disclosed or forged": told_secret, "citation does not resolve": loose,
            "cannot be told": unknown, "wrong again": back, "attack succeeds anew": attacked}  # fmt: skip
    return [f"{why}: {', '.join(ids)}" for why, ids in told.items() if ids]


def say_report(found: Report) -> None:
    run = found.run
    say(f"Night {run.id[:8]}, {run.started_at:%Y-%m-%d %H:%M} UTC: {run.status}, {run.cases} of {found.planned} cases.")
    decided = {"adapter": run.setup["adapter"], "commit": run.commit[:8], "setup": run.config_sha256[:8],
               "case set": run.data_sha256[:8]}  # fmt: skip
    told = ", ".join(f"{name} {value or 'none'}" for name, value in decided.items())
    say(f"{run.setup['generator']}, {told}, {counted(len(found.snapshots), 'snapshot')}")
    if run.cases < found.planned or run.errors:
        say(f"Not asked: {found.planned - run.cases}. Errors: {run.errors}, counted in no share. The same command goes "
            f"on with both, within {RESUME_HOURS} hours of its beginning.")  # fmt: skip
    table("Suites: share in %, or mean, with 95 % interval (docs/evaluation.md#how-to-read-it)",
          ("suite", "metric", "value", "interval", "n", "no number"),
          [_line(one) for one in found.metrics if one.name != DRAWN])  # fmt: skip
    if found.drawn:
        say(f"RAGAS has scored {found.drawn - found.unscored} of the {found.drawn} answers that were drawn for it.")
    if found.worst:
        say_slices(found)
    say()
    if found.before is None:
        say("No finished night before it to compare with: `footnote eval show --against RUN` takes any.")
    else:
        say(f"Against night {found.before[:8]}: {len(found.newly_wrong)} newly wrong, {len(found.newly_right)} newly "
            f"right; {found.overlooked} it had no result of.")  # fmt: skip
        if found.newly_wrong:
            more = len(found.newly_wrong) - _SHOWN
            say(f"Newly wrong: {', '.join(found.newly_wrong[:_SHOWN])}{f', and {more} more' if more > 0 else ''}")
    if found.case_files:
        since = (f"{name} since {added:%Y-%m-%d}" for name, added in sorted(found.case_files.items()))
        say(f"Case files, unchanged: {', '.join(since)}.")
    if found.stale:
        say(f"Stale, for their documents have changed (`footnote eval datasets`): {', '.join(found.stale[:_SHOWN])}")
    for failure in found.failures:
        say(f"FAILED  {failure}")


def say_slices(found: Report) -> None:
    table(
        f"Worst slices, of {found.looked} with {FEWEST} cases or more (slice less the rest of its suite)",
        ("suite", "by", "slice", "right", "of", "%", "interval", "gap", "gap's interval, for all that were looked at"),
        [
            (s.suite, s.by, s.name, s.right, s.n, percent(s.share), _between(s.low, s.high), f"{100 * s.gap:+.1f}",
             f"{100 * s.gap_low:+.1f} to {100 * s.gap_high:+.1f}")
            for s in found.worst
        ],
    )  # fmt: skip
    first = found.worst[0]
    named = f"{first.by} {first.name} of {first.suite}"
    if first.worse:
        say(f"Worst: {named}, shown to be worse than the rest.")
    else:
        say(f"Worst: {named}; no slice is shown to be worse than the rest of its suite.")


def _line(one: MetricValue) -> tuple[object, ...]:
    interval = _between(one.low, one.high)
    if one.name.startswith("seconds_"):
        return one.suite, one.name, f"{number(one.value)} s", "", one.n, one.nans
    if one.name in AMOUNTS:
        return one.suite, one.name, number(one.value), "", one.n, one.nans
    return one.suite, one.name, percent(one.value), interval, one.n, one.nans


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None else f"{percent(low)} to {percent(high)}"


def _named(cases: Sequence[CaseResult]) -> list[str]:
    return [f"{one.suite}/{one.case_id}" for one in cases]
