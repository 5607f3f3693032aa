"""`footnote bench kills`: kill -9 at random moments, and everything that must hold afterwards."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api.terminal import UsageError, note, say, say_table
from evals.datasets import golden as sample
from evals.measuring.code import ANSWERING, FINDING, code
from evals.measuring.machine import command_line, setting
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.suites.kills.checking import FAULTS
from evals.suites.kills.clients import WRITER
from evals.suites.kills.killing import Killing
from evals.suites.kills.operations import OPERATIONS, plan
from evals.suites.kills.processes import SMALLEST, Processes
from evals.suites.kills.twin import Side
from evals.systems.installations import ingest_sample, opened
from evals.systems.quoting import served
from evals.systems.serving import keys
from evals.types import Case, Kind

_WORK = (
    "answers begun", "answers ended", "answers left open", "sentences received", "uploads", "files of jobs",
    "deletions", "restorations", "erasures begun",
)  # fmt: skip
_MINUTE = 60.0
Row = dict[str, Any]


def run(folder: Path, kills: int, minutes: float, seed: int, only: Sequence[str], model: str) -> int:
    """1 if anything was lost, doubled, half there or without a record in any kill of the folder."""
    if unknown := set(only) - OPERATIONS.keys():
        raise UsageError(f"There is no operation {min(unknown)}: {', '.join(OPERATIONS)}.")
    folder.mkdir(parents=True, exist_ok=True)
    results = ResultFile(folder / "kills.jsonl")
    cases = [case for case in sample.load_cases() if case.kind is Kind.ANSWERABLE]
    done = [row for row in results.rows if row.get("row") == "kill"]
    deadline = time.monotonic() + minutes * _MINUTE
    circumstances = {"seed": seed, "model": model, "code": code("api.http", *ANSWERING, *FINDING)}
    with _running(folder.resolve(), cases, model, only) as killing, progress("killed", kills - len(done)) as step:
        for number in range(_next(done, seed), _next(done, seed) + kills - len(done)):
            if time.monotonic() > deadline:
                note(f"{minutes:g} minutes are over: the same command goes on from here.")
                break
            planned = plan(seed, number, killing.operations)
            row = results.add({"row": "kill", **circumstances, **killing.once(planned, seed)})
            done.append(row)
            step(_line(row))
    found = _summary(done)
    results.add({"row": "summary", "command": command_line(), **setting(), "kills": len(done), "found": found})
    wrong = sum(bool(row["faults"]) for row in done)
    say(f"{len(done)} kills, {wrong} of them left something wrong. A line for each: {folder / 'kills.jsonl'}")
    return 1 if any(found.values()) else 0


def _next(done: Sequence[Row], seed: int) -> int:
    return max((row["number"] + 1 for row in done if row["seed"] == seed), default=0)


@contextmanager
def _running(folder: Path, cases: Sequence[Case], model: str, only: Sequence[str]) -> Iterator[Killing]:
    """Both installations with the sample documents, the undisturbed one served."""
    askers = {WRITER, *(case.asker for case in cases)}
    with (
        opened(home=folder / "home", DATABASE_URL="") as parts,
        opened(home=folder / "twin", DATABASE_URL="") as twin_parts,
        served() as stand_in,
    ):
        for one in (parts, twin_parts):
            ingest_sample(one)
        with keys(parts, askers, "read", "write") as made, keys(twin_parts, askers, "read", "write") as twin_made:
            processes = Processes(folder / "home", stand_in if model == "quoting" else "", _settings(model))
            twin = Processes(folder / "twin", stand_in, with_worker=False)
            try:
                twin.start()
                yield Killing(
                    parts, processes, made, Side(twin.url, twin_made), cases, folder, only or _there(processes)
                )
            finally:
                processes.stop()
                twin.stop()


def _settings(model: str) -> Mapping[str, str]:
    return SMALLEST if model == "smallest" else {}


def _there(processes: Processes) -> list[str]:
    """All operations; to erase, the command has to be there."""
    missing = processes.program("erase", "--help").wait() != 0
    return [name for name in OPERATIONS if name != "erase" or not missing]


def _line(row: Row) -> str:
    wrong = f"WRONG {row['faults']} {row['details']}" if row["faults"] else "all well"
    return f"{row['operation']}: {row['target']} after {row['after_s']:.2f} s, {row['seconds']:.1f} s in all: {wrong}"


def _summary(rows: Sequence[Row]) -> dict[str, int]:
    """In how many kills each of the faults was found."""
    by_kind = Counter((row["operation"], row["target"] if row["hit"] else "nothing was there") for row in rows)
    work, statuses, found = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        work.update(row["work"])
        statuses.update(row["statuses"])
        found.update(row["faults"].keys())
    targets = sorted({target for _, target in by_kind})
    say("")
    say_table(("killed in", *targets), [(name, *(by_kind[name, one] for one in targets)) for name in OPERATIONS])
    say("")
    say_table((f"in {len(rows)} kills", "n"), [(name, work[name]) for name in _WORK])
    say("")
    say_table(("wrong", "kills"), [(name, found[name]) for name in FAULTS])
    note(", ".join(f"{name}: {count}" for name, count in sorted(statuses.items())))
    return {name: found[name] for name in FAULTS}
