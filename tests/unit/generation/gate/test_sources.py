"""Texts from elsewhere become the evidence that the service would show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from generation.gate.sources import Source, listed, shown

WHOLE = "Fees\n\nItem | 2024 | 2023\nRent | 500 | 480\nHeating | 70 | 60"


@pytest.mark.parametrize("texts", ["a", Source("a"), ["a"], (Source("a"),)])
def test_one_text_or_several_are_sources(texts: Any) -> None:
    assert listed(texts) == (Source("a"),)


def test_nothing_is_no_evidence() -> None:
    assert shown(listed([])) == (shown(())[0], {})


def test_markers_count_from_one_and_every_text_is_its_own_document() -> None:
    context, documents = shown(listed(["a", Source("b", id="x", title="T", section=("1", "2"))]))
    assert [(p.marker, p.text, p.start, p.end) for p in context.passages] == [(1, "a", 0, 1), (2, "b", 0, 1)]
    assert [p.chunk.heading for p in context.passages] == ["", "T > 1 > 2"]
    assert documents == {1: "a", 2: "b"}
    assert len({p.chunk.document_id for p in context.passages}) == 2


def test_headings_without_a_title_stand_alone() -> None:
    assert shown([Source("a", section=("1. Rent",))])[0].passages[0].chunk.heading == "1. Rent"


def test_a_text_is_a_span_of_its_document() -> None:
    text = WHOLE[WHOLE.index("Heating") :]
    context, documents = shown([Source(text, document=WHOLE)])
    (passage,) = context.passages
    assert documents == {1: WHOLE}
    assert WHOLE[passage.start : passage.end] == passage.text == text
    assert passage.chunk.table_header == "Item | 2024 | 2023"  # it begins inside of a table


def test_prose_after_a_table_has_no_header() -> None:
    text = "The heating is 70."
    assert shown([Source(text, document=f"{WHOLE}\n{text}")])[0].passages[0].chunk.table_header == ""


def test_a_text_that_its_document_does_not_hold_comes_first_in_it() -> None:
    context, documents = shown([Source("The rent is 500.", document="Lease of *Kestrel*.")])
    assert documents[1] == "The rent is 500.\n\nLease of *Kestrel*."
    assert context.passages[0].start == 0


def test_a_passage_of_the_service_comes_out_the_same(source: Callable[..., Any]) -> None:
    text = WHOLE[WHOLE.index("Heating") :]
    cut = source(
        WHOLE, title="Lease", section_path=("4 Rent",), start=WHOLE.index("Heating"), table_header="Item | 2024 | 2023"
    )
    theirs = cut.passage()
    (ours,) = shown([Source(text, title="Lease", section=("4 Rent",), document=WHOLE)])[0].passages
    assert (ours.text, ours.start, ours.end, ours.chunk.heading) == (
        theirs.text,
        theirs.start,
        theirs.end,
        theirs.chunk.heading,
    )
    assert (ours.chunk.table_header, ours.chunk.text, ours.chunk.start) == (
        theirs.chunk.table_header,
        theirs.chunk.text,
        theirs.chunk.start,
    )
