"""How fast files are searchable and how much memory it takes, by this build and another, one after the other."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from api.terminal import UsageError, note, say
from evals.measuring.code import code
from evals.measuring.machine import command_line, setting
from evals.measuring.results import ResultFile
from evals.measuring.tables import table
from evals.suites.ingestion.generated import BIG
from evals.systems.building import Ingested, ingested

OURS, OTHER = "this build", "baseline"


def run_big(kinds: Sequence[str], baseline: str, out: Path | None) -> int:
    """Each file into a fresh data folder by a process of its own; 1 if this build fails at one."""
    results, failed = ResultFile(out), 0
    lines: list[tuple[object, ...]] = []
    for kind in kinds:
        name, write = BIG[kind]
        with tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
            write(Path(folder, name))
            size = Path(folder, name).stat().st_size
            found = {build: _measured(Path(folder), path, f"{name} by {build}") for build, path in _builds(baseline)}
        failed += found[OURS].failed
        for build, one in found.items():
            results.add({"row": "big", "file": kind, "bytes": size, "build": build, **_numbers(one)})
            lines.append((kind, f"{size / 1e6:.1f} MB", build, *_shown(one)))
        lines += (
            [(kind, "", "ratio", *_ratio([found[OURS]], [found[OTHER]], lambda one: one.peak_mib), "")]
            if OTHER in found
            else []
        )
    table("Big files, from file to searchable", ("file", "size", "build", "seconds", "peak MiB", "chunks"), lines)
    _circumstances(results, baseline)
    return 1 if failed else 0


def run_speed(data: Path, contracts: int, rounds: int, baseline: str, threads: int, out: Path | None) -> int:
    """Contracts into fresh data folders, the builds by turns; 1 if this build fails at one."""
    results = ResultFile(out)
    builds = _builds(baseline)
    found: dict[str, list[Ingested]] = {build: [] for build, _ in builds}
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as folder:
        for path in some_contracts(data, contracts):
            shutil.copy(path, folder)
        for turn in range(rounds):
            for build, place in builds if turn % 2 == 0 else reversed(builds):
                one = _measured(Path(folder), place, f"round {turn + 1} of {rounds} by {build}", threads)
                found[build].append(one)
                results.add({"row": "speed", "round": turn, "build": build, "contracts": contracts, **_numbers(one)})
    lines: list[tuple[object, ...]] = [(build, *_medians(ones)) for build, ones in found.items()]
    lines += (
        [("ratio", *_ratio(found[OURS], found[OTHER], lambda one: one.pages / one.seconds))] if OTHER in found else []
    )
    header = ("build", "seconds", "pages a second", "lowest, highest", "peak MiB")
    table(f"{contracts} contracts, from file to searchable, medians of {rounds}", header,
          [(*line, *[""] * (len(header) - len(line))) for line in lines])  # fmt: skip
    _circumstances(results, baseline)
    return 1 if any(one.failed for one in found[OURS]) else 0


def some_contracts(data: Path, count: int) -> list[Path]:
    """`count` of the contracts in data/cuad/pdf, evenly over the sorted names. Raises `UsageError` for too few."""
    known = sorted((data / "cuad" / "pdf").glob("*.pdf"))
    if len(known) < count or not count:
        raise UsageError(f"{data / 'cuad' / 'pdf'} holds {len(known)} contracts; {count} are wanted.")
    return [known[at * len(known) // count] for at in range(count)]


def _builds(baseline: str) -> list[tuple[str, str]]:
    return [(OURS, ""), (OTHER, baseline)] if baseline else [(OURS, "")]


def _measured(folder: Path, build: str, what: str, threads: int = 0) -> Ingested:
    try:
        found = ingested(folder, build, threads=threads)
    except RuntimeError as error:
        raise UsageError(f"{what}: the process failed:\n{error}") from error
    note(
        f"{what}: {found.seconds:.1f} s, {found.pages} pages, {found.peak_mib:.0f} MiB at most, {found.failed} failed."
    )
    return found


def _numbers(one: Ingested) -> Mapping[str, Any]:
    return {"seconds": round(one.seconds, 2), "pages": one.pages, "chunks": _chunks(one), "failed": one.failed,
            "peak_mib": round(one.peak_mib),
            "reasons": sorted({row["reason"] for row in one.files if row["reason"]})}  # fmt: skip


def _chunks(one: Ingested) -> int:
    return sum(row["chunks"] for row in one.files)


def _shown(one: Ingested) -> tuple[str, str, str]:
    failed = " (failed)" if one.failed else ""
    return f"{one.seconds:.1f}{failed}", f"{one.peak_mib:.0f}", str(_chunks(one))


def _medians(ones: Sequence[Ingested]) -> tuple[str, str, str, str]:
    seconds = statistics.median(one.seconds for one in ones)
    speeds = [one.pages / one.seconds for one in ones]
    low, high = min(speeds), max(speeds)
    peak = statistics.median(one.peak_mib for one in ones)
    return f"{seconds:.1f}", f"{statistics.median(speeds):.2f}", f"{low:.2f}, {high:.2f}", f"{peak:.0f}"


def _ratio(ours: Sequence[Ingested], others: Sequence[Ingested], then: Callable[[Ingested], float]) -> tuple[str, str]:
    """Of the medians of seconds, and of what `then` says: ours by theirs."""
    by = (lambda one: one.seconds, then)
    seconds, rest = (statistics.median(map(number, ours)) / statistics.median(map(number, others)) for number in by)
    return f"{seconds:.2f}", f"{rest:.2f}"


def _circumstances(results: ResultFile, baseline: str) -> None:
    found = setting()
    results.add({"row": "summary", "command": command_line(), **found, "code": code("ingest"), "baseline": baseline})
    say(f"\ncommit {found['commit']}, {found['cpu']}, {found['cores']} cores, load {found['load_average']} at the end: "
        f"{command_line()}")  # fmt: skip
