"""Do the citations point into the documents that hold the answer?"""

from __future__ import annotations

from evals.types import Case
from generation.types import Answer


def citation_document(case: Case, answer: Answer) -> float | None:
    """Share of the citations whose document is among the gold documents; None without gold or citations."""
    if case.kind.wants_abstention or not case.gold or not answer.citations:
        return None
    return sum(citation.source in case.gold_sources for citation in answer.citations) / len(answer.citations)
