"""Questions that must be refused: of another document than the one that answers, or of one that the asker may not
read. Kept only where search over the asker's view finds nothing of which the gate says that it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.metrics.matching import contains
from evals.suites.questions.checks import Draft, needs_a_name, problem
from evals.suites.questions.desks import Desk
from evals.suites.questions.facts import FactKind, spellings
from evals.suites.questions.making import Dropped, Made, digest
from evals.suites.questions.naming import named, named_question
from evals.suites.questions.rivals import LIKELY_AT_ALL, answering, rivals
from evals.systems.question_desk import Document
from retrieval.types import SearchResult

_TELLING = frozenset({FactKind.MONEY, FactKind.DAY, FactKind.COUNT, FactKind.CELL})
_FEWEST_DIGITS = 4
_SHORTEST = 4  # letters of a word by which a party is known
_COMMON = frozenset(
    "general national first united american international global bank town city state north new".split()
)


@dataclass(frozen=True, slots=True)
class Refused:
    """`question` as it is asked of `document`, which does not answer it; made from `of`. `secret`: spellings of a fact
    that can be known by its words where it is told; none of "30 days", which stands in many a document."""

    question: str
    document: Document
    of: Made
    secret: tuple[str, ...] = ()


def swapped(desk: Desk, one: Made, documents: Sequence[Document]) -> Refused:
    """The question put to another document, of the same kind if there is one. Raises `Dropped`."""
    for other in list(_others(one, documents))[:2]:
        asked = _party_swapped(desk, one, other) or named_question(desk, one.plain, other)
        if asked is None:
            continue
        question, _, found = asked
        if any(_mentions(question, party) for party in _known_by(one.document) if party not in _known_by(other)):
            continue
        why = problem(Draft(question, (), "", other.title, named=""))
        if not why:
            _unsupported(desk, question, one, (found, desk.search(question, other.id)))
            return Refused(question, other, one)
    raise Dropped("no other document that it can be put to")


def hidden(desk: Desk, one: Made) -> Refused:
    """A question out of a document that the asker may not read. Raises `Dropped` where what they may read answers."""
    found = desk.search(one.question)
    if not one.named and needs_a_name(one.question, one.heading):
        raise Dropped("does not say of which document")
    _unsupported(desk, one.question, one, (found,))
    return Refused(one.question, one.document, one, _secret(one, found))


def _secret(one: Made, found: SearchResult) -> tuple[str, ...]:
    told = spellings(one.answer)
    digits = sum(character.isdigit() for character in one.answer)
    if one.fact.kind not in _TELLING or digits < _FEWEST_DIGITS:
        return ()
    texts = [chunk.text for hit in found.hits for chunk in (hit.chunk, *hit.copies)]
    return () if any(contains(text, fact) for text in texts for fact in told) else told


def _unsupported(desk: Desk, question: str, one: Made, searched: Sequence[SearchResult]) -> None:
    for found in searched:
        likely = rivals(desk, question, found, one.fact.kind, "", LIKELY_AT_ALL)
        if answering(desk, question, likely) is not None:
            raise Dropped("it is answered after all")


def _others(one: Made, documents: Sequence[Document]) -> Iterator[Document]:
    """Those of the same kind first, in an order drawn by ids."""
    rest = [other for other in documents if other.id != one.document.id and other.title != one.document.title]
    yield from sorted(rest, key=lambda other: (other.kind != one.document.kind, digest(one.question + other.id)))


def _party_swapped(desk: Desk, one: Made, other: Document) -> tuple[str, str, SearchResult] | None:
    """With a party of the other document in the place of its own; None where search does not know that one by it."""
    own, theirs = _known_by(one.document), _known_by(other)
    for party in own:
        if theirs and party not in theirs and _mentions(one.plain, party):
            question = re.sub(rf"\b{re.escape(party)}\b", theirs[0], one.plain, flags=re.I)
            found = desk.search(question)
            return (question, theirs[0], found) if named(found, other.id) else None
    return None


def _known_by(document: Document) -> list[str]:
    """The first word of its first parties: "Kestrel" of "Kestrel Logistics plc"."""
    firsts = [party.replace(",", " ").split()[0] for party in document.parties[:2] if party.split()]
    return [word for word in firsts if len(word) >= _SHORTEST and word.isalpha() and word.lower() not in _COMMON]


def _mentions(question: str, party: str) -> bool:
    return re.search(rf"\b{re.escape(party)}\b", question, re.I) is not None
