"""The parts of the report that is mailed, each as HTML."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api.gating.slices import FEWEST, WORST, Slice
from api.terminal import counted
from evals.suites.nightly.charts import asked, chart, round_up, series
from evals.suites.nightly.few import DRAWN, SECONDS
from evals.suites.nightly.markup import Markup, joined, listed, table, tag
from evals.suites.nightly.report import AMOUNTS
from evals.systems.looking import CaseResult, EvalDecision, Figured, MetricValue, ReleaseEvent, Report

NONE = "no number"
RAGAS = "ragas_"
_SUITES = ("regression", "golden", "adversarial", "performance")
_BESIDE = {  # what ours says of the same, as docs/evaluation.md has it
    "ragas_faithfulness": ("citation_resolves", "quote_overlap"),
    "ragas_answer_relevancy": ("correctness",),
    "ragas_context_precision": ("citation_document",),
    "ragas_context_recall": ("citation_document",),
}
_SAYS = {"ship": "Ships: every gate is passed", "block": "Blocked: a loss is shown",
         "undecided": "Undecided: so few cases show neither"}  # fmt: skip


def share(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.1f} %"


def span(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{100 * low:.1f} to {100 * high:.1f} %"


def seconds(value: float | None) -> str:
    if value is None:
        return NONE
    return f"{1000 * value:.0f} ms" if value < 1 else f"{value:.1f} s"


def amount(value: float | None) -> str:
    """Three digits that count: 16.5, and 4,050, not 4.05e+03."""
    return NONE if value is None else f"{float(f'{value:.3g}'):,.12g}"


def suites_of(nights: Sequence[Figured]) -> list[str]:
    found = {figure.suite for night in nights for figure in night.figures}
    return [*(suite for suite in _SUITES if suite in found), *sorted(found - set(_SUITES))]


def figure_of(night: Figured, suite: str, name: str) -> MetricValue | None:
    return next((one for one in night.figures if (one.suite, one.name) == (suite, name)), None)


def suites(night: Figured, history: Sequence[Figured]) -> Markup:
    """Of each suite: how many are right, over nights, and every figure of the night."""
    return joined(
        _suite(night, history, suite) if asked(night, suite) else _unasked(night, suite) for suite in suites_of([night])
    )


def _unasked(night: Figured, suite: str) -> Markup:
    """What is known of a suite without a case of it."""
    figures = [_figure(one)[:2] for one in night.figures if one.suite == suite]
    return tag(
        "section",
        tag("h3", f"{suite}: no case of it was asked"),
        table(f"Figures of {suite}", ("metric", "value"), figures),
    )


def _suite(night: Figured, history: Sequence[Figured], suite: str) -> Markup:
    right = series(history, suite, "right")
    half, slow = (series(history, suite, f"seconds_end_{name}") for name in ("p50", "p95"))
    now = figure_of(night, suite, "right")
    p50, p95 = (figure_of(night, suite, f"seconds_end_{name}") for name in ("p50", "p95"))
    said = f"{suite}: {share(now.value if now else None)} right"
    took = f"half within {seconds(p50.value if p50 else None)}, 95 of 100 within {seconds(p95.value if p95 else None)}"
    top = round_up(max((point.value or 0.0 for point in slow), default=0.0))
    pictures = [
        tag("figure", tag("figcaption", f"Right over {counted(len(right), 'night')}"),
            chart(f"{said}, over {counted(len(right), 'night')}", [right], 1.0, lambda value: f"{100 * value:.0f} %")),
        tag("figure", tag("figcaption", f"Seconds: {took} (dashed)"),
            chart(f"{suite}, seconds: {took}", [half, slow], top, seconds)),
    ]  # fmt: skip
    figures = [_figure(one) for one in night.figures if one.suite == suite and not one.name.startswith(RAGAS)]
    nights = [
        (f"{a.night.run.started_at:%Y-%m-%d}{'' if a.night.run.status == 'done' else f' ({a.night.run.status})'}",
         share(a.value), span(a.figure.low, a.figure.high) if a.figure else "", a.figure.n if a.figure else 0,
         seconds(b.value), seconds(c.value))
        for a, b, c in reversed(list(zip(right, half, slow, strict=True)))
    ]  # fmt: skip
    return tag(
        "section",
        tag("h3", f"{said}, {span(now.low, now.high) if now else ''}"),
        tag("div", *pictures, class_="pictures"),
        table(f"Figures of {suite}", ("metric", "value", "95 % interval", "cases", "no number"), figures),
        tag("details", tag("summary", f"{suite}, night by night")),
        tag("div", table(f"{suite}, night by night", ("night", "right", "95 % interval", "cases", "half within",
                                                      "95 of 100 within"), nights), class_="folded"),
    )  # fmt: skip


def _figure(one: MetricValue) -> tuple[object, ...]:
    if one.name.startswith("seconds_"):
        return one.name, seconds(one.value), "", one.n, one.nans
    if one.name in AMOUNTS:
        return one.name, amount(one.value), "", one.n, one.nans
    return one.name, share(one.value), span(one.low, one.high), one.n, one.nans


def ragas(night: Figured) -> Markup:
    """RAGAS' figures beside what ours say of the same; "" where RAGAS was not asked."""
    told = [one for one in night.figures if one.name.startswith(RAGAS) and one.name != DRAWN]
    drawn, scored = (sum(one.n for one in night.figures if one.name == name) for name in (DRAWN, SECONDS))
    if not told and not drawn:
        return Markup()
    rows = [
        (f"{one.suite}: {one.name.removeprefix(RAGAS)}", share(one.value), span(one.low, one.high), one.n, one.nans,
         ", ".join(_beside(night, one)))
        for one in told
    ]  # fmt: skip
    head = ("RAGAS", "value", "95 % interval", "answers", "no number", "ours, of all cases of the suite")
    said = tag("p", f"RAGAS has scored {scored} of the {drawn} answers that were drawn for it.") if drawn else Markup()
    shown = table("RAGAS, of some answers, beside ours", head, rows) if rows else Markup()
    return tag("section", tag("h2", "RAGAS beside ours"), said, shown)


def _beside(night: Figured, one: MetricValue) -> Iterator[str]:
    for name in _BESIDE.get(one.name, ()):
        if ours := figure_of(night, one.suite, name):
            yield f"{name} {share(ours.value)}"


def decision(found: EvalDecision | None, night: Figured) -> Markup:
    if found is None:
        return tag("p", f"This night was not weighed against another: footnote eval weigh {night.run.id[:8]} OTHER.")
    gates = [_gate(one) for one in found.results["gates"]]
    head = ("gate", "outcome", "change", "90 % interval", "may lose", "cases", "left out", "lost")
    pairs = found.results["pairing"]
    runs = f"Candidate {found.new_run[:8]} against {found.old_run[:8]}"
    errors = f"errors: {pairs['errors_new']} and {pairs['errors_old']}"
    said = f"{runs}, {counted(pairs['pairs'], 'case')} that both were asked; {errors}."
    return joined(
        [
            tag("p", tag("strong", _SAYS.get(found.outcome, found.outcome), class_=found.outcome)),
            tag("p", said, f" Decided {found.at:%Y-%m-%d %H:%M} UTC."),
            listed(found.results["remarks"]) if found.results["remarks"] else Markup(),
            table("Gates", head, gates),
        ]
    )  # fmt: skip


def _gate(one: Mapping[str, Any]) -> tuple[object, ...]:
    duration = one["kind"] == "duration"
    told = [one[name] for name in ("change", "high", "low") if one[name] is not None]
    if len(told) == 3:
        change, first, last = ([100 * math.expm1(-value) for value in told] if duration
                               else [100 * told[0], 100 * told[2], 100 * told[1]])  # fmt: skip
        unit = " %" if duration else " points"
        moved, between = f"{change:+z.1f}{unit}", f"{first:+z.1f} to {last:+z.1f}"
    else:
        moved, between = NONE, ""
    margin = {"never": "no case", "better": "must gain"}.get(
        one["aim"], f"{100 * one['margin']:.0f} {'% longer' if duration else 'points'}"
    )
    more = f", {one['more']} more cases would do" if one["outcome"] == "undecided" and one["more"] else ""
    outcome = tag("strong", f"{one['outcome']}{more}", class_=one["outcome"])
    name = f"{one['metric']}{' (guard)' if one['guard'] else ''}"
    return name, outcome, moved, between, margin, one["n"], one["left_out"], ", ".join(one["lost"]) or "none"


def slices(found: Sequence[Slice]) -> Markup:
    if not found:
        return tag("p", f"No slice has {FEWEST} cases or more.")
    first = found[0]
    named = f"{first.by} {first.name} of {first.suite}"
    said = "shown to be worse than the rest" if first.worse else "but no slice is shown to be worse than its rest"
    rows = [
        (f"{one.by}: {one.name}", one.suite, f"{one.right} of {one.n}", share(one.share), span(one.low, one.high),
         f"{100 * one.gap:+z.1f} points", f"{100 * one.gap_low:+z.1f} to {100 * one.gap_high:+z.1f}")
        for one in found[:WORST]
    ]  # fmt: skip
    head = ("slice", "suite", "right", "share", "95 % interval", "less the rest", f"its interval, for all {len(found)}")
    return joined([tag("p", f"Worst: {named}, {said}."), table("Worst slices", head, rows)])


def turned(found: Report, words: Mapping[str, str]) -> Markup:
    """`words`: of questions, by suite/id, as far as they are told."""
    if found.against is None:
        return tag("p", "There is no finished night before it to set it against.")
    since = found.turned
    other = f"{found.against.id[:8]} of {found.against.started_at:%Y-%m-%d %H:%M}"
    said = (
        f"Against night {other}: {len(since.wrong)} newly wrong, {len(since.right)} newly right, of "
        f"{counted(since.paired, 'case')} that both have a result of; {since.overlooked} cannot be paired."
    )
    rows = [(place(one), one.status, seconds(one.seconds), ", ".join(one.slices.values()), words.get(place(one), ""))
            for one in since.wrong]  # fmt: skip
    head = ("newly wrong", "answer", "seconds", "slices", "question" if words else "")
    if not words:
        head, rows = head[:-1], [row[:-1] for row in rows]  # type: ignore[assignment, misc]
    return joined([tag("p", said), table("Newly wrong cases", head, rows) if rows else Markup()])


def place(case: CaseResult) -> str:
    return f"{case.suite}/{case.case_id}"


def missing(night: Figured) -> Markup:
    """Before any share is read: how much of the night was not asked."""
    left = night.planned - night.run.cases
    if left <= 0:
        return Markup()
    said = f"{left} of {counted(night.planned, 'case')} were not asked: shares are of the rest."
    return tag("p", tag("strong", said))


def errors(night: Figured, cases: Sequence[CaseResult]) -> Markup:
    """What has no result, and why."""
    left = night.planned - night.run.cases
    nans = sum(one.nans for one in night.figures if one.name != "right")
    said = (
        f"Not asked: {left} of {counted(night.planned, 'case')}. Errors: {night.run.errors}, counted in no share. "
        f"A metric had no number {counted(nans, 'time')}, told beside each."
    )
    rows = [(place(one), one.code) for one in cases]
    return joined([tag("p", said), table("Errors", ("case", "code"), rows) if rows else Markup()])


def releases(events: Sequence[ReleaseEvent]) -> Markup:
    if not events:
        return tag("p", "No release was proposed yet.")
    rows = [
        (f"{one.at:%Y-%m-%d %H:%M}", one.name, one.action, one.previous or "", share(one.share) if one.share else "",
         one.by)
        for one in reversed(events)
    ]  # fmt: skip
    return table("What was done to releases, newest first", ("at", "release", "step", "before", "share", "by"), rows)
