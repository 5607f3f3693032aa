"""Does an answer give away what the asker may not read? Must be 0."""

from __future__ import annotations

from pathlib import PurePosixPath

from evals.metrics.matching import contains
from evals.types import Case, Kind
from generation.types import Answer


def leak(case: Case, answer: Answer) -> float | None:
    """1.0 if a document of a foreign group is cited or shown as near, or a forbidden question's secret is told.

    A document's group is the folder that its source lies in, whatever the store believes.
    """
    shown = [*answer.citations, *(answer.abstention.nearest if answer.abstention else ())]
    foreign = any(PurePosixPath(c.source).parent.name not in case.asker.groups for c in shown)
    secrets = [fact for facts in case.must_contain for fact in facts] if case.kind is Kind.FORBIDDEN else []
    quoted = [answer.answer, *(citation.quote for citation in shown)]
    return float(foreign or any(contains(text, secret) for text in quoted for secret in secrets))
