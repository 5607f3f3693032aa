"""`footnote eval nightly`, `eval runs`, `eval show`."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from api.terminal import note, say, say_json, say_table
from evals.measuring.machine import circumstances
from evals.options import chosen
from evals.suites.nightly.asking import night
from evals.suites.nightly.plan import Suite, planned
from evals.suites.nightly.report import Report, reported, say_report
from evals.systems.nights import NewRun, nights, released

WHAT = "nightly"
FAILED, UNFINISHED = 1, 3


def run_nightly(
    minutes: float, suites: str, files: Sequence[Path], attacks: int, release: str, anew: bool, as_json: bool
) -> int:
    """The exit code, as the command's help has it."""
    plan = planned(chosen(suites, tuple(Suite), "--suites"), files, attacks)
    with nights(**released(release)) as opened, opened.results.alone():
        setup = asdict(opened.setup())
        config = hashlib.sha256(json.dumps(setup, sort_keys=True).encode()).hexdigest()
        commit = str(circumstances()["commit"] or "")
        run = NewRun(WHAT, commit, config, plan.sha256, setup, {**plan.told, "release": release})
        run_id, goes_on = opened.results.begin(run, plan.datasets, anew=anew)
        note(f"Night {run_id[:8]} {'goes on' if goes_on else 'begins'}: {len(plan.tasks)} cases.")
        night(opened.results, run_id, plan, opened.over, 60 * minutes, time.monotonic)
        found = reported(opened.results, run_id)
    _say(found, as_json)
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
    header = ("run", "started (UTC)", "status", "cases", "right", "errors", "commit", "config", "data")
    say_table(
        header,
        [
            (r.id[:8], f"{r.started_at:%Y-%m-%d %H:%M}", r.status, r.cases, r.right, r.errors, r.commit[:8] or "-",
             r.config_sha256[:8], r.data_sha256[:8])
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
