"""What is measured on an answer to a golden question, and when it counts as right."""

from __future__ import annotations

from collections.abc import Mapping

from evals.metrics.citation_document import citation_document
from evals.metrics.citation_page import CitationPage
from evals.metrics.citation_resolves import CitationResolves, TextReader
from evals.metrics.correctness import correctness
from evals.metrics.leak import leak
from evals.metrics.quote_overlap import quote_overlap
from evals.metrics.refusal import refusal
from evals.types import Case, Metric
from generation.types import Answer, Status


def metrics(documents: TextReader) -> Mapping[str, Metric]:
    """By name."""
    return {
        "correctness": correctness,
        "refusal": refusal,
        "leak": leak,
        "citation_resolves": CitationResolves(documents),
        "citation_document": citation_document,
        "citation_page": CitationPage(),
        "quote_overlap": quote_overlap,
    }


def right(case: Case, answer: Answer) -> bool:
    """Abstained where nothing readable holds the answer, else answered with the decisive facts."""
    if case.kind.wants_abstention:
        return refusal(case, answer) == 1.0
    return answer.status is not Status.ABSTAINED and correctness(case, answer) == 1.0
