"""What was kept of the nights, as a report tells it: runs, decisions, releases, and words out of the trail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.wiring.evaluations import Evaluations, Figured, Report
from api.wiring.recorded import recorded
from evals.systems.installations import Installation, opened
from infra.postgres.decisions import EvalDecision
from infra.postgres.evaluations import CaseResult, EvalRun, MetricValue, PostgresEvaluations
from infra.postgres.releases import PostgresReleases, ReleaseEvent

__all__ = [
    "CaseResult", "EvalDecision", "EvalRun", "Evaluations", "Figured", "Looking", "MetricValue", "PostgresEvaluations",
    "ReleaseEvent", "Report", "looking",
]  # fmt: skip
Words = Callable[[CaseResult], str]


@dataclass(frozen=True, slots=True)
class Looking:
    """`question`: in whose words a case was asked, out of the trail of the place where it was; "" where that says
    nothing (any more)."""

    runs: PostgresEvaluations
    evaluations: Evaluations
    releases: PostgresReleases
    question: Words


@contextmanager
def looking(*, words: bool) -> Iterator[Looking]:
    """Without `words` nothing is read of any trail. With them it is recorded at the end which questions were, and
    nothing may be shown before: `AuditUnavailable` is raised where that cannot be."""
    read: list[str] = []
    with opened() as parts:

        def of(question: Words) -> Looking:
            return Looking(PostgresEvaluations(parts.pool), Evaluations(parts.pool), parts.releases, question)

        home = parts.settings.home
        beside = home.with_name(f"{home.name}.sample")
        if not words:
            yield of(lambda case: "")
            return
        if not beside.is_dir():
            yield of(lambda case: _question(parts, case, read) if case.store != "sample" else "")
        else:
            with opened(home=beside, DATABASE_URL="") as sample:
                yield of(lambda case: _question(sample if case.store == "sample" else parts, case, read))
        recorded(parts, "read_evaluation", None, hits=len(read), answers=read)


def _question(parts: Installation, case: CaseResult, read: list[str]) -> str:
    found = parts.kept.find(case.audit_id) if case.audit_id else None
    if found is None:
        return ""
    read.append(found.audit_id)
    return found.question
