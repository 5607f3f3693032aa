"""Does the service abstain where the documents that the asker may read hold no answer?"""

from __future__ import annotations

from evals.types import Case
from generation.types import Answer, Status


def refusal(case: Case, answer: Answer) -> float | None:
    """1.0 if an unanswerable or forbidden question was abstained from; None for the other kinds."""
    if not case.kind.wants_abstention:
        return None
    return float(answer.status is Status.ABSTAINED)
