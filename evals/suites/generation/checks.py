"""Suite "checks": how well each variant answers the gate's two questions to a language model.

The rows (check_rows.py) are of documents that neither the trained judge nor adapters were trained on.

Reported: the area under the ROC curve of P(yes), and for each threshold how many right and how many wrong ones pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from api.terminal import UsageError
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.statistics import auc
from evals.measuring.tables import percent, table
from evals.suites.generation.check_rows import JUDGE, KINDS, NO, YES, Check, Checks, asked_by
from evals.systems.installations import Installation
from evals.systems.variants import Running
from generation.gate.yes_no import YesNoJudge
from generation.prompts import load_prompt
from generation.training.data.gating import supported_by
from generation.training.data.pairs import split_of
from generation.training.data.written import DataChanged, replies

SUITE = "checks"
THRESHOLDS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95)
Row = dict[str, Any]


def load(parts: Installation, data: Path, limit: int) -> list[Check]:
    """Up to `limit` rows (0: 240) of each kind and answer, of the judge's calibration split; always the same.

    Raises `UsageError` if the data is not that which the rows were written for. Not to be called where a loop runs.
    """
    try:
        held = [reply for reply in replies(data) if split_of(reply.exercise.document) == "calibrate"]
    except DataChanged as error:
        raise UsageError(f"{data}: {error}") from error
    checker = parts.checker
    made = Checks(supported_by(checker), asked_by(checker), parts.reranker, seed=0).rows(held)
    found: dict[tuple[str, str], list[Check]] = {(kind, answer): [] for kind in KINDS for answer in (YES, NO)}
    for check in made:
        found[check.kind, check.reply].append(check)
    if not all(found.values()):
        raise UsageError(f"{data} gives no rows of some kind: it must hold the sets of `footnote adapters data`.")
    return [check for rows in found.values() for check in rows[: limit or None]]


async def measure(running: Running, checks: Sequence[Check], results: ResultFile) -> Row:
    """A row for a variant: for each kind the curve of P(yes)."""
    judges = {kind: YesNoJudge(running.model, load_prompt(kind), threshold=0.5) for kind in KINDS}
    said: dict[tuple[str, str], list[float]] = {(check.kind, check.reply): [] for check in checks}
    with progress(running.variant.name, len(checks)) as step:
        for check in checks:
            blanks = check.blanks
            judgement = await judges[check.kind].judge(
                blanks.get("evidence", ""), blanks["claim"], question=blanks.get("question", "")
            )
            said[check.kind, check.reply].append(judgement.support)
            step(f"{check.kind} {check.reply}  {judgement.support:.2f}")
    kinds = {kind: curve(said[kind, YES], said[kind, NO]) for kind in KINDS}
    return results.add({"suite": SUITE, "name": running.variant.name, "variant": running.variant.setup, **kinds})


def curve(right: Sequence[float], wrong: Sequence[float]) -> Row:
    """The area under the curve, and of the right and the wrong ones the shares that reach each threshold."""
    one, other = np.asarray(right), np.asarray(wrong)
    return {
        "right": len(right),
        "wrong": len(wrong),
        "auc": round(auc(one, other), 4),
        "passes": {str(limit): [float((one >= limit).mean()), float((other >= limit).mean())] for limit in THRESHOLDS},
    }


def say(rows: Sequence[Row]) -> None:
    for kind in KINDS:
        title = "evidence states the claim" if kind == JUDGE else "reply gives what was asked for"
        lines = [(row["name"], f"{row[kind]['auc']:.3f}", *_shares(row[kind])) for row in rows]
        count = f"{rows[0][kind]['right']} right and {rows[0][kind]['wrong']} wrong"
        table(f"{kind}: {title}; {count}; passed, right / wrong", ("", "AUC", *map(str, THRESHOLDS)), lines)


def _shares(found: Row) -> list[str]:
    passes = (found["passes"][str(limit)] for limit in THRESHOLDS)
    return [f"{percent(right)} / {percent(wrong)}" for right, wrong in passes]
