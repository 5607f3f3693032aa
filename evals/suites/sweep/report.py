"""What a sweep found: a table, plots, and the configuration as a command."""

from __future__ import annotations

import html
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from api.gating.gates import Decision
from api.terminal import note, say, say_json, say_table
from evals.measuring.machine import circumstances, command_line
from evals.measuring.results import made
from evals.measuring.statistics import Difference, paired_bootstrap
from evals.measuring.tables import number, table
from evals.suites.sweep.plan import INDEXED, Plan
from evals.suites.sweep.plots import drawn
from evals.systems.tries import Sums, paired
from evals.systems.trying import RIGHT, WRONG, Tried

WARNING = (
    "The best of many looks better than it is: it was chosen for its luck, too. The figures that count are those of "
    "the cases that did not choose it."
)
_HEADER = ("", "changed", "n", "right", "wrong", "abstained", "quality", "seconds", "p95", "")


@dataclass(frozen=True, slots=True)
class Row:
    """A configuration over the cases that choose. `left`: it was hopeless, and not all were asked."""

    name: str
    settings: Mapping[str, Any]
    sums: Sums
    quality: float
    seconds: float | None
    left: bool


@dataclass(frozen=True, slots=True)
class Report:
    """`held`: of the best and of the base, over the cases that did not choose; `decision`: of these."""

    rows: tuple[Row, ...]
    best: Row | None
    decision: Decision | None
    held: tuple[list[Tried], list[Tried]] | None
    unfinished: bool
    wrong: float


def pareto(rows: Sequence[Row]) -> list[Row]:
    """Those than which none is better in quality and time, and at least in one; of equal ones the first."""
    whole = [row for row in rows if not row.left and row.seconds is not None and not math.isnan(row.quality)]

    def beaten(row: Row, at: int) -> bool:
        return any(
            other.quality >= row.quality
            and other.seconds <= row.seconds  # type: ignore[operator]
            and ((other.quality, other.seconds) != (row.quality, row.seconds) or before < at)
            for before, other in enumerate(whole)
            if before != at
        )

    return [row for at, row in enumerate(whole) if not beaten(row, at)]


def changed(row: Row) -> str:
    return " ".join(f"{name}={_value(value)}" for name, value in row.settings.items()) or "nothing"


def said(row: Row) -> str:
    left = f", left after {row.sums.n} cases: hopeless" if row.left else ""
    return f"{row.name}: {changed(row)}: quality {row.quality:.3f}, {number(row.seconds)} s{left}"


def proposal(row: Row, base: Mapping[str, Any]) -> str:
    """With what all shared."""
    together = {**base, **row.settings}
    sets = " ".join(f"--set {shlex.quote(f'{name}={_value(value)}')}" for name, value in together.items())
    return f"footnote release propose NAME {sets}"


def say_report(
    found: Report, plan: Plan, out: Path, importance: Mapping[str, tuple[float, float]], as_json: bool = False
) -> None:
    front = pareto(found.rows)
    ordered = sorted(found.rows, key=lambda row: (row.left, -row.quality if not math.isnan(row.quality) else math.inf))
    lines, best = [_line(row, row in front) for row in ordered], _best(found, plan.base)
    if not as_json:
        _say(found, plan, lines, best, importance)
    page = out.with_name(out.name + ".html")
    images = drawn(found.rows, front, importance, out)
    made(page).write_text(_page(lines, best, images), encoding="utf-8")
    note(f"Written: {', '.join(map(str, (page, *images)))}")
    if as_json:
        say_json(
            {
                "configurations": [{**asdict(row), "pareto": row in front} for row in found.rows],
                "best": asdict(found.best) if found.best else None,
                "held_out": best, "decision": asdict(found.decision) if found.decision else None,
                "importance": importance, "unfinished": found.unfinished, "command": command_line(), **circumstances(),
            }
        )  # fmt: skip


def _say(
    found: Report,
    plan: Plan,
    lines: Sequence[tuple[object, ...]],
    best: Sequence[str],
    importance: Mapping[str, tuple[float, float]],
) -> None:
    say_table(_HEADER, lines)
    say(f"Quality: right less {found.wrong:g} times wrong, a case. Seconds: median to the {plan.seconds}.")
    if found.unfinished:
        say("Not finished: the same command goes on.")
    for line in best:
        say(line)
    if importance:
        table(
            "Of what varies between configurations, the share that each setting explains (few configurations: a hint)",
            ("setting", "of quality", "of seconds"),
            [(name, f"{quality:.2f}", f"{seconds:.2f}") for name, (quality, seconds) in importance.items()],
        )


def _best(found: Report, base: Mapping[str, Any]) -> list[str]:
    if found.best is None:
        return ["None is better than the base."]
    told = [f"Best of {len(found.rows)}: {changed(found.best)} ({found.best.quality:.3f}). {WARNING}"]
    if found.held:
        told.append(_difference(found))
    if INDEXED & found.best.settings.keys():
        told.append("It has another index: ingest with these settings into another FOOTNOTE_HOME.")
    return [*told, proposal(found.best, base)]


def _difference(found: Report) -> str:
    pairs = paired(*found.held) if found.held else []
    if not pairs:
        return "No case was left to report on."
    worth = {RIGHT: 1.0, WRONG: -found.wrong}
    new, old = ([worth.get(one.outcome, 0.0) for one in side] for side in zip(*pairs, strict=True))
    change: Difference = paired_bootstrap([(new, old)], seed=0)
    outcome = found.decision.outcome.value if found.decision else "-"
    return (
        f"On {len(pairs)} cases that did not choose it: quality {sum(old) / len(old):.3f} with the base, "
        f"{sum(new) / len(new):.3f} with it; difference {change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]. "
        f"The gates of a night say: {outcome}."
    )


def _line(row: Row, front: bool) -> tuple[object, ...]:
    sums, mark = row.sums, "left early" if row.left else "Pareto" if front else ""
    quality = "-" if math.isnan(row.quality) else f"{row.quality:.3f}"
    return (
        row.name, changed(row), sums.n, sums.right, sums.wrong, sums.abstained, quality, number(row.seconds),
        number(sums.end.p95), mark,
    )  # fmt: skip


def _value(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _page(lines: Sequence[tuple[object, ...]], told: Sequence[str], images: Sequence[Path]) -> str:
    """One file without anything from elsewhere."""
    heads = "".join(f"<th>{html.escape(name)}</th>" for name in _HEADER)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in line) + "</tr>\n" for line in lines
    )
    words = "".join(f"<p>{html.escape(line)}</p>\n" for line in told)
    drawings = [path.read_text(encoding="utf-8") for path in images if path.suffix == ".svg"]
    plots = "".join("<svg" + text.partition("<svg")[2] for text in drawings)
    style = "body{font:14px sans-serif;margin:2em}td,th{padding:.2em .8em;text-align:left}svg{max-width:100%}"
    return (
        f"<!doctype html>\n<html lang=en><meta charset=utf-8><title>Sweep</title><style>{style}</style>\n"
        f"<h1>Sweep</h1>\n{words}<table><tr>{heads}</tr>\n{rows}</table>\n{plots}</html>\n"
    )
