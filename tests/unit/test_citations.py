"""From evidence to citations: the narrowest span, byte for byte, with its boxes."""

from __future__ import annotations

from typing import Any

import pytest

from generation.citations import Evidence, boxes_of, resolve, select_evidence, widened
from generation.errors import UnresolvedCitation
from ingest.types import Box, LineBox

TEXT = "Rent\n\nThe rent is £5 per unit. It is due monthly. The tenant may leave after 30 days. Dogs are welcome."


def line(text: str, words: str, page: int, y: float) -> LineBox:
    start = text.index(words)
    return LineBox(start, start + len(words), Box(page, 10.0, y, 200.0, y + 12.0))


def test_the_quote_is_the_one_sentence_that_fits(source: Any, scorer: Any) -> None:
    evidence = select_evidence("The tenant may leave after 30 days.", source(TEXT).passage(), scorer)
    assert evidence.quote == "The tenant may leave after 30 days."
    assert TEXT[evidence.start : evidence.end] == evidence.quote


def test_offsets_count_from_the_beginning_of_the_version(source: Any, scorer: Any) -> None:
    part = source(TEXT, start=TEXT.index("It is due"))
    evidence = select_evidence("Dogs are welcome.", part.passage(), scorer)
    citation = resolve(evidence, 3, TEXT, ())
    assert (citation.id, citation.quote) == (3, "Dogs are welcome.")
    assert TEXT[citation.start : citation.end] == "Dogs are welcome."
    assert (citation.document_id, citation.version, citation.content_sha256) == ("lease", 1, "ab" * 32)


def test_the_quote_widens_to_the_neighbour_that_holds_a_figure_of_the_claim(source: Any, scorer: Any) -> None:
    text = "Cats pay nothing. The tenant may leave after 30 days. The fee is then £20. Dogs are welcome."
    evidence = select_evidence("The tenant may leave after 30 days for £20.", source(text).passage(), scorer)
    assert evidence.quote == "The tenant may leave after 30 days. The fee is then £20."


def test_the_sentence_with_the_figure_goes_before_the_one_with_the_words(source: Any, scorer: Any) -> None:
    text = "The notice period of the tenant is set out below. It is 30 days."
    evidence = select_evidence("The notice period of the tenant is 30 days.", source(text).passage(), scorer)
    assert evidence.quote == "It is 30 days."
    assert widened(evidence).quote == text


def test_equal_scores_take_the_first_sentence(source: Any, scorer: Any) -> None:
    evidence = select_evidence("Cats.", source("Rent is due. Rent is due.").passage(), scorer)
    assert (evidence.start, evidence.end) == (0, 12)


def test_a_heading_is_not_quoted_unless_there_is_nothing_else(source: Any, scorer: Any) -> None:
    part = source(TEXT, section_path=("Rent",))
    assert select_evidence("Rent", part.passage(), scorer).quote != "Rent"
    alone = source("Rent", section_path=("Rent",))
    assert select_evidence("Rent", alone.passage(), scorer).quote == "Rent"


def test_widening_takes_one_more_sentence_on_either_side_and_stops_at_the_passage(source: Any) -> None:
    passage = source(TEXT, start=6).passage()
    start = TEXT.index("It is due")
    evidence = Evidence(passage, start, start + len("It is due monthly."), (0, 1.0))
    wider = widened(evidence)
    assert wider.quote == "The rent is £5 per unit. It is due monthly. The tenant may leave after 30 days."
    assert TEXT[wider.start : wider.end] == wider.quote
    assert widened(widened(wider)) == widened(wider)


@pytest.mark.parametrize(
    "text",
    [
        "𝒳 and 🏠 are here. The ﬁnal oﬃce fee is 5. 𝒴 ends.",
        "e\u0301tude. The ﬁnal oﬃce fee is 5. \u0645\u0631\u062d\u0628\u0627 end.",
        "\u200bzero width. The ﬁnal oﬃce fee is 5. Done.",
    ],
)
def test_quotes_are_code_points_whatever_the_script(text: str, source: Any, scorer: Any) -> None:
    evidence = select_evidence("The ﬁnal oﬃce fee is 5.", source(text).passage(), scorer)
    citation = resolve(evidence, 1, text, ())
    assert citation.quote == text[citation.start : citation.end] == "The ﬁnal oﬃce fee is 5."


def test_a_table_row_is_quoted_alone_and_judged_under_its_header(source: Any, scorer: Any) -> None:
    text = "Item | Fee\nStorage unit | 500\nLift | 20"
    evidence = select_evidence("The storage unit costs 500", source(text, section_path=("Fees",)).passage(), scorer)
    assert evidence.quote == "Storage unit | 500"
    assert evidence.framed == "Lease > Fees\nItem | Fee\nStorage unit | 500"


def test_a_later_part_of_a_table_is_judged_under_the_header_it_carries(source: Any, scorer: Any) -> None:
    part = source("Lift | 20\nRamp | 30", table_header="Item | Fee")
    assert select_evidence("Ramp 30", part.passage(), scorer).framed == "Lease\nItem | Fee\nRamp | 30"


def test_boxes_and_page_are_those_of_the_lines_that_hold_the_quote(source: Any) -> None:
    lines = (
        line(TEXT, "Rent", 1, 10), line(TEXT, "The rent is £5 per", 1, 30), line(TEXT, "unit. It is due monthly. The", 1, 50),
        line(TEXT, "tenant may leave after 30 days.", 2, 10), line(TEXT, "Dogs are welcome.", 2, 30),
    )  # fmt: skip
    start = TEXT.index("The tenant")
    evidence = Evidence(source(TEXT, page=1, lines=lines).passage(), start, start + 35, (0, 1.0))
    citation = resolve(evidence, 1, TEXT, lines)
    assert [(box.page, box.y0) for box in citation.boxes] == [(1, 50), (2, 10)]
    assert citation.page == 1
    dogs = TEXT.index("Dogs")
    assert resolve(Evidence(evidence.passage, dogs, dogs + 4, (0, 1.0)), 1, TEXT, lines).page == 2


def test_boxes_touching_the_span_only_at_its_edge_do_not_count() -> None:
    lines = (LineBox(0, 5, Box(1, 0, 0, 1, 1)), LineBox(5, 9, Box(1, 0, 2, 1, 3)))
    assert boxes_of(lines, 5, 9) == (lines[1].box,)
    assert boxes_of(lines, 4, 6) == (lines[0].box, lines[1].box)


@pytest.mark.parametrize("other", ["Rent\n\nThe rent is £9 per unit.", "", TEXT.replace("tenant", "Tenant")])
def test_a_quote_that_the_version_does_not_hold_is_refused(other: str, source: Any) -> None:
    start = TEXT.index("The tenant")
    evidence = Evidence(source(TEXT).passage(), start, start + 35, (0, 1.0))
    with pytest.raises(UnresolvedCitation):
        resolve(evidence, 1, other, ())


def test_an_empty_quote_is_refused(source: Any) -> None:
    with pytest.raises(UnresolvedCitation):
        resolve(Evidence(source(TEXT).passage(), 3, 3, (0, 1.0)), 1, TEXT, ())
