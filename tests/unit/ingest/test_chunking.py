"""The chunker on small documents that can be checked by eye."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.chunkers.structure import StructureChunker
from ingest.chunking import assemble
from ingest.types import Box, Chunk, Document, Element, ElementKind, LineBox, ParsedFile, chunk_id, reading_of

CHUNKER = StructureChunker(target_chars=60, max_chars=90)


def document(*elements: Element) -> Document:
    return assemble(ParsedFile("Lease", "text/plain", elements), source="lease.txt", content_sha256="ab" * 32)


def chunks(*elements: Element) -> tuple[Chunk, ...]:
    return CHUNKER.chunks(document(*elements))


def heading(text: str, level: int = 1) -> Element:
    return Element(ElementKind.HEADING, text, level)


def paragraph(text: str, page: int | None = None, lines: tuple[LineBox, ...] = ()) -> Element:
    return Element(ElementKind.PARAGRAPH, text, page=page, lines=lines)


def test_elements_lie_in_the_text_where_the_document_says() -> None:
    made = document(heading("Rent"), paragraph("𝒳 pays £5."))
    assert made.text == "Rent\n\n𝒳 pays £5."
    assert [made.text[p.start : p.end] for p in made.elements] == ["Rent", "𝒳 pays £5."]


def test_a_heading_opens_the_chunk_of_its_text_and_closes_the_one_before() -> None:
    made = chunks(heading("Rent"), paragraph("It is due."), heading("Notice"), paragraph("One month."))
    assert [chunk.text for chunk in made] == ["Rent\n\nIt is due.", "Notice\n\nOne month."]
    assert [chunk.section_path for chunk in made] == [("Rent",), ("Notice",)]


def test_the_section_path_runs_from_the_outermost_heading_inwards() -> None:
    made = chunks(heading("A"), heading("A.1", 2), paragraph("one"), heading("A.2", 2), paragraph("two"), heading("B"), paragraph("three"))  # fmt: skip
    assert [chunk.section_path for chunk in made] == [("A", "A.1"), ("A", "A.2"), ("B",)]
    assert made[1].heading == "Lease > A > A.2"


def test_neighbouring_paragraphs_share_a_chunk_until_the_target() -> None:
    made = chunks(paragraph("x" * 25), paragraph("y" * 25), paragraph("z" * 25))
    assert [chunk.text for chunk in made] == ["x" * 25 + "\n\n" + "y" * 25, "z" * 25]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    text = "The first sentence is here and it is long. The second sentence follows and is long too. The third one ends."
    made = chunks(paragraph(text))
    assert len(made) > 1
    assert all(chunk.text.endswith(".") and chunk.text[0] == "T" for chunk in made)
    assert " ".join(chunk.text for chunk in made) == text


def test_a_word_longer_than_a_chunk_leaves_no_empty_chunk() -> None:
    made = chunks(paragraph("x" * 60 + " " + "y" * 60))
    assert "".join(chunk.text for chunk in made) == "x" * 60 + "y" * 60
    assert all(chunk.start < chunk.end for chunk in made)


def test_a_table_that_fits_stays_whole_and_a_long_one_is_cut_between_rows() -> None:
    small = "Item | Fee\nRent | 5"
    assert [chunk.text for chunk in chunks(Element(ElementKind.TABLE, small))] == [small]
    rows = ["Item | Fee", *(f"Storage unit number {number} | {number}00" for number in range(8))]
    made = chunks(Element(ElementKind.TABLE, "\n".join(rows)))
    assert [row for chunk in made for row in chunk.text.split("\n")] == rows
    assert [chunk.table_header for chunk in made] == ["", *["Item | Fee"] * (len(made) - 1)]
    assert made[1].indexed_text.startswith("Lease\nItem | Fee\nStorage unit")


def test_the_page_is_that_of_the_first_character() -> None:
    lines = tuple(LineBox(at, at + 40, Box(2 + at // 80, 0, 0, 1, 1)) for at in range(0, 160, 40))
    made = chunks(paragraph("on one", page=1), paragraph(("w" * 39 + " ") * 4, page=2, lines=lines))
    assert (made[0].page, made[-1].page) == (1, 3)


def test_ids_depend_on_the_name_the_bytes_the_words_and_the_span_only() -> None:
    made = document(paragraph("One."))
    (chunk,) = CHUNKER.chunks(made)
    assert chunk.id == chunk_id(made.id, reading_of("ab" * 32, "One."), 0, 4)

    def other(text: str) -> str:
        parsed = ParsedFile("Other", "text/html", (paragraph(text),))
        return CHUNKER.chunks(assemble(parsed, source="lease.txt", content_sha256="ab" * 32))[0].id

    assert other("One.") == chunk.id
    assert other("Two.") != chunk.id
    assert CHUNKER.chunks(replace(made, reading=""))[0].id == chunk_id(
        made.id, "ab" * 32, 0, 4
    )  # as it was stored once


@pytest.mark.parametrize(
    "amount",
    [
        "EUR 1 250 000", "EUR 1'250'000.00", "No. 5", "approx. 30 days", "1 200 EUR", "3.5 %", "12 March 2024",
        "USD 3.2 bn", "\u00a7 12", "DE89 3704 0044 0532 01", "(EUR 500)",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [ElementKind.PARAGRAPH, ElementKind.TABLE])
def test_no_cut_goes_through_an_amount(amount: str, kind: ElementKind) -> None:
    for before in range(40):
        text = "y" * before + f" of {amount} to them" * 12
        made = StructureChunker(target_chars=100, max_chars=150).chunks(document(Element(kind, text.strip())))
        assert len(made) > 1
        assert sum(chunk.text.count(amount) for chunk in made) == 12


def test_a_text_without_blanks_is_cut_between_sentences_and_around_numbers() -> None:
    chunker = StructureChunker(target_chars=100, max_chars=150)
    made = chunker.chunks(document(paragraph("\u627f\u79df\u4eba\u652f\u4ed81,250,000\u5143\u3002" * 12)))
    assert len(made) > 1
    assert all(chunk.text.endswith("\u3002") for chunk in made)
    made = chunker.chunks(document(paragraph("A1,250,000;" * 20)))
    assert sum(chunk.text.count("1,250,000") for chunk in made) == 20
