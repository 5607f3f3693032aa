"""Does the answer state the decisive facts, and none that is out of date?"""

from __future__ import annotations

from evals.metrics.matching import contains
from evals.types import Case
from generation.types import Answer


def correctness(case: Case, answer: Answer) -> float | None:
    """1.0 with one alternative of every `must_contain` set and nothing of `must_not_contain`."""
    if case.kind.wants_abstention or not case.must_contain:
        return None
    stated = all(any(contains(answer.answer, fact) for fact in facts) for facts in case.must_contain)
    outdated = any(contains(answer.answer, fact) for fact in case.must_not_contain)
    return float(stated and not outdated)
