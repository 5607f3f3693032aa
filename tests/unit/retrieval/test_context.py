"""What the model is shown: merged neighbours that are spans of the text, within the budget, best at the ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generation.gate.claims import sentence_spans
from generation.prompts import sources
from ingest.chunkers.structure import StructureChunker
from ingest.chunking import assemble
from ingest.types import Document, Element, ElementKind, ParsedFile
from retrieval.context.context import ContextOptions, SectionContextBuilder
from retrieval.context.trimming import Trimmer
from retrieval.types import ChunkText, Context, Hit, Lead, Principal

ANA = Principal("ana")


class Shelf:
    """A chunk reader over documents in memory, cut by the real chunker."""

    def __init__(self, *documents: Document, target: int = 60, limit: int = 90) -> None:
        chunker = StructureChunker(target_chars=target, max_chars=limit)
        self.texts = {document.id: document.text for document in documents}
        self.chunks = [
            ChunkText(
                c.id, c.document_id, 1, d.content_sha256, c.title, d.source, c.ordinal, c.start, c.end, c.text,
                c.section_path, c.page, c.table_header,
            )
            for d in documents
            for c in chunker.chunks(d)
        ]  # fmt: skip

    def read(self, chunk_ids: Sequence[str], principal: Principal) -> Sequence[ChunkText]:
        raise NotImplementedError

    def neighbours(self, chunk: ChunkText, principal: Principal, reach: int) -> Sequence[ChunkText]:
        assert principal == ANA
        return [
            c for c in self.chunks if c.document_id == chunk.document_id and abs(c.ordinal - chunk.ordinal) <= reach
        ]

    def context(self, *ordinals: int, options: ContextOptions | None = None) -> Context:
        """The context for these chunks as hits, best first."""
        hits = [Hit(self.chunks[at], 1.0 / (rank + 1)) for rank, at in enumerate(ordinals)]
        return SectionContextBuilder(self, options).build_now("q", hits, ANA)

    def check(self, context: Context) -> None:
        """Every passage is a span of its version's text."""
        for passage in context.passages:
            assert passage.text == self.texts[passage.chunk.document_id][passage.start : passage.end]
        assert [passage.marker for passage in context.passages] == list(range(1, len(context.passages) + 1))


def paragraphs(*texts: str, source: str = "s") -> Document:
    elements = tuple(Element(ElementKind.PARAGRAPH, text) for text in texts)
    return assemble(ParsedFile("T", "text/plain", elements), source=source, content_sha256="00" * 32)


def sentences(count: int, size: int = 50) -> list[str]:
    return [f"{number} ".ljust(size, "x") for number in range(count)]


def test_short_hits_take_in_their_neighbours() -> None:
    shelf = Shelf(paragraphs(*sentences(5)))
    context = shelf.context(2)
    shelf.check(context)
    (passage,) = context.passages
    assert [part[0] for part in passage.text.split("\n\n")] == ["0", "1", "2", "3", "4"]
    assert passage.chunk.chunk_id == shelf.chunks[2].chunk_id


def test_neighbours_of_another_section_stay_out() -> None:
    elements = (
        Element(ElementKind.HEADING, "Rent", 1), Element(ElementKind.PARAGRAPH, "x" * 50),
        Element(ElementKind.HEADING, "Notice", 1), Element(ElementKind.PARAGRAPH, "y" * 50),
    )  # fmt: skip
    shelf = Shelf(assemble(ParsedFile("T", "t", elements), source="s", content_sha256="0"))
    (passage,) = shelf.context(0).passages
    assert passage.text == "Rent\n\n" + "x" * 50


def test_pieces_of_one_paragraph_join_to_the_text_as_it_is() -> None:
    shelf = Shelf(paragraphs(" ".join(f"Sentence {number} is here." for number in range(12))))
    assert len(shelf.chunks) > 3
    context = shelf.context(1)
    shelf.check(context)
    assert len(context.passages[0].text) > len(shelf.chunks[1].text)


def test_parts_of_a_long_table_join_row_by_row() -> None:
    rows = "\n".join(["Item | Fee", *(f"Unit {number} | {number}0" for number in range(20))])
    table = Element(ElementKind.TABLE, rows)
    shelf = Shelf(assemble(ParsedFile("T", "t", (table,)), source="s", content_sha256="0"))
    context = shelf.context(1)
    shelf.check(context)
    assert "\n" in context.passages[0].text


def test_passages_never_grow_beyond_their_limit() -> None:
    shelf = Shelf(paragraphs(*sentences(9)))
    context = shelf.context(4, options=ContextOptions(passage_chars=160))
    assert len(context.passages[0].text) <= 160
    shelf.check(context)


def test_the_best_stand_at_both_ends() -> None:
    documents = [paragraphs(f"{number} ".ljust(50, "x"), source=str(number)) for number in range(5)]
    context = Shelf(*documents).context(0, 1, 2, 3, 4)
    assert [passage.text[0] for passage in context.passages] == ["0", "2", "4", "3", "1"]
    assert [passage.marker for passage in context.passages] == [1, 2, 3, 4, 5]


def test_the_budget_and_the_count_hold_but_the_first_always_fits() -> None:
    documents = [paragraphs(f"{number} ".ljust(50, "x"), source=str(number)) for number in range(6)]
    shelf = Shelf(*documents)
    assert len(shelf.context(0, 1, 2, 3, options=ContextOptions(budget_chars=120)).passages) == 2
    assert len(shelf.context(0, 1, 2, 3, options=ContextOptions(budget_chars=10)).passages) == 1
    assert len(shelf.context(0, 1, 2, 3, options=ContextOptions(passages=3)).passages) == 3


def test_what_overlaps_or_repeats_is_shown_once() -> None:
    same = [paragraphs("The very same words.", source=str(number)) for number in range(2)]
    assert len(Shelf(*same).context(0, 1).passages) == 1
    shelf = Shelf(paragraphs(*sentences(5)))
    assert len(shelf.context(2, 3, 1).passages) == 1


def test_no_hits_no_passages() -> None:
    assert Shelf().context().passages == ()


def test_what_is_trimmed_stays_a_span_of_its_text() -> None:
    class Shared:
        name = "shared"

        def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
            return np.array([query in text for text in texts], np.float32)

    shelf = Shelf(paragraphs(" ".join(sentences(4, 20)) + " 4 yes."), target=200, limit=300)
    trimmer = Trimmer(Shared(), lambda text: [(at, min(at + 21, len(text))) for at in range(0, len(text), 21)], 25)
    context = SectionContextBuilder(shelf, None, trimmer).build_now("yes", [Hit(shelf.chunks[0], 1.0)], ANA)
    assert [passage.text for passage in context.passages] == ["4 yes."]
    (passage,) = context.passages
    assert context.lead == Lead(1, passage.start, passage.end, 1.0)
    shelf.check(context)


def test_rows_that_are_shown_without_the_top_of_their_table_have_its_header() -> None:
    class Lifts:
        name = "lifts"

        def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
            return np.array(["Lift" in text for text in texts], np.float32)

    unit = Element(ElementKind.PARAGRAPH, "In GBP.")
    table = Element(ElementKind.TABLE, "Item | Fee\nRent | 500\nLift | 20")
    shelf = Shelf(assemble(ParsedFile("T", "t", (unit, table)), source="s", content_sha256="0"))
    hits = [Hit(shelf.chunks[0], 1.0)]
    context = SectionContextBuilder(shelf, None, Trimmer(Lifts(), sentence_spans, 9)).build_now("q", hits, ANA)
    (passage,) = context.passages
    assert context.lead == Lead(1, passage.start, passage.end, 1.0, 1.0)
    assert (passage.text, passage.table_header) == ("Lift | 20", "In GBP.\nItem | Fee")
    assert sources([passage]) == "[1] T\nIn GBP.\nItem | Fee\nLift | 20"
    (whole,) = SectionContextBuilder(shelf).build_now("q", hits, ANA).passages
    assert whole.table_header == ""
