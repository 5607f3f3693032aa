"""From evidence to citations: the narrowest span, byte for byte, with its boxes."""

from __future__ import annotations

from typing import Any

import pytest

from generation.errors import UnresolvedCitation
from generation.gate.citations import boxes_of, resolve
from generation.gate.evidence import candidates
from generation.types import Evidence, SourceText
from ingest.types import Box, LineBox

TEXT = "Rent\n\nThe rent is £5 per unit. It is due monthly. The tenant may leave after 30 days. Dogs are welcome."


def line(text: str, words: str, page: int, y: float) -> LineBox:
    start = text.index(words)
    return LineBox(start, start + len(words), Box(page, 10.0, y, 200.0, y + 12.0))


def test_offsets_count_from_the_beginning_of_the_version(source: Any) -> None:
    part = source(TEXT, start=TEXT.index("It is due"))
    evidence = candidates("Dogs are welcome.", part.passage())[0]
    citation = resolve(evidence, 3, SourceText(TEXT, ()))
    assert (citation.id, citation.quote) == (3, "Dogs are welcome.")
    assert TEXT[citation.start : citation.end] == "Dogs are welcome."
    assert (citation.document_id, citation.version, citation.content_sha256) == ("lease", 1, "ab" * 32)


@pytest.mark.parametrize(
    "text",
    [
        "𝒳 and 🏠 are here. The ﬁnal oﬃce fee is 5. 𝒴 ends.",
        "e\u0301tude. The ﬁnal oﬃce fee is 5. \u0645\u0631\u062d\u0628\u0627 end.",
        "\u200bzero width. The ﬁnal oﬃce fee is 5. Done.",
    ],
)
def test_quotes_are_code_points_whatever_the_script(text: str, source: Any) -> None:
    evidence = candidates("The ﬁnal oﬃce fee is 5.", source(text).passage())[0]
    citation = resolve(evidence, 1, SourceText(text, ()))
    assert citation.quote == text[citation.start : citation.end] == "The ﬁnal oﬃce fee is 5."


def test_boxes_and_page_are_those_of_the_lines_that_hold_the_quote(source: Any) -> None:
    lines = (
        line(TEXT, "Rent", 1, 10), line(TEXT, "The rent is £5 per", 1, 30), line(TEXT, "unit. It is due monthly. The", 1, 50),
        line(TEXT, "tenant may leave after 30 days.", 2, 10), line(TEXT, "Dogs are welcome.", 2, 30),
    )  # fmt: skip
    start = TEXT.index("The tenant")
    evidence = Evidence(source(TEXT, page=1, lines=lines).passage(), start, start + 35, 1.0)
    citation = resolve(evidence, 1, SourceText(TEXT, lines))
    assert [(box.page, box.y0) for box in citation.boxes] == [(1, 50), (2, 10)]
    assert citation.page == 1
    dogs = TEXT.index("Dogs")
    assert resolve(Evidence(evidence.passage, dogs, dogs + 4, 1.0), 1, SourceText(TEXT, lines)).page == 2


def test_boxes_touching_the_span_only_at_its_edge_do_not_count() -> None:
    lines = (LineBox(0, 5, Box(1, 0, 0, 1, 1)), LineBox(5, 9, Box(1, 0, 2, 1, 3)))
    assert boxes_of(lines, 5, 9) == (lines[1].box,)
    assert boxes_of(lines, 4, 6) == (lines[0].box, lines[1].box)


@pytest.mark.parametrize("other", ["Rent\n\nThe rent is £9 per unit.", "", TEXT.replace("tenant", "Tenant")])
def test_a_quote_that_the_version_does_not_hold_is_refused(other: str, source: Any) -> None:
    start = TEXT.index("The tenant")
    evidence = Evidence(source(TEXT).passage(), start, start + 35, 1.0)
    with pytest.raises(UnresolvedCitation):
        resolve(evidence, 1, SourceText(other, ()))


def test_an_empty_quote_is_refused(source: Any) -> None:
    with pytest.raises(UnresolvedCitation):
        resolve(Evidence(source(TEXT).passage(), 3, 3, 1.0), 1, SourceText(TEXT, ()))
