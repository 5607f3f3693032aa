"""`footnote bench absence`: contracts of CUAD, each looked through for clauses that it has and for others."""

from __future__ import annotations

import tempfile
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from api.terminal import UsageError, note
from evals.datasets.absence import ClauseCase, Split, clause_cases
from evals.datasets.cuad import ASKER, SOURCE_PREFIX, qa_file
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.suites.absence.fitting import as_toml, fitted
from evals.suites.absence.report import say_report
from evals.systems.absence import looking_of
from evals.systems.installations import Installation, ingest_contracts, opened
from generation.absence.looking import OPTIONS, READ, SELECTED, Looked
from generation.absence.weighing import limits_of, load_limits
from ingest.types import document_id

SPLITS = ("calibration", "test")


def run(
    data: Path, contracts: int, split: str, out: Path | None, home: Path | None, limits: Path | None, risk: float
) -> int:
    """Goes on from what `out` holds. Bounds are those of `limits`, which the calibration half chooses and writes, else
    the shipped ones."""
    if split not in SPLITS:
        raise UsageError(f"--split is one of {', '.join(SPLITS)}.")
    cases, results = clause_cases(qa_file(data), cast("Split", split), contracts), ResultFile(out)
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as temporary:
        beside = out.resolve().with_name(out.name + ".home") if out else Path(temporary)
        with opened(home=home or beside, DATABASE_URL="") as parts:
            ingest_contracts(parts, data)
            rows, about = _looked(parts, cases, results), _about(parts)
    if limits is None:
        chosen = load_limits(about["reranker"], about["selector"])
    elif split == "test":
        chosen = limits_of(tomllib.loads(limits.read_text(encoding="utf-8")))
    else:
        chosen = fitted(rows, risk)
        told = {**about, "calibrated_on": f"{len(rows)} pairs of {len({row['contract'] for row in rows})} contracts"}
        limits.write_text(as_toml(chosen, told), encoding="utf-8")
        note(f"Weights and bounds are in {limits}.")
    say_report(rows, chosen, split)
    return 0


def _about(parts: Installation) -> dict[str, str]:
    return {"reranker": parts.pinned(parts.settings.reranker), "selector": parts.pinned(parts.settings.selector)}


def _looked(parts: Installation, cases: Sequence[ClauseCase], results: ResultFile) -> list[dict[str, Any]]:
    """A row for each case, looked at in this run or known from an earlier one with the same models and options."""
    setup = {**_about(parts), "embedder": parts.pinned(parts.settings.embedder)}
    setup |= {"read": str(READ), "selected": str(SELECTED), "options": str(OPTIONS)}
    known = {(row["contract"], row["clause"]): row for row in results.rows if row["setup"] == setup}
    todo = [case for case in cases if (case.contract, case.clause) not in known]
    looking = looking_of(parts)
    with progress("looked", len(todo)) as step:
        for case in todo:
            started = time.perf_counter()
            looked = looking.look(case.clause, document_id(SOURCE_PREFIX + case.contract), ASKER)
            row = results.add(
                {**_row(case, looked), "seconds": round(time.perf_counter() - started, 2), "setup": setup}
            )
            known[case.contract, case.clause] = row
            step(f"{case.category:<34} {'has it' if case.held else 'has not'}  {row['seconds']} s")
    return [known[case.contract, case.clause] for case in cases]


def _row(case: ClauseCase, looked: Looked) -> dict[str, Any]:
    return {
        "contract": case.contract,
        "category": case.category,
        "clause": case.clause,
        "held": case.held,
        "read": looked.read,
        "passages": [
            {
                "relevance": round(one.relevance, 4),
                "answers": round(one.answers, 5),
                "page": one.chunk.page,
                "start": one.chunk.start,
                "marked": case.is_in(one.chunk.text),
            }
            for one in looked.passages
        ],
    }
