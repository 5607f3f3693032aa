"""Every kind of chunking: exact spans, every word once and in order, nothing inside an amount, same again."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ingest.chunkers import Chunkers
from ingest.chunking import assemble
from ingest.types import Chunking, Definition, Document, Element, ElementKind, ParsedFile

ALL = [Chunking.of(f"{kind}{plus}") for kind in ("structure", "recursive", "semantic", "small-to-big", "code")
       for plus in ("", "+summary")]  # fmt: skip
LIMIT = 1600  # characters of the longest chunk that any kind makes

words = st.one_of(
    st.sampled_from((
        "a", "fee", "Notice.", "30,000;", "EUR 1 250 000", "No. 5", "12 March 2024", "ﬁnal", "𝒳𝒴", "said:", "(b)", "e.g.",
    )),
    st.sampled_from(("支付租金。", "这是第二句话，没有空格", "賃料は三十万円とする。")),
    st.text("xy𝒳租", min_size=1, max_size=500),
)  # fmt: skip
prose = st.lists(words, min_size=1, max_size=150).map(" ".join)
unbroken = st.integers(1, 3000).map("租金。条".__mul__) | st.integers(1, 2500).map("x".__mul__)
rows = st.lists(st.lists(words, min_size=1, max_size=6).map(" | ".join), min_size=1, max_size=60).map("\n".join)
code = st.lists(
    st.sampled_from(("def f():", "    return 1_000", "", "class A:", "x = '租'", "y" * 300)), min_size=1
).map(lambda lines: "\n".join(lines).strip() or "x")
elements = st.one_of(
    st.builds(
        Element, st.sampled_from((ElementKind.PARAGRAPH, ElementKind.LIST_ITEM, ElementKind.NOTE)), prose | unbroken
    ),
    st.builds(Element, st.just(ElementKind.HEADING), prose, st.integers(1, 6)),
    st.builds(Element, st.just(ElementKind.TITLE), prose),
    st.builds(Element, st.just(ElementKind.TABLE), rows),
    st.builds(Element, st.just(ElementKind.CODE), code),
)


def embedded(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors by the texts' hashes."""
    rows = [np.frombuffer(sha256(text.encode()).digest()[:8], np.uint8).astype(np.float32) - 128 for text in texts]
    return (
        np.stack([row / max(float(np.linalg.norm(row)), 1e-6) for row in rows])
        if rows
        else np.zeros((0, 8), np.float32)
    )


def document(parts: Sequence[Element]) -> Document:
    return assemble(ParsedFile("T", "text/plain", tuple(parts)), source="s", content_sha256="0" * 64)


@st.composite
def sources(draw: st.DrawFn) -> Element:
    """A source file with definitions in each other."""
    text = draw(code) + "\n" + "z = 1\n" * draw(st.integers(1, 500))
    text = text.strip()
    found: list[Definition] = []
    bounds = [(0, len(text))]
    for number in range(draw(st.integers(0, 8))):
        start, end = bounds[draw(st.integers(0, len(bounds) - 1))]
        cuts = sorted(draw(st.tuples(st.integers(start, end), st.integers(start, end))))
        one = Definition(cuts[0], cuts[1], f"d{number}")
        if one.start < one.end and all(
            o.end <= one.start or one.end <= o.start or (o.start <= one.start and one.end <= o.end) for o in found
        ):
            found.append(one)
            bounds.append((one.start, one.end))
    return Element(ElementKind.CODE, text, definitions=tuple(sorted(found, key=lambda d: (d.start, -d.end))))


def covers(whole: Document, chunking: Chunking) -> None:
    chunks = Chunkers().chunks(whole, chunking, embedded)
    position = 0
    for ordinal, chunk in enumerate(chunks):
        assert chunk.ordinal == ordinal
        assert chunk.text == whole.text[chunk.start : chunk.end] == chunk.text.strip()
        assert 0 < len(chunk.text) <= LIMIT
        assert whole.text[position : chunk.start].strip() == ""  # nothing but blanks between two chunks
        assert position <= chunk.start
        assert chunk.parent is None or chunk.parent[0] <= chunk.start < chunk.end <= chunk.parent[1]
        assert bool(chunk.summary) <= chunking.summary
        position = chunk.end
    assert whole.text[position:].strip() == ""
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    assert Chunkers().chunks(whole, chunking, embedded) == chunks


@pytest.mark.parametrize("chunking", ALL, ids=str)
@settings(max_examples=40, deadline=None)
@given(parts=st.lists(elements, min_size=1, max_size=10))
def test_chunks_cover_every_element_once(chunking: Chunking, parts: list[Element]) -> None:
    covers(document(parts), chunking)


@pytest.mark.parametrize("chunking", ALL, ids=str)
@settings(max_examples=40, deadline=None)
@given(part=sources())
def test_chunks_cover_a_source_file_once(chunking: Chunking, part: Element) -> None:
    covers(document([part]), chunking)


@pytest.mark.parametrize("chunking", ALL, ids=str)
@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(("EUR 1 250 000", "CHF 1'250'000.00", "No. 5", "12 March 2024", "3.5 %", "30 days")),
                min_size=10, max_size=250), st.lists(st.sampled_from(("of the rent.", "are due, but", "und wird", "for it; Then")), min_size=250, max_size=250))  # fmt: skip
def test_no_cut_goes_through_an_amount(chunking: Chunking, amounts: list[str], between: list[str]) -> None:
    parts = [part for pair in zip(amounts, between, strict=False) for part in pair]
    whole = document([Element(ElementKind.PARAGRAPH, " ".join(parts))])
    chunks = Chunkers().chunks(whole, chunking, embedded)
    position, tied = 0, []
    for part in parts:
        if part in amounts:
            tied.append((position, position + len(part)))
        position += len(part) + 1
    cuts = [chunk.start for chunk in chunks]
    for start, end in tied:
        assert not any(start < cut < end for cut in cuts)
