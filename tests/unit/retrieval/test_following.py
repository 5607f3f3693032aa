"""One step after a reference or a defined term, within the same version and as the same principal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.systems.shelf import holds
from generation.gate.claims import sentence_spans
from retrieval.context.context import SectionContextBuilder
from retrieval.context.following import referred
from retrieval.context.trimming import Trimmer
from retrieval.types import ChunkText, Context, Hit, Principal

ANA = Principal("ana")
ROYALTY = "The licensee pays a royalty as set forth in Schedule 1. It is due under Section 6.3(b)."
TERM = "The Initial Term may be renewed once. The Territory is Spain."
DEFINED = 'This agreement runs for three years from its date (the "Initial Term").'
SCHEDULE = "Schedule 1\nThe royalty is 7 percent of net sales."
SECTION = "6.3 Payment. (a) Invoices come monthly. (b) Sums are due in 20 days."
FILLER = "The parties met in Lisbon and talked about the weather at length."


class Shelf:
    """Chunks of documents, one version each; whoever is not `reader` gets nothing."""

    def __init__(self, **documents: Sequence[str]) -> None:
        self.chunks = []
        for name, texts in documents.items():
            start = 0
            for at, text in enumerate(texts):
                end = start + len(text)
                self.chunks.append(ChunkText(f"{name}{at}", name, 1, name, "T", name, at, start, end, text, (), None))
                start = end + 2

    def chunk(self, text: str) -> ChunkText:
        return next(chunk for chunk in self.chunks if chunk.text == text)

    def read(self, chunk_ids: Sequence[str], principal: Principal, as_of: object = None) -> Sequence[ChunkText]:
        raise NotImplementedError

    def neighbours(self, chunk: ChunkText, principal: Principal, reach: int) -> Sequence[ChunkText]:
        return [chunk]

    def holding(
        self, chunk: ChunkText, principal: Principal, words: Sequence[str], limit: int = 32
    ) -> Sequence[ChunkText]:
        assert principal == ANA
        same = [other for other in self.chunks if other.document_id == chunk.document_id]
        return [other for other in same if holds(other, words)][:limit]


class Shared:
    """Scores by the words that query and text share."""

    name = "shared"

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        asked = set(query.lower().split())
        said = [set(text.lower().replace(".", " ").split()) for text in texts]
        return np.array([len(asked & words) for words in said], np.float32)


def followed(asked: str, text: str, *others: str) -> list[str]:
    shelf = Shelf(a=(text, *others), b=(SCHEDULE, DEFINED))
    return [chunk.text for chunk in referred(asked, text, shelf.chunk(text), shelf, ANA)]


@pytest.mark.parametrize(
    ("asked", "text", "others", "found"),
    [
        ("which royalty?", ROYALTY, (FILLER, SCHEDULE), [SCHEDULE]),
        ("which royalty?", ROYALTY, (SECTION, SCHEDULE), [SCHEDULE, SECTION]),
        ("which royalty?", ROYALTY, (FILLER, "See Schedule 1 for more."), []),  # it refers there as well
        ("which royalty?", ROYALTY, ("Schedule 11\nThe lift.",), []),
        ("how long is the initial term?", TERM, (FILLER, DEFINED), [DEFINED]),
        ("how long is the initial term?", TERM, ('He spoke of an "Initial Term" of old.',), []),
        ("which country?", TERM, (DEFINED,), []),  # not asked about
        ("which royalty?", FILLER, (SCHEDULE, DEFINED), []),
    ],
)
def test_what_is_referred_to(asked: str, text: str, others: tuple[str, ...], found: list[str]) -> None:
    assert followed(asked, text, *others) == found


def built(
    query: str, shelf: Shelf, *hits: str, budget: int, parts: Sequence[str] = (), **owned: tuple[int, ...]
) -> Context:
    found = [Hit(shelf.chunk(text), 1.0 / at, parts=owned.get(f"h{at}", ())) for at, text in enumerate(hits, 1)]
    return SectionContextBuilder(shelf, None, Trimmer(Shared(), sentence_spans, budget)).build_now(
        query, found, ANA, parts
    )


def test_the_schedule_is_shown_with_the_clause_that_refers_to_it() -> None:
    shelf = Shelf(a=(ROYALTY, FILLER, SCHEDULE), b=("Schedule 1\nThe royalty is 9 percent.",))
    context = built("which royalty does the licensee pay", shelf, ROYALTY, FILLER, budget=200)
    assert SCHEDULE in [passage.text for passage in context.passages]
    assert {passage.chunk.document_id for passage in context.passages} == {"a"}
    assert sum(len(passage.text) for passage in context.passages) <= 200
    assert [passage.marker for passage in context.passages] == [1, 2, *range(3, len(context.passages) + 1)]


def test_what_is_referred_to_and_found_for_another_part_is_shown_once() -> None:
    shelf = Shelf(a=(ROYALTY, FILLER, SCHEDULE))
    parts = ("which royalty does the licensee pay", "percent of net sales")
    context = built("q", shelf, ROYALTY, SCHEDULE, budget=400, parts=parts, h1=(1,), h2=(2,))
    assert [(passage.part, passage.text) for passage in context.passages] == [(1, ROYALTY), (0, SCHEDULE)]


def test_without_room_for_it_the_schedule_stays_out() -> None:
    shelf = Shelf(a=(ROYALTY, FILLER, SCHEDULE))
    context = built("which royalty does the licensee pay", shelf, ROYALTY, FILLER, budget=60)
    assert [passage.text for passage in context.passages] == [ROYALTY.split(" It")[0]]


RENT = "The rent is 500 pounds a month. The landlord paints the hall. The roof is the landlord's to mend."
PETS = "Pets need consent. The garden is shared by all tenants. Bicycles stand in the yard."


def test_each_part_has_its_share_of_the_room() -> None:
    shelf = Shelf(a=(RENT,), b=(PETS,))
    parts = ("what is the rent", "do pets need consent")
    context = built("q", shelf, RENT, PETS, budget=80, parts=parts, h1=(1,), h2=(2,))
    assert {passage.part: passage.text for passage in context.passages} == {
        1: "The rent is 500 pounds a month.",
        2: "Pets need consent.",
    }


def test_what_two_parts_need_of_one_text_is_shown_once_for_the_whole_question() -> None:
    shelf = Shelf(a=(RENT,))
    parts = ("what is the rent a month", "the roof to mend")
    context = built("q", shelf, RENT, budget=90, parts=parts, h1=(1, 2))
    (passage,) = context.passages
    assert (passage.part, passage.text) == (0, RENT)
    assert context.lead is not None
    assert RENT[context.lead.start : context.lead.end].startswith("The rent")


def test_a_question_without_parts_is_shown_for_the_whole() -> None:
    context = built("what is the rent", Shelf(a=(RENT,)), RENT, budget=40)
    assert [passage.part for passage in context.passages] == [0]
