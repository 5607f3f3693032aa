"""`footnote sweep`: configurations tried over cases, until there are enough or the time is up."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.gating.sequential import look
from api.terminal import UsageError, note
from evals.measuring.results import ResultFile
from evals.suites.sweep.plan import INDEXED, Plan, planned
from evals.suites.sweep.report import Report, Row, pareto, said, say_report
from evals.suites.sweep.study import Proposal, Study
from evals.systems.tries import paired, sums, tried, weighed
from evals.systems.trying import ERROR, RIGHT, WRONG, Configuration, Places, Put, Tried, cases, digest, in_use

UNFINISHED = 3
_ALPHA = 0.01  # of leaving a configuration that is in truth no worse than the base
_FEWEST = 10
_QUICKER = 0.9  # of two that are equally good: less is noise of the clock
Try = Callable[..., list[Tried]]
Now = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SweepRun:
    """What the command line asks for."""

    file: Path
    out: Path
    data: Path | None = None
    contracts: Path | None = None
    memo: Path | None = None
    as_json: bool = False


class OutOfTime(Exception):
    """No case is begun any more; what is known is kept."""


def run_sweep(
    wanted: SweepRun, attempt: Try = tried, clock: Callable[[], float] = time.monotonic, now: Now = in_use
) -> int:
    """The exit code: 3 where the time was up before all was tried."""
    plan = planned(wanted.file)
    memo = wanted.memo or wanted.out.with_name(wanted.out.name + ".memo")
    places = Places(memo, wanted.data, wanted.contracts, now())
    puts = cases(plan.sample, plan.files, plan.answers, places, limit=plan.limit, refusals=plan.refusals)
    _possible(plan, puts)
    results = ResultFile(wanted.out)
    study = Study(plan, [put.key for put in puts], wanted.out.with_name(wanted.out.name + ".study"))
    sweep = Sweep(plan, places, puts, results, study, attempt, clock)
    found = sweep.run()
    say_report(found, plan, wanted.out, study.importance, wanted.as_json)
    return UNFINISHED if found.unfinished else 0


def _possible(plan: Plan, puts: Sequence[Put]) -> None:
    if any(put.store == "own" for put in puts) and INDEXED & {*plan.parameters, *plan.base}:
        raise UsageError(
            f"{', '.join(sorted(INDEXED))} cannot be varied over this installation's documents: leave cases.files out."
        )
    if len(puts) < 2 * _FEWEST:
        note(f"{len(puts)} cases: that is a trial of the command, and nothing to choose a configuration by.")


class Sweep:
    """Base first, then what the study proposes, on one half of the cases; then base and the best on the other half."""

    def __init__(
        self, plan: Plan, places: Places, puts: Sequence[Put], results: ResultFile, study: Study, attempt: Try,
        clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._plan, self._places, self._results, self._study = plan, places, results, study
        self._attempt, self._clock = attempt, clock
        self._until = clock() + 60 * plan.minutes
        held = {put.key for put in puts if plan.hold_out and int(digest(f"held out {put.key}")[:8], 16) % 2}
        self.chosen_by = [put for put in puts if put.key not in held]
        self.reported_on = [put for put in puts if put.key in held]
        self._base: list[Tried] = []

    def run(self) -> Report:
        rows: list[Row] = []
        unfinished = False
        held: tuple[list[Tried], list[Tried]] | None = None
        best: Row | None = None
        try:
            self._base = self._all(self._configuration({}), self.chosen_by)
            rows.append(self._row("base", {}, self._base, False))
            rows.extend(self._again(one) for one in self._study.ended)
            proposals = self._study.proposals()
            while len(rows) <= self._plan.configurations and (one := next(proposals, None)):
                rows.append(self._tried(one))
                note(said(rows[-1]))
            best = chosen(rows)
            if best is not None and self.reported_on:
                with_it = self._all(self._configuration(best.settings), self.reported_on)
                held = with_it, self._all(self._configuration({}), self.reported_on)
        except OutOfTime:
            unfinished = True
            best = chosen(rows)
        return Report(tuple(rows), best, weighed(*held) if held else None, held, unfinished, self._plan.wrong)

    def _again(self, one: Proposal) -> Row:
        """What an earlier run tried, from the file; whether it was left early is found again."""
        found, left = self._until_hopeless(one)
        return self._row(f"{one.number}", one.settings, found, left)

    def _tried(self, one: Proposal) -> Row:
        try:
            found, left = self._until_hopeless(one)
        except OutOfTime:
            self._study.left(one)
            raise
        row = self._row(f"{one.number}", one.settings, found, left)
        if left or math.isnan(row.quality) or row.seconds is None:
            self._study.pruned(one)
        else:
            self._study.tell(one, row.quality, row.seconds)
        return row

    def _until_hopeless(self, one: Proposal) -> tuple[list[Tried], bool]:
        left = False

        def go_on(found: Sequence[Tried]) -> bool:
            nonlocal left
            self._in_time()
            left = hopeless(found, self._base, self._plan)
            return not left

        puts = self.chosen_by
        found = self._attempt(
            self._places, self._configuration(one.settings), puts, self._results, go_on=go_on, step=note
        )
        return found, left and len(found) < len(puts)

    def _all(self, configuration: Configuration, puts: Sequence[Put]) -> list[Tried]:
        def go_on(found: Sequence[Tried]) -> bool:
            self._in_time()
            return True

        return self._attempt(self._places, configuration, puts, self._results, go_on=go_on, step=note)

    def _in_time(self) -> None:
        if self._clock() >= self._until:
            raise OutOfTime

    def _configuration(self, settings: Mapping[str, Any]) -> Configuration:
        together = {**self._plan.base, **settings}
        return Configuration(" ".join(f"{name}={value}" for name, value in settings.items()) or "base", together)

    def _row(self, name: str, settings: Mapping[str, Any], found: Sequence[Tried], left: bool) -> Row:
        counted = sums(found)
        time_of = counted.first if self._plan.seconds == "first" else counted.end
        return Row(name, dict(settings), counted, counted.quality(self._plan.wrong), time_of.p50, left)


def hopeless(found: Sequence[Tried], base: Sequence[Tried], plan: Plan) -> bool:
    """Whether it is shown that it is worth less than the base (a bet that may be looked at after every case, error
    0.01), and it takes no less time either: what is worse but quicker is a choice that somebody may want."""
    pairs = paired(found, base)
    if len(pairs) < _FEWEST:
        return False

    def worth(one: Tried) -> float:
        return 1.0 if one.outcome == RIGHT else -plan.wrong if one.outcome in {WRONG, ERROR} else 0.0

    bound = 1.0 + plan.wrong
    worse = look([worth(new) - worth(old) for new, old in pairs], bound / 2, alpha=_ALPHA, bound=bound)
    if worse.e_worse < 1 / _ALPHA:
        return False
    new, old = (sums(side) for side in zip(*pairs, strict=True))
    times = [side.first.p50 if plan.seconds == "first" else side.end.p50 for side in (new, old)]
    return times[0] is None or times[1] is None or times[0] >= times[1]


def chosen(rows: Sequence[Row]) -> Row | None:
    """The best quality, of equal ones the quickest; None where it is no better than the base, nor a tenth quicker."""
    front = pareto(rows)
    best = max(front, key=lambda row: (row.quality, -(row.seconds or math.inf)), default=None)
    base = next((row for row in rows if not row.settings), None)
    if best is None or base is None or not best.settings:
        return None
    quicker = best.seconds is not None and base.seconds is not None and best.seconds < _QUICKER * base.seconds
    return best if best.quality > base.quality or quicker else None
