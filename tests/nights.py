"""Nights as an installation has them after some weeks: drawn by a seed, in the tables of a real database."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from evals.suites.nightly.scoring import figures
from evals.systems.nights import CaseResult, Dataset, MetricValue, NewRun, PostgresEvaluations
from infra.postgres.pool import Pool, transaction

SIZES = {"golden": 70, "regression": 24, "adversarial": 17, "performance": 70}
_KINDS = ("lookup", "table", "two places", "date")
_GROUPS = ("legal", "finance", "hr")
_TYPES = ("pdf", "docx", "html")
FIRST_NIGHT = datetime(2026, 10, 28, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Night:
    """Chance that a case is right, and how slow answers are; `setup`: which one, by a letter."""

    chance: float = 0.82
    seconds: float = 2.4
    setup: str = "a"
    status: str = "done"
    errors: int = 0


def seeded(pool: Pool, nights: Sequence[Night], answers: Mapping[str, str] | None = None) -> list[str]:
    """The ids of the runs, oldest first. `answers`: the audit id of a regression case's answer, by its id."""
    store = PostgresEvaluations(pool)
    made = []
    for at, night in enumerate(nights):
        began = FIRST_NIGHT + timedelta(days=at)
        made.append(_asked(store, night, at, answers or {}))
        with transaction(pool) as conn:
            when = {"id": made[-1], "began": began, "ended": began + timedelta(minutes=41)}
            conn.execute(
                "UPDATE eval_runs SET started_at = %(began)s, ended_at = CASE WHEN status = 'running' THEN NULL "
                "ELSE %(ended)s END WHERE id = %(id)s",
                when,
            )
    return made


def weeks(count: int = 30) -> list[Night]:
    """Even, then another model that answers faster and worse, one night cut off, and the way back."""
    nights = [Night() for _ in range(count)]
    for at in range(count - 9, count - 4):
        nights[at] = Night(chance=0.7, seconds=1.7, setup="b")
    nights[count - 12] = Night(status="stopped")
    nights[count - 1] = Night(chance=0.78, errors=2, setup="c")
    return nights


def _asked(store: PostgresEvaluations, night: Night, at: int, answers: Mapping[str, str]) -> str:
    digest = hashlib.sha256(night.setup.encode()).hexdigest()
    datasets = [Dataset(_sha(suite), f"{suite}.jsonl", size) for suite, size in SIZES.items()]
    setup = {"generator": "Qwen2.5-Coder-1.5B-Instruct", "adapter": "" if night.setup == "a" else "footnote-cited-1.5b",
             "prompt": "answer@3fa2", "judge": "footnote-judge-small", "engine": "llama.cpp",
             "recipe": {"search": digest[:12], "code": digest[12:24]}}  # fmt: skip
    plan = {
        "suites": SIZES,
        "datasets": [{"sha256": one.sha256, "name": one.name, "cases": one.cases} for one in datasets],
    }
    run_id, _ = store.begin(
        NewRun("nightly", f"{at:02x}f3a2c1d9", digest, _sha("plan"), setup, plan), datasets, anew=True
    )
    for suite, size in SIZES.items():
        asked = size // 2 if night.status == "stopped" else size
        for number in range(asked):
            result, metrics = _case(suite, number, night, at)
            case_id = result.case_id
            store.add(run_id, _with_answer(result, answers.get(case_id)), metrics)
    store.end(run_id, night.status, figures(store.cases(run_id), store.metrics(run_id)))
    return run_id


def _with_answer(case: CaseResult, audit_id: str | None) -> CaseResult:
    return replace(case, audit_id=audit_id) if audit_id else case


def _case(suite: str, number: int, night: Night, at: int) -> tuple[CaseResult, list[MetricValue]]:
    """A case is hard or easy in all nights alike; what else comes of it is chance."""
    hard = random.Random(f"{suite} {number}").random()
    drawn = random.Random(f"{suite} {number} {at // 3} {night.setup}").random()
    kind = _KINDS[number % len(_KINDS)]
    right = 0.75 * hard + 0.25 * drawn < night.chance - (0.25 if kind == "table" and suite != "performance" else 0.0)
    failed = suite == "golden" and number < night.errors
    seconds = max(0.2, random.Random(f"{at} {suite} {number}").lognormvariate(0.0, 0.45) * night.seconds)
    if suite == "performance":
        seconds /= 40
    slices = {"kind": kind, "group": _GROUPS[number % 3], "language": "de" if number % 9 == 0 else "en",
              "type": _TYPES[number % 7 % 3], "length": "long" if number % 4 == 1 else "short"}  # fmt: skip
    case_id = f"{suite[0]}-{number:02d}"
    outcome = "error" if failed else "right" if right else "wrong"
    answered = suite != "performance" and not failed
    case = CaseResult(
        suite=suite,
        case_id=case_id,
        dataset=_sha(suite),
        store="own" if suite == "regression" else "sample",
        outcome=outcome,
        status=("abstained" if (suite == "adversarial") == right else "answered") if answered else "",
        code="generator_timeout" if failed else "",
        first_seconds=round(seconds * 0.6, 3) if answered else None,
        seconds=round(seconds, 3),
        audit_id=None,
        snapshot="" if failed else "snapshot-7",
        slices=slices,
    )
    return case, [] if failed else _metrics(case, right, drawn)


def _metrics(case: CaseResult, right: bool, drawn: float) -> list[MetricValue]:
    """RAGAS has no number now and then."""
    place = case.suite, case.case_id
    if case.suite == "performance":
        return [MetricValue(*place, "document_found", float(right))]
    scores: dict[str, float | None] = {"leak": 0.0, "citation_resolves": 1.0}
    if case.suite == "adversarial":
        scores |= {"refusal": float(right)}
    else:
        scores |= {"correctness": float(right), "quote_overlap": round(0.4 + 0.5 * drawn, 3)}
        if int(case.case_id[2:]) % 3 == 0:
            scores |= {"ragas_faithfulness": None if drawn > 0.93 else round(min(1.0, 0.55 + 0.4 * drawn), 3)}
    return [
        MetricValue(*place, name, score, n=int(score is not None), nans=int(score is None))
        for name, score in scores.items()
    ]


def _sha(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
