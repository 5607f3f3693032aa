"""The documents that a question names, and so where it is asked, and how."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, replace

import numpy as np

from retrieval.index.view import View
from retrieval.search.asking import asked_of
from retrieval.search.resolving import Resolved
from retrieval.types import DOCUMENT, Clue
from retrieval.understanding import Understanding, of_each

_NAMED = 1.0  # what a hit within a document that the question names is lifted by: above all others
_PARTY = 0.1  # if it names one party and nothing else: other documents speak of that party as well
NOTHING, _NOBODY = Understanding((), ()), Resolved()


@dataclass(frozen=True, slots=True)
class Probe:
    """One ranking to make: for this question, over this view, its scores lifted."""

    question: str
    view: View
    lift: float = 0.0


@dataclass(frozen=True, slots=True)
class Meant:
    """The documents that a question names, or asks for by their facts, ascending, and how they were found."""

    query: str
    understood: Understanding = NOTHING
    documents: tuple[str, ...] = ()
    resolved: Resolved = _NOBODY
    clues: tuple[Clue, ...] = ()  # of facts that the documents have

    def asked(self, question: str) -> str:
        """The question, or a part of it, as it is asked of these documents."""
        if self.resolved.documents:
            return asked_of(question, self.query, self.understood, self.resolved)
        return self.understood.topic(question) if self.documents else question

    def probes(self, view: View, question: str) -> list[Probe]:
        """The question over the view; first, without the documents' names, over the documents."""
        everywhere = Probe(question, view)
        if not self.documents:
            return [everywhere]
        within = view.within(np.array([uuid.UUID(document).bytes for document in self.documents], DOCUMENT))
        return [Probe(self.asked(question), within, self._lift()), everywhere]

    def _lift(self) -> float:
        """Less for one party alone: "the Acme lease" is a document, "a pump of Acme" may stand in any."""
        mentions = self.resolved.mentions
        if len(mentions) != 1 or mentions[0][2] != "party":
            return _NAMED
        start, end, _ = mentions[0]
        name = self.query[start:end]
        clues = self.understood.clues
        kind = any(clue.kind == "document_kind" for clue in clues)
        longer = any(clue.kind == "document" and name in clue.text and clue.text != name for clue in clues)
        return _NAMED if kind or longer else _PARTY

    def narrowed(self, part: Meant) -> Meant:
        """For a part of the question: those of these documents that it names itself, or others that it names alone
        ("at the end of 2019"); all of these if it names none."""
        own = tuple(document for document in self.documents if document in part.documents)
        return replace(self, documents=own or part.documents or self.documents)

    def parts(self) -> tuple[str, ...]:
        """The parts of the question; of a comparison, what is asked of each document that it names."""
        documents: dict[str, set[str]] = {}
        for one in self.resolved.named:
            documents.setdefault(_spelled(one.words, self.query), set()).add(one.document_id)
        apart = [
            words
            for words, own in documents.items()
            if words and not any(own & other for name, other in documents.items() if name != words)
        ]
        return self.understood.parts or of_each(self.query, apart)


def _spelled(words: str, query: str) -> str:
    """The words as they stand in the query, with what stands between them where some are left out ("A … B"); or ""."""
    pattern = r".{1,60}?".join(re.escape(part) for part in words.split(" … "))
    match = re.search(pattern, query)
    return match.group() if match else ""
