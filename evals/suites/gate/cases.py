"""Suite "cases": made-up corruptions of true claims, by kind, on documents that no judge was trained on.

The file is cases.jsonl of `python -m generation.training.judge.data`.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from api.terminal import UsageError
from evals.datasets.beir import json_lines
from evals.measuring.statistics import wilson
from evals.measuring.tables import percent, table
from evals.suites.gate.bench import Bench, Row
from generation.training.data.pairs import Pair

SUITE = "cases"
TRUE = "entailed"


def load(path: Path | None) -> tuple[Pair, ...]:
    """Raises `UsageError` if there is no such file, or it holds something else."""
    if path is None or not path.is_file():
        raise UsageError("Suite cases: name cases.jsonl of `python -m generation.training.judge.data` with --cases.")
    try:
        return tuple(Pair(**row) for row in json_lines(path))
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"{path} is not a file of pairs as `python -m generation.training.judge.data` writes them."
        ) from error


def measure(bench: Bench, pairs: Sequence[Pair]) -> list[Row]:
    """For every pair the support by the whole gate and by the judge alone."""
    checker = bench.checker

    def supports(pair: Pair) -> Row:
        found = checker.check(pair.claim, pair.evidence)
        alone = checker.support(pair.claim, pair.evidence)
        return {"kind": pair.kind, "label": pair.label, "stage": found.stage, "gate": found.support, "judge": alone}

    return bench.measured(SUITE, {_key(pair): pair for pair in pairs}, supports)


def say_cases(rows: Sequence[Row], ship: float) -> Row:
    """Of each kind: the share caught (of true pairs: the share passed), with the whole gate and with the judge alone,
    and the stage that caught it."""
    kinds: defaultdict[tuple[bool, str], list[Row]] = defaultdict(list)
    for row in rows:
        kinds[row["label"] != TRUE, row["kind"]].append(row)
    found = {kind: numbers(group, ship, true=not false) for (false, kind), group in sorted(kinds.items())}
    lines = [
        (
            kind,
            row["wanted"],
            row["n"],
            *(f"{percent(part['share'])} [{percent(part['low'])}, {percent(part['high'])}]" for part in _parts(row)),
            ", ".join(f"{stage} {count}" for stage, count in row["caught by"].items()),
        )
        for kind, row in found.items()
    ]
    table("made-up cases, % (95 % Wilson interval)", ("kind", "wanted", "n", "gate", "judge alone", "caught by"), lines)
    return found


def numbers(rows: Sequence[Row], ship: float, *, true: bool) -> Row:
    """Shares of what is wanted: passed if `true`, else caught."""

    def share(name: str) -> Row:
        hits = sum((row[name] >= ship) is true for row in rows)
        low, high = wilson(hits, len(rows))
        return {"share": hits / len(rows), "low": low, "high": high}

    caught = Counter(row["stage"] for row in rows if row["gate"] < ship)
    return {
        "wanted": "passed" if true else "caught",
        "n": len(rows),
        "gate": share("gate"),
        "judge": share("judge"),
        "caught by": dict(caught.most_common()),
    }


def _parts(row: Row) -> tuple[Row, Row]:
    return row["gate"], row["judge"]


def _key(pair: Pair) -> str:
    return hashlib.sha256("\0".join((pair.kind, pair.label, pair.evidence, pair.claim)).encode()).hexdigest()[:16]
