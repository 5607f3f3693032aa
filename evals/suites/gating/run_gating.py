"""`footnote bench gates`: the gates' errors where the truth is known, because it was drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from scipy import stats

from api.gating.gates import holm
from api.gating.sizes import cases
from api.terminal import note, say
from evals.measuring.machine import circumstances, command_line
from evals.measuring.results import ResultFile
from evals.measuring.tables import percent, table
from evals.suites.gating.candidates import Rates, alone, together
from evals.suites.gating.several import several
from evals.suites.gating.watched import Alarms, Covered, Watched, canaries, drifting, judged, peeking

ERROR = 0.05
MARGINS = (0.02, 0.03, 0.05, 0.1)
DIFFERING = (0.05, 0.1, 0.2, 0.3)
NIGHTS = (300, 600, 1000)  # cases of the nights with five metrics


def run(runs: int, watched: int, seed: int, out: Path | None) -> int:
    """1 if an error that should be `ERROR` at most is above it beyond chance."""
    rng = np.random.default_rng(seed)
    rows = ResultFile(out)
    _sizes(rows)
    note("Gates of one night ...")
    gates = [*alone(runs, rng), *(row for n in NIGHTS for row in together(runs, rng, n))]
    _say_gates(gates)
    note("Canaries ...")
    looks = [*canaries(watched, rng), *several(max(20, watched // 5), rng)]
    _say_canaries(looks)
    peeked = peeking(watched, rng)
    say(f"\nA t-test at 5 % that is repeated for 30 nights rolls back {percent(peeked)} % of equal candidates.")
    covers, alarms = list(judged(runs, rng)), list(drifting(watched, rng))
    _say_others(covers, alarms)
    every: tuple[Rates | Watched | Covered | Alarms, ...] = (*gates, *looks, *covers, *alarms)
    for row in every:
        rows.add({"row": type(row).__name__.lower(), **asdict(row)})
    wrong = above(list(errors(gates, looks)))
    rows.add(
        {"row": "summary", "seed": seed, "peeking": peeked, "above": wrong, "command": command_line()} | circumstances()
    )
    say("\n" + (f"Above 5 %: {'; '.join(wrong)}" if wrong else "No error is above 5 % beyond chance."))
    return 1 if wrong else 0


def above(found: Sequence[tuple[str, float, int]]) -> list[str]:
    """What is above `ERROR` beyond chance, by exact binomial tests; of so many some are by chance, so Holm's."""
    p_values = holm([float(stats.binom.sf(round(share * count) - 1, count, ERROR)) for _, share, count in found])
    return [of for (of, _, _), p in zip(found, p_values, strict=True) if p <= ERROR]


def errors(gates: list[Rates], looks: list[Watched]) -> Iterator[tuple[str, float, int]]:
    """(of what, share, runs) of every error that has a limit."""
    for row in gates:
        yield f"{row.gate}, n {row.n}: harm ships", row.harm_shipped, row.runs
        yield f"{row.gate}, n {row.n}: harmless blocked", row.harmless_blocked, row.runs
    for look in looks:
        if look.true_change == 0:
            yield f"{look.how}, {look.margin}: harmless rolled back", look.rolled_back, look.runs
        else:
            yield f"{look.how}, {look.margin}: harm promoted", look.promoted, look.runs


def _sizes(rows: ResultFile) -> None:
    lines = [
        (margin, power, *(cases(margin, differing, power=power) for differing in DIFFERING))
        for margin in MARGINS
        for power in (0.8, 0.95)
    ]
    header = ("margin", "power", *(f"{share:.0%} differ" for share in DIFFERING))
    table("Cases that a yes/no gate needs", header, lines)
    for line in lines:
        rows.add({"row": "size", **dict(zip(header, line, strict=True))})


def _say_gates(found: list[Rates]) -> None:
    table(
        "Gates: percent of candidates that are worse by the margin, and of equal ones",
        ("gate", "margin", "n", "harm ships", "harm blocked", "equal blocked", "equal undecided", "runs"),
        [
            (
                row.gate,
                row.margin,
                row.n,
                *map(percent, (row.harm_shipped, row.harm_blocked, row.harmless_blocked, row.harmless_undecided)),
                row.runs,
            )
            for row in found
        ],
    )


def _say_canaries(found: list[Watched]) -> None:
    table(
        "Looked at after every person, up to 4,000",
        ("how", "margin", "true change", "promoted", "rolled back", "people, half", "people, 9 of 10", "runs"),
        [
            (
                row.how,
                row.margin,
                row.true_change,
                percent(row.promoted),
                percent(row.rolled_back),
                row.people_half or "-",
                row.people_nine or "-",
                row.runs,
            )
            for row in found
        ],
    )


def _say_others(covers: list[Covered], alarms: list[Alarms]) -> None:
    table(
        "Share of right answers, by few labels and a judge of 1,000 more",
        ("labels", "judge agrees", "95 % interval holds it", "width", "labels alone", "runs"),
        [
            (row.labels, row.agrees, percent(row.covered), f"{row.width:.3f}", f"{row.width_alone:.3f}", row.runs)
            for row in covers
        ],
    )
    table(
        "Drift: percent of periods with an alarm",
        ("test", "n", "moved", "nothing moved", "moved, found", "runs"),
        [(row.test, row.n, row.moved, percent(row.quiet), percent(row.found), row.runs) for row in alarms],
    )
