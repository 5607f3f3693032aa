"""Words by which a question names its document, so that it stands alone among others of the same kind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evals.suites.questions.desks import Desk
from evals.systems.question_desk import Document
from retrieval.types import SearchResult
from retrieval.understanding.words import COMPANY_FORMS, words

_KIND = re.compile(r"an? ", re.I)  # "A Texas Corporation" is nobody's name
_DEICTIC = re.compile(r"\b(?:this|our|the present) (?=(?:\w+ )?(?:agreement|contract|lease|policy|report)\b)", re.I)


def references(document: Document) -> Iterator[str]:
    """Likeliest first: its kind with its parties, then its title."""
    kind = document.kind.lower()
    firms = [party for party in document.parties if COMPANY_FORMS & set(words(party)) and not _KIND.match(party)][:2]
    parties = [_cased(name) for name in firms or document.parties[:1]]
    if kind and len(parties) == 2:
        yield f"the {kind} between {parties[0]} and {parties[1]}"
    if kind:
        yield from (f"the {kind} with {party}" for party in reversed(parties))
    if document.title:
        yield f"the {_cased(document.title)}"


def asked_of(question: str, reference: str, document: Document) -> str:
    """The question, put to that document."""
    by = "Under" if document.kind and document.kind in reference else "In"
    opening = question.split(" ", 1)[0]
    rest = question if opening.isupper() and len(opening) > 1 else question[:1].lower() + question[1:]
    return f"{by} {reference}, {_DEICTIC.sub('the ', rest)}"


def named(found: SearchResult, document_id: str) -> bool:
    """Whether the question names this document and no other."""
    return any(one.document_id == document_id and one.alternatives == 1 for one in found.named)


def named_question(desk: Desk, question: str, document: Document) -> tuple[str, str, SearchResult] | None:
    """The question with the first reference by which search knows the document, or with its title if no other has it,
    the reference, and what is found; None where there is none."""
    for reference in references(document):
        whole = asked_of(question, reference, document)
        found = desk.search(whole)
        if named(found, document.id) or (document.only_title and reference.endswith(_cased(document.title))):
            return whole, reference, found
    return None


def _cased(name: str) -> str:
    """As one would write it: "PAPA JOHN'S, INC." as "Papa John's, Inc."."""
    name = " ".join(name.split())
    if not name.isupper() or len(name) < 6:
        return name
    return " ".join(word if len(word) < 4 and "." not in word else word.capitalize() for word in name.split())
