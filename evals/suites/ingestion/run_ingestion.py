"""`footnote bench ingestion`: does what is stored say what the files say, and how fast is it there?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from api.terminal import note, say
from evals.measuring.code import code
from evals.measuring.machine import command_line, setting
from evals.measuring.results import ResultFile
from evals.measuring.tables import table
from evals.suites.ingestion.cases import Verdict, expected, judged
from ingest.chunking import Chunker


def run_cases(folder: Path, out: Path | None) -> int:
    """1 if any file of the folder gives wrong words in silence."""
    wanted, chunker = expected(), Chunker()
    outcomes = []
    for name, case in wanted.items():
        if not (folder / name).is_file():
            note(f"{name} is not in {folder}.")
            continue
        outcomes.append(judged(name, (folder / name).read_bytes(), case, chunker))
    lines = [(o.name, o.verdict.value, "; ".join(o.faults)[:160]) for o in outcomes if o.verdict is not Verdict.RIGHT]
    table("Files that are not right", ("file", "verdict", "what"), lines)
    counted = Counter(outcome.verdict for outcome in outcomes)
    say(", ".join(f"{counted[verdict]} {verdict.value}" for verdict in Verdict) + f" of {len(outcomes)} files.")
    results = ResultFile(out)
    for outcome in outcomes:
        results.add({"row": "case", "file": outcome.name, "verdict": outcome.verdict, "faults": list(outcome.faults),
                     "warnings": list(outcome.warnings)})  # fmt: skip
    found = {verdict.value: counted[verdict] for verdict in Verdict}
    results.add({"row": "summary", "command": command_line(), **setting(), "code": code("ingest"), "found": found})
    return 1 if counted[Verdict.WRONG] or not outcomes else 0


STEPS: Mapping[str, Callable[[Path, Path | None], int]] = {"cases": run_cases}
