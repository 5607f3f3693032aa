"""Other libraries on the small files, and how fast each makes text of PDFs, one after the other on one core."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from api.terminal import UsageError, note, say
from evals.measuring.code import code
from evals.measuring.machine import command_line, setting
from evals.measuring.results import ResultFile
from evals.measuring.tables import table
from evals.suites.ingestion.peers import GROUPS, faults, wanted
from evals.suites.ingestion.run_builds import some_contracts
from evals.systems.readers import OURS, Read, pythons, reader, version


def run_peers(data: Path, names: Sequence[str], given: str, cuad: Path | None, contracts: int, out: Path | None) -> int:
    """1 if a library cannot be run at all."""
    cases = [case for case in wanted() if (data / case.file).is_file()]
    if not cases:
        raise UsageError(f"{data} holds none of the small files.")
    paths = sorted({data / case.file for case in cases})
    timed = sorted(data.glob("*.pdf")) + (some_contracts(cuad, contracts) if cuad else [])
    results = ResultFile(out)
    right: dict[str, Mapping[str, int]] = {}
    speeds: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory(prefix="footnote-peers-") as folder:
        chosen = {OURS: sys.executable, **pythons(names, given, Path(folder))}
        for name, python in chosen.items():
            note(f"{name} reads {len(paths)} small files and {len(timed)} PDFs.")
            with reader(name, python) as one:
                one.read(paths[0])  # what is loaded at the first file
                read = {path.name: one.read(path) for path in paths}
                took = {path: one.read(path) for path in timed}
                words = one.last_words()
            if all(found.error for found in read.values()):
                raise UsageError(f"{name} reads nothing: {next(iter(read.values())).error}\n{words}")
            made = version(name, python)
            counts = dict.fromkeys(GROUPS, 0)
            for case in cases:
                found = faults(case, read[case.file])
                counts[case.group] += not found
                results.add({"row": "peer", "name": name, "version": made, "group": case.group, "file": case.file,
                             "faults": found})  # fmt: skip
            right[f"{name} {made}"] = counts
            speeds.append((name, *_speed(took)))
            results.add({"row": "peer speed", "name": name, "version": made, "seconds": speeds[-1][2],
                         "pages": speeds[-1][1], "failed": speeds[-1][4]})  # fmt: skip
    sizes = {group: sum(case.group == group for case in cases) for group in GROUPS}
    lines = [(name, *(f"{counts[group]} of {sizes[group]}" for group in GROUPS)) for name, counts in right.items()]
    table("Small files that are read rightly", ("library", *GROUPS), lines)
    table("PDFs to text, one core", ("library", "pages", "seconds", "pages a second", "files without text"), speeds)
    found_here = setting()
    results.add({"row": "summary", "command": command_line(), **found_here, "code": code("ingest"), "right": right})
    say(f"\ncommit {found_here['commit']}, {found_here['cpu']}, load {found_here['load_average']} at the end: "
        f"{command_line()}")  # fmt: skip
    return 0


def _speed(took: Mapping[Path, Read]) -> tuple[int, str, str, int]:
    """Pages, seconds, pages a second, files without text. The pages of files that failed do not count, their seconds
    do."""
    read = [path for path, found in took.items() if not found.error and found.text.strip()]
    pages, seconds = sum(map(_pages, read)), sum(found.seconds for found in took.values())
    return pages, f"{seconds:.1f}", f"{pages / seconds:.1f}", len(took) - len(read)


def _pages(path: Path) -> int:
    from pypdf import PdfReader

    return len(PdfReader(path).pages)
