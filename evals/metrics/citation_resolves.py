"""Does every citation open at its exact words, for the person who asked?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from evals.types import Case
from generation.types import Answer, Citation
from retrieval.types import Principal


class VersionText(Protocol):
    @property
    def text(self) -> str: ...


class TextReader(Protocol):
    """The document store's reader under row-level security; None if missing or hidden."""

    def text(self, document_id: str, version: int | None, principal: Principal) -> VersionText | None: ...


@dataclass(frozen=True, slots=True)
class CitationResolves:
    """Share of the citations, and of an abstention's nearest passages, with `quote == text[start:end]`
    as the asker reads that version; None without any.
    """

    documents: TextReader

    def __call__(self, case: Case, answer: Answer) -> float | None:
        shown = [*answer.citations, *(answer.abstention.nearest if answer.abstention else ())]
        if not shown:
            return None
        return sum(self._resolves(citation, case.asker) for citation in shown) / len(shown)

    def _resolves(self, citation: Citation, asker: Principal) -> bool:
        version = self.documents.text(citation.document_id, citation.version, asker)
        return (
            version is not None
            and bool(citation.quote)
            and version.text[citation.start : citation.end] == citation.quote
        )
