"""`footnote bench ingestion`: does what is stored say what the files say, and how fast is it there?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from api.terminal import UsageError, note, say
from evals.measuring.code import code
from evals.measuring.machine import command_line, setting
from evals.measuring.results import ResultFile
from evals.measuring.tables import table
from evals.suites.ingestion.cases import Verdict, expected, judged
from evals.suites.ingestion.run_builds import run_big, run_speed
from evals.suites.ingestion.run_clean import run_clean
from evals.suites.ingestion.run_facts import run_facts
from evals.suites.ingestion.run_peers import run_peers
from ingest.chunkers.structure import StructureChunker


@dataclass(frozen=True, slots=True)
class IngestionRun:
    """What is wanted; the options of the command."""

    suite: str
    data: Path | None
    peers: Sequence[str]
    python: str
    cuad: Path | None
    contracts: int
    rounds: int
    threads: int
    half: Literal["dev", "test"]
    files: Sequence[str]
    baseline: str
    out: Path | None


def run(wanted: IngestionRun) -> int:
    if wanted.suite == "big":
        return run_big(wanted.files, wanted.baseline, wanted.out)
    if wanted.data is None:
        raise UsageError(f"--suite {wanted.suite} needs --data.")
    if wanted.suite == "clean":
        return run_clean(wanted.data, wanted.out)
    if wanted.suite == "speed":
        return run_speed(wanted.data, wanted.contracts, wanted.rounds, wanted.baseline, wanted.threads, wanted.out)
    if wanted.suite == "facts":
        return run_facts(wanted.data, wanted.half, wanted.out)
    if wanted.suite == "peers":
        return run_peers(wanted.data, wanted.peers, wanted.python, wanted.cuad, wanted.contracts, wanted.out)
    return run_cases(wanted.data, wanted.out)


def run_cases(folder: Path, out: Path | None) -> int:
    """1 if any file of the folder gives wrong words in silence."""
    wanted, chunker = expected(), StructureChunker()
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
