"""`footnote bench sync`: the time to find what changed in a folder, beside LangChain's index()."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from api.terminal import UsageError, note, say, say_table
from evals.measuring.machine import command_line, installed, setting
from evals.measuring.results import ResultFile
from evals.suites.sync.made import paragraphs, write
from evals.systems.syncing import FolderSync, LangChainIndex, product

_PARTS = ("unchanged", "changed")


def run(data: Path, files: int, changed: int, repeats: int, out: Path | None) -> int:
    """1 if one of them did not find what there was to find."""
    try:
        texts = paragraphs(data)
    except ValueError as error:
        raise UsageError(str(error)) from error
    results = ResultFile(out)
    with tempfile.TemporaryDirectory() as made, product(Path(made)) as ours:
        folder = Path(made)
        note(f"Writing {files} files and reading them for the first time, which is not measured ...")
        for number in range(files):
            write(folder, number, texts)
        systems: dict[str, FolderSync] = {"footnote": ours, "langchain": LangChainIndex(folder)}
        with ours.hurried():
            filled = [system.sync()["added"] == files for system in systems.values()]
        rows = _measured(systems, folder, texts, files, changed, repeats)
    versions = {name: installed(name) for name in ("langchain-core", "psycopg")}
    for row in rows:
        results.add({"row": "sync", "files": files, **row})
    results.add({"row": "setting", "command": command_line(), **setting(), "peers": versions})
    _say(rows, files)
    return 0 if all(filled) and all(row["found"] for row in rows) else 1


def _measured(
    systems: dict[str, FolderSync], folder: Path, texts: list[str], files: int, changed: int, repeats: int
) -> list[dict[str, Any]]:
    """In turn, so that both meet the same machine. `found`: the counts are those that are right."""
    rows = []
    for part in _PARTS:
        taken: dict[str, list[float]] = {name: [] for name in systems}
        right = dict.fromkeys(systems, True)
        for turn in range(repeats):
            if part == "changed":
                for number in range(changed):
                    write(folder, number * (files // changed), texts, edition=turn + 2)
            for name, system in systems.items():
                started = time.perf_counter()
                counts = system.sync()
                taken[name].append(time.perf_counter() - started)
                right[name] &= _right(part, counts, files, changed)
        rows += [
            {"part": part, "system": name, "seconds": [round(one, 4) for one in times], "found": right[name]}
            for name, times in taken.items()
        ]
    return rows


def _right(part: str, counts: Counter[str], files: int, changed: int) -> bool:
    others = changed if part == "changed" else 0
    return counts["unchanged"] == files - others and max(counts["added"], counts["changed"]) == others


def _say(rows: list[dict[str, Any]], files: int) -> None:
    medians = {(row["part"], row["system"]): statistics.median(row["seconds"]) for row in rows}
    lines = []
    for part in _PARTS:
        ours, theirs = medians[part, "footnote"], medians[part, "langchain"]
        lines.append((part, f"{ours:.3f} s", f"{theirs:.3f} s", f"{theirs / ours:.1f}"))
    say("")
    say_table((f"{files} files", "footnote", "langchain index()", "times"), lines)
    wrong = sorted({f"{row['system']} ({row['part']})" for row in rows if not row["found"]})
    if wrong:
        say(f"Not everything was found by: {', '.join(wrong)}.")
