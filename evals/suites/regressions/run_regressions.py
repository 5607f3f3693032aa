"""`footnote bench regressions`: does the gate of a night block what is worse, and let pass what is not?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from api.gating.gates import Kind, Outcome, Result
from api.gating.needed import needed
from api.gating.sizes import detectable
from api.terminal import UsageError, note, say, say_json, say_table
from evals.measuring.machine import circumstances, command_line
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.statistics import wilson
from evals.suites.regressions.planted import Planted, planted
from evals.systems.tries import paired, sums, tried, weighed
from evals.systems.trying import RIGHT, Configuration, Places, Put, Tried, cases, in_use
from infra.settings import load_settings
from ingest.errors import FootnoteError

Try = Callable[..., list[Tried]]
Now = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RegressionsRun:
    """What the command line asks for."""

    out: Path
    sample: bool
    files: Sequence[Path]
    answers: str
    data: Path | None
    contracts: Path | None
    memo: Path | None
    limit: int
    only: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gates said of one, and what it did to `n` cases: right, wrong and leaking ones more or fewer, and the
    median of seconds as a multiple. `by`: the gates that block, else those that are undecided. `differing`: cases that
    are right on one side alone. `needed`: cases with which the first of the undecided gates would decide four times in
    five, if what was seen is the truth; None if it did decide, or no number would do."""

    planted: Planted
    outcome: Outcome
    by: tuple[str, ...]
    n: int
    right: int
    wrong: int
    leaks: int
    slower: float
    differing: int
    needed: int | None


def run_regressions(wanted: RegressionsRun, attempt: Try = tried, now: Now = in_use) -> int:
    """0, also where gates were wrong: it is a measurement."""
    memo = wanted.memo or wanted.out.with_name(wanted.out.name + ".memo")
    places = Places(memo, wanted.data, wanted.contracts, now())
    puts = cases(wanted.sample, wanted.files, wanted.answers, places, limit=wanted.limit)
    chosen = _chosen(wanted.only, places.now)
    results = ResultFile(wanted.out)
    note(f"{len(puts)} cases, the current configuration and {len(chosen)} changes of it.")
    with progress("asked", len(puts) * (len(chosen) + 1)) as step:
        base = attempt(places, Configuration("current"), puts, results, step=step)
        judged = []
        for one in chosen:
            order = puts[::-1] if one.backwards else puts
            try:
                found = attempt(places, one.configuration, order, results, step=step)
            except FootnoteError as error:  # such as a model that is not here
                note(f"{one.name}: not tried: {error}")
                continue
            judged.append(_judged(one, found, base))
            note(f"{one.name}: {judged[-1].outcome.value} {', '.join(judged[-1].by)}")
    _say(judged, base, puts)
    return 0


def _chosen(names: str, now: Mapping[str, Any]) -> tuple[Planted, ...]:
    every = planted(load_settings(**now))
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - {one.name for one in every}):
        raise UsageError(f"--only {unknown[0]}: choose from {', '.join(one.name for one in every)}.")
    return tuple(one for one in every if not wanted or one.name in wanted)


def _judged(one: Planted, found: Sequence[Tried], base: Sequence[Tried]) -> Judged:
    decision = weighed(found, base)
    pairs = paired(found, base)
    new, old = sums(a for a, _ in pairs), sums(b for _, b in pairs)
    blocked = [result for result in decision.results if result.outcome is Outcome.BLOCK]
    open_ = [result for result in decision.results if result.outcome is Outcome.UNDECIDED]
    ratio = new.end.p50 / old.end.p50 if new.end.p50 and old.end.p50 else math.nan
    differing = sum((a.outcome == RIGHT) != (b.outcome == RIGHT) for a, b in pairs)
    return Judged(
        one, decision.outcome, tuple(result.gate.metric for result in blocked or open_), len(pairs),
        new.right - old.right, new.wrong - old.wrong, sum(a.leaked - b.leaked for a, b in pairs), round(ratio, 3),
        differing,
        None if blocked else _needed(open_, (differing + 1) / (len(pairs) + 2)),
    )  # fmt: skip


def _needed(undecided: Sequence[Result], differing: float) -> int | None:
    """By the first gate: so many as show a loss of what was seen, when so large a share of the cases comes out
    otherwise, or let it ship where nothing was lost."""
    if not undecided:
        return None
    first = undecided[0]
    if first.gate.kind is Kind.YES_NO and first.change < 0:
        return math.ceil((detectable(math.sqrt(max(differing, -first.change))) / first.change) ** 2)
    return needed(first)


def _say(judged: Sequence[Judged], base: Sequence[Tried], puts: Sequence[Put]) -> None:
    known = sums(base)
    say(f"Now: {known.right} of {known.n} right, {known.wrong} wrong, {known.errors} errors.")
    header = ("", "harmful", "gates say", "by", "right", "wrong", "leaks", "seconds x", "differing", "n", "n needed")
    say_table(
        header,
        [
            (one.planted.name, "yes" if one.planted.harmful else "no", one.outcome.value, ", ".join(one.by[:3]),
             f"{one.right:+d}", f"{one.wrong:+d}", f"{one.leaks:+d}", f"{one.slower:.2f}", one.differing, one.n,
             one.needed or "-")
            for one in judged
        ],
    )  # fmt: skip
    summary = {name: _counted([one for one in judged if one.planted.harmful is harmful])
               for name, harmful in (("regressions", True), ("harmless", False))}  # fmt: skip
    for name, found in summary.items():
        low, high = wilson(found["block"], found["n"])
        say(f"{name}: {found['block']} of {found['n']} blocked [{100 * low:.0f}, {100 * high:.0f}] %, "
            f"{found['undecided']} undecided, {found['ship']} ship.")  # fmt: skip
    rows = [{**asdict(one), "planted": one.planted.name, "harmful": one.planted.harmful, "what": one.planted.what}
            for one in judged]  # fmt: skip
    say_json({"planted": rows, "summary": summary, "cases": len(puts), "command": command_line(), **circumstances()})


def _counted(judged: Sequence[Judged]) -> dict[str, Any]:
    counts = {outcome.value: sum(one.outcome is outcome for one in judged) for outcome in Outcome}
    return {"n": len(judged), **counts}
