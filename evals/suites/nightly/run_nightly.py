"""`footnote eval nightly`, `eval runs`, `eval show`."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from api.terminal import check_place, counted, note, say, say_json, say_table
from evals.measuring.machine import circumstances
from evals.options import chosen
from evals.suites.nightly.asking import night
from evals.suites.nightly.few import Few, judge_few
from evals.suites.nightly.plan import Suite, planned
from evals.suites.nightly.report import Report, reported, say_report
from evals.suites.nightly.report_file import write_report
from evals.systems.nights import NewRun, nights, released
from evals.systems.second_opinions import check_judge

WHAT = "nightly"
FAILED, UNFINISHED = 1, 3


def run_nightly(
    minutes: float,
    suites: str,
    files: Sequence[Path],
    attacks: int,
    release: str,
    anew: bool,
    as_json: bool,
    few: Few,
    out: Path | None = None,
) -> int:
    """The exit code, as the command's help has it."""
    if out is not None:
        check_place(out)
    check_judge(few.judge)
    release = "" if release == "current" else release  # what is in use, said in words
    plan = planned(chosen(suites, tuple(Suite), "--suites"), files, attacks)
    with nights(**released(release)) as opened, opened.results.alone():
        setup = asdict(opened.setup())
        config = hashlib.sha256(json.dumps(setup, sort_keys=True).encode()).hexdigest()
        commit = str(circumstances()["commit"] or "")
        told = {**plan.told, "release": release, **few.told}
        run = NewRun(WHAT, commit, config, plan.sha256, setup, told)
        run_id, goes_on = opened.results.begin(run, plan.datasets, anew=anew)
        note(f"Night {run_id[:8]} {'goes on' if goes_on else 'begins'}: {counted(len(plan.tasks), 'case')}.")
        began, whole = time.monotonic(), 60 * minutes
        kept = whole * few.share if few.wanted else 0.0
        night(opened.results, run_id, plan, opened.over, whole - kept, time.monotonic)
        if few.wanted:
            left = max(kept, began + whole - time.monotonic())  # all of it where a night goes on that was asked already
            judge_few(opened.results, run_id, plan, opened.over, few, left, time.monotonic)
        elif few.count:
            note("RAGAS is not installed: the extra `ragas` brings it. Nothing is scored by it.")
        found = reported(opened.results, run_id)
    _say(found, as_json)
    if out is not None:
        write_report(run_id, "", out, words=False, tell=note)
    return exit_code(found)


def exit_code(found: Report) -> int:
    """What failed comes before what is not finished."""
    if found.failures:
        return FAILED
    return UNFINISHED if found.run.status != "done" or found.run.errors else 0


def list_runs(limit: int, as_json: bool) -> int:
    with nights() as opened:
        found = opened.results.runs(limit)
    if as_json:
        say_json({"runs": found})
        return 0
    header = ("run", "started (UTC)", "status", "cases", "right", "errors", "release", "commit", "setup", "case set")
    say_table(
        header,
        [
            (r.id[:8], f"{r.started_at:%Y-%m-%d %H:%M}", r.status, r.cases, r.right, r.errors,
             r.plan.get("release") or "in use", r.commit[:8] or "-", r.config_sha256[:8], r.data_sha256[:8])
            for r in found
        ],
    )  # fmt: skip
    if not found:
        say("No night yet: `footnote eval nightly`.")
    return 0


def show_run(prefix: str, against: str, as_json: bool) -> int:
    with nights() as opened:
        found = reported(opened.results, opened.results.find(prefix).id, against)
    _say(found, as_json)
    return 0


def _say(found: Report, as_json: bool) -> None:
    if as_json:
        say_json(found)
    else:
        say_report(found)
