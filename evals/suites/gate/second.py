"""Suite "second": the service's gate, with the language model, beside the trained judge alone.

On a random sample of RAGTruth's responses (as well supported as their weakest sentence, as in suite "ragtruth") and on
one of TabFact's simple statements about tables that no judge was trained on, their rows told by the header.
Nothing has to answer here: every sentence is held as one that comes after an opening.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from api.terminal import UsageError
from evals.measuring.code import JUDGING, code
from evals.measuring.progress import progress
from evals.measuring.tables import percent, ranged, table
from evals.suites.gate.bench import Bench, Row
from evals.suites.gate.faithfulness import SEED, sampled
from evals.suites.gate.ragtruth import load, refused
from evals.suites.gate.ragtruth_report import PASSED, numbers
from generation.gate.claims import claim_text, sentence_spans
from generation.gate.sources import Source, shown
from generation.protocols import Gate
from generation.training.data.statements import BENCH, FILE, Statement, statements
from generation.types import Stage, Verdict

SUITE = "second"
_HALF = 0.5


def told(data: Path, count: int) -> tuple[Statement, ...]:
    """A random sample of the statements, always the same; raises `UsageError` if they are not there."""
    if not (data / FILE).is_file():
        raise UsageError(f"{data} must hold {FILE} (see docs/gate.md).")
    found = list(statements(data, BENCH))
    return tuple(random.Random(SEED).sample(found, min(count, len(found))))


async def measure(gate: Gate, bench: Bench, data: Path, count: int) -> dict[str, list[Row]]:
    """`count` responses and as many statements, each with its support by the whole gate and by the judge alone."""
    responses = {
        response.id: (response.text, response.evidence, response.question, response.hallucinated)
        for response in sampled(load(data), count)
    }
    stated = {one.id: (one.claim, one.evidence, "", not one.true) for one in told(data, count)}
    return {
        "ragtruth": await _measured(gate, bench, "ragtruth", responses),
        "tabfact": await _measured(gate, bench, "tabfact", stated),
    }


def say_second(rows: Mapping[str, Sequence[Row]], groups: Mapping[str, str], ship: float) -> Row:
    """What both find, as tables and plain data; `groups` names the source of each response."""
    responses, stated = rows["ragtruth"], rows["tabfact"]
    truth = np.array([row["false"] for row in responses])
    sources = [groups[row["key"]] for row in responses]
    found: Row = {}
    for name, flagged in (
        ("gate", np.array([not row["passed"] for row in responses])),
        ("judge", np.array([row["judge"] < ship for row in responses])),
    ):
        found[name] = numbers(np.array([1.0 - row[name] for row in responses]), truth, sources, flagged)
    lines = [
        (name, ranged(one["cross-fitted"]["f1"]), ranged(one["auc"]), ranged(one[PASSED]))
        for name, one in found.items()
    ]
    table(f"RAGTruth, {len(truth)} random responses, %", ("", "F1 cross-fitted", "AUC", PASSED), lines)
    false = np.array([row["false"] for row in stated])
    passed = np.array([row["passed"] for row in stated])
    right = {name: float(np.mean((np.array([row[name] for row in stated]) < _HALF) == false)) for name in found}
    shares = percent(float(passed[~false].mean())), percent(float(passed[false].mean()))
    title = f"TabFact, {len(false)} simple statements, told rows, %"
    header = ("", "right at support .5", "true passed", "false passed")
    table(title, header, [("gate", percent(right["gate"]), *shares), ("judge", percent(right["judge"]), "", "")])
    return {name: {"ragtruth": found[name], "tabfact": right[name]} for name in found}


async def _measured(gate: Gate, bench: Bench, name: str, items: Mapping[str, tuple[str, str, str, bool]]) -> list[Row]:
    head = {"suite": f"{SUITE} {name}", "setup": {"judge": bench.model.name, "gate": gate.name, "code": code(*JUDGING)}}
    known = {row["key"]: row for row in bench.results.rows if head.items() <= row.items()}
    with progress(name, len(items) - len(known)) as step:
        for key, (text, evidence, question, false) in items.items():
            if key not in known:
                held = await _held(gate, bench, text, evidence, question)
                known[key] = bench.results.add(head | {"key": key, "false": false} | held)
                step(key)
    return [known[key] for key in items]


async def _held(gate: Gate, bench: Bench, text: str, evidence: str, question: str) -> Row:
    """Lowest support of the sentences, refusals left out, and whether all passed."""
    context, documents = shown([Source(evidence)])
    lowest, alone, passed, before = 1.0, 1.0, True, ""
    for start, end in sentence_spans(text):
        sentence, earlier = text[start:end], before
        before = claim_text(sentence)
        if refused(before):
            continue
        found = await gate.check(sentence, context, documents, question, opening=False, before=earlier)
        if found.judgement.stage is Stage.MARKER:
            continue
        denied = found.judgement.verdict is Verdict.CONTRADICTED
        lowest = min(lowest, 0.0 if denied else found.judgement.support)
        passed = passed and found.judgement.passed
        alone = min(alone, bench.checker.check(before, evidence, before=earlier).support)
    return {"gate": lowest, "judge": alone, "passed": passed}
