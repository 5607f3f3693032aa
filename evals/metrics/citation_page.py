"""Do the citations name the page on which the answer stands?"""

from __future__ import annotations

from dataclasses import dataclass

from evals.types import Case
from generation.types import Answer


@dataclass(frozen=True, slots=True)
class CitationPage:
    """1.0 if a citation lies within `tolerance` pages of a gold page of the same document.

    None where the gold documents have no pages, or nothing is cited.
    """

    tolerance: int = 0

    def __call__(self, case: Case, answer: Answer) -> float | None:
        pages = [(gold.source, gold.page) for gold in case.gold if gold.page is not None]
        if case.kind.wants_abstention or not pages or not answer.citations:
            return None
        return float(
            any(
                citation.source == source and citation.page is not None and abs(citation.page - page) <= self.tolerance
                for citation in answer.citations
                for source, page in pages
            )
        )
