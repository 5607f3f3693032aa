"""Whatever the parser gives, chunks are exact spans that cover every element once and stay within the limit."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunkers.structure import StructureChunker
from ingest.chunking import assemble
from ingest.types import Element, ElementKind, ParsedFile

TARGET, LIMIT = 80, 120
CHUNKER = StructureChunker(target_chars=TARGET, max_chars=LIMIT)

words = st.one_of(
    st.sampled_from(("a", "fee", "notice.", "30,000;", "ﬁnal", "𝒳𝒴", "e\u0301", "said:", "(b)")),
    st.text("xy𝒳", min_size=1, max_size=300),
)
prose = st.lists(words, min_size=1, max_size=60).map(" ".join)
rows = st.lists(st.lists(words, min_size=1, max_size=4).map(" | ".join), min_size=1, max_size=12).map("\n".join)
elements = st.one_of(
    st.builds(Element, st.sampled_from((ElementKind.PARAGRAPH, ElementKind.LIST_ITEM)), prose),
    st.builds(Element, st.just(ElementKind.HEADING), prose, st.integers(1, 6)),
    st.builds(Element, st.just(ElementKind.TITLE), prose),
    st.builds(Element, st.just(ElementKind.TABLE), rows),
)


@settings(max_examples=250, deadline=None)
@given(st.lists(elements, min_size=1, max_size=12))
def test_chunks_cover_every_element_once(parts: list[Element]) -> None:
    document = assemble(ParsedFile("T", "text/plain", tuple(parts)), source="s", content_sha256="0" * 64)
    assert all(document.text[placed.start : placed.end] == placed.element.text for placed in document.elements)

    chunks = CHUNKER.chunks(document)

    position = 0
    for ordinal, chunk in enumerate(chunks):
        assert chunk.ordinal == ordinal
        assert chunk.text == document.text[chunk.start : chunk.end]
        assert chunk.text == chunk.text.strip()
        assert chunk.text
        assert len(chunk.text) <= LIMIT
        assert document.text[position : chunk.start].strip() == ""  # nothing but blanks between two chunks
        assert position <= chunk.start < chunk.end
        position = chunk.end
    assert document.text[position:].strip() == ""
    assert len({chunk.id for chunk in chunks}) == len(chunks)


@settings(max_examples=150, deadline=None)
@given(st.lists(elements, min_size=1, max_size=12))
def test_no_chunk_holds_text_of_two_sections(parts: list[Element]) -> None:
    document = assemble(ParsedFile("T", "text/plain", tuple(parts)), source="s", content_sha256="0" * 64)
    path: list[tuple[int, str]] = []
    sections = []  # (start, end, path) of everything below a heading
    for placed in document.elements:
        if placed.element.kind is ElementKind.HEADING:
            path = [entry for entry in path if entry[0] < placed.element.level]
            path.append((placed.element.level, placed.element.text))
        elif placed.element.kind is not ElementKind.TITLE:
            sections.append((placed.start, placed.end, tuple(title for _, title in path)))
    for chunk in CHUNKER.chunks(document):
        paths = {path for start, end, path in sections if start < chunk.end and chunk.start < end}
        assert paths <= {chunk.section_path}


numbers = st.integers(1000, 10**9).map("{:,}".format)
cells = st.lists(st.one_of(numbers, st.sampled_from(("rent", "is due.", "EUR", "see note;"))), min_size=1, max_size=40)
long_rows = st.lists(st.lists(cells.map(" ".join), min_size=2, max_size=4).map(" | ".join), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(long_rows)
def test_no_number_of_a_table_is_cut_and_every_later_chunk_has_the_header(lines: list[str]) -> None:
    table = Element(ElementKind.TABLE, "\n".join(("Site | Rent EUR", *lines)))
    document = assemble(ParsedFile("T", "text/csv", (table,)), source="s", content_sha256="0" * 64)
    found = CHUNKER.chunks(document)
    assert " ".join(chunk.text for chunk in found).split() == table.text.split()
    assert all(chunk.text == document.text[chunk.start : chunk.end] for chunk in found)
    assert [chunk.table_header for chunk in found] == ["", *["Site | Rent EUR"] * (len(found) - 1)]
