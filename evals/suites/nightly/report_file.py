"""`footnote eval report`: what a night found, as one HTML file to mail: no script, and nothing that is fetched."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from api.terminal import check_place, private, say
from evals.suites.nightly import sections
from evals.suites.nightly.markup import Markup, listed, tag
from evals.suites.nightly.report import reported
from evals.systems.looking import CaseResult, EvalDecision, Figured, Looking, ReleaseEvent, Report, looking

NIGHTS = 30
_STEPS = 20
_ERRORS = 100
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Gathered:
    """`history`: the night and those before it, newest first. `failures`: why the night exits with 1. `errors`: cases
    without a result; `events`: of releases, oldest first; `words`: of questions, by suite/id."""

    report: Report
    history: Sequence[Figured]
    failures: Sequence[str]
    errors: Sequence[CaseResult]
    decision: EvalDecision | None
    events: Sequence[ReleaseEvent]
    words: Mapping[str, str]


def write_report(prefix: str, against: str, out: Path, words: bool, tell: Callable[[str], None] = say) -> int:
    """Raises `EvaluationMissing`, and `UsageError` where no file can be written."""
    check_place(out)
    with looking(words=words) as store:
        found = gathered(store, prefix, against)
    text = document(found)
    with open(out, "w", encoding="utf-8", opener=private) as file:
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):  # also where one was there that others may read
            os.fchmod(file.fileno(), 0o600)
        file.write(text)
    tell(f"{out}: night {found.report.shown.run.id[:8]}, {len(text) // 1000 + 1} kB.")
    return 0


def gathered(store: Looking, prefix: str, against: str) -> Gathered:
    run_id = store.runs.find(prefix).id
    other = store.runs.find(against).id if against else None
    report = store.evaluations.report(run_id, other)
    assert report is not None, "it was found"
    decisions, _ = store.evaluations.decisions(None, 1, run_id)
    failed = store.evaluations.cases(run_id, suite="", outcome="error", after=("", ""), limit=_ERRORS)
    told = {sections.place(one): store.question(one) for one in report.turned.wrong}
    return Gathered(
        report=report,
        history=store.evaluations.history(run_id, NIGHTS),
        failures=reported(store.runs, run_id, other or "").failures,
        errors=failed[0] if failed else (),
        decision=decisions[0] if decisions else None,
        events=store.releases.events()[-_STEPS:],
        words={place: question for place, question in told.items() if question},
    )


def document(found: Gathered) -> str:
    night = found.report.shown
    title = f"Footnote: night of {night.run.started_at:%Y-%m-%d}"
    head = tag(
        "head",
        Markup('<meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"/>'),
        Markup('<meta name="color-scheme" content="light dark"/>'),
        tag("title", title),
        Markup(f"<style>{files('evals.suites.nightly').joinpath('report.css').read_text(encoding='utf-8')}</style>"),
    )
    body = tag(
        "body",
        tag(
            "main",
            tag("h1", title),
            _summary(found),
            tag("section", tag("h2", "Suites"), sections.suites(night, found.history)),
            tag("section", tag("h2", "Gates of the last decision"), sections.decision(found.decision, night)),
            tag("section", tag("h2", "Worst slices"), sections.slices(found.report.slices)),
            tag("section", tag("h2", "What has turned"), sections.turned(found.report, found.words)),
            sections.ragas(night),
            tag("section", tag("h2", "Without a result"), sections.errors(night, found.errors)),
            tag("section", tag("h2", "Releases"), sections.releases(found.events)),
        ),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _summary(found: Gathered) -> Markup:
    run = found.report.shown.run
    setup = run.setup
    decided = (
        f"{setup.get('generator', '')}, adapter {setup.get('adapter') or 'none'}; "
        f"commit {run.commit[:8] or 'unknown'}, setup {run.config_sha256[:8]}, "
        f"cases {run.data_sha256[:8]}, snapshots: {len(found.report.snapshots)}."
    )
    part = " in what was asked" if run.cases < found.report.shown.planned or run.errors else ""
    begun = f"Run {run.id}, begun {run.started_at:%Y-%m-%d %H:%M} UTC"
    failed = tag("div", tag("strong", "This night failed"), listed(found.failures), class_="failed", role="note")
    return tag(
        "section",
        tag("p", f"{begun}: {run.status}, {run.right} of {run.cases} right."),
        sections.missing(found.report.shown),
        tag("p", decided),
        failed if found.failures else tag("p", f"Nothing that fails a night was found{part}."),
    )
