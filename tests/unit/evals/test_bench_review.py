"""What a cell of a review is worth: gold of both suites, and every way in which a value may be written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.datasets.reviews import CellGold, load
from evals.suites.review.scores import Outcome, on_page, outcome
from evals.types import Gold
from generation.types import Answer, Citation, ModelCard, Status

CARD = ModelCard("m", "", "e", "", "j", "p", "s")
LAW = CellGold(places=(Gold("cuad/a.pdf", 3, "This Agreement is governed by the laws of the State of New York."),))


def said(text: str, quote: str = "", page: int | None = None) -> Answer:
    cited = Citation(1, "d", 1, "0", "T", "cuad/a.pdf", (), page, 0, len(quote), quote)
    return Answer(text, Status.ANSWERED, (), (cited,) if quote else (), CARD)


def test_a_clause_is_right_by_its_words_and_not_by_its_page() -> None:
    right = said("New York law.", "governed by the laws of the State of New York", 3)
    beside = said("It is assigned.", "Neither party may assign this Agreement without consent of the other.", 3)
    assert outcome("answered", right, LAW) is Outcome.RIGHT
    assert outcome("partial", beside, LAW) is Outcome.WRONG
    assert (on_page(beside, LAW), on_page(said("x", "y", 4), LAW)) == (True, False)


def test_silence_is_right_where_there_is_nothing_alone() -> None:
    nothing = said("")
    assert outcome("not_found", nothing, LAW) is Outcome.MISSED
    assert outcome("not_found", nothing, CellGold()) is Outcome.RIGHTLY_NOT_FOUND
    assert outcome("answered", said("New York."), CellGold()) is Outcome.FALSELY_FOUND
    assert outcome("answered", said("New York."), None) is Outcome.UNLABELLED
    assert outcome("failed", None, LAW) is Outcome.FAILED


@pytest.mark.parametrize(
    ("values", "text", "right"),
    [
        (("2012-01-06",), "It is effective as of January 6, 2012.", True),
        (("2012-01-06",), "It is dated this 6th day of January, 2012.", True),
        (("2012-01-06",), "It is effective as of January 16, 2012.", False),
        (("7 years",), "It lasts seven (7) years from the date.", True),
        (("7 years",), "It lasts 17 years.", False),
        (("Oregon",), "The laws of the State of Oregon.", True),
        (("Nike Inc.", "Eric Dean Sprunk"), "Eric Dean Sprunk and NIKE, Inc.", True),
        (("Nike Inc.", "Eric Dean Sprunk"), "NIKE, Inc.", False),
        (("A and B Ltd.",), "A & B", True),
    ],
)
def test_values_are_found_however_they_are_written(values: tuple[str, ...], text: str, right: bool) -> None:
    got = outcome("answered", said(text), CellGold(values=values))
    assert got is (Outcome.RIGHT if right else Outcome.WRONG)


def test_both_suites_are_read_with_what_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "kleister_nda"
    folder.mkdir()
    (folder / "texts.jsonl").write_text(json.dumps({"doc": "a.pdf", "text": "x"}) + "\n")
    rows = [{"doc": "a.pdf", "field": "term", "values": []}, {"doc": "b.pdf", "field": "term", "values": ["1 year"]}]
    (folder / "qa.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = load(tmp_path, "kleister", 5, 4)
    assert (found.documents, list(found.questions)) == (
        {"kleister/a.pdf": "x"}, ["effective_date", "jurisdiction", "party", "term"],
    )  # fmt: skip
    assert found.gold == {("kleister/a.pdf", "term"): CellGold()}

    (tmp_path / "cuad" / "pdf").mkdir(parents=True)
    law = {"pdf": "a.pdf", "category": "Governing Law", "answerable": True, "evidence": [{"page": 3, "text": "NY"}]}
    lost = {"pdf": "b.pdf", "category": "Governing Law", "answerable": True, "evidence": []}
    none = {"pdf": "c.pdf", "category": "Governing Law", "answerable": False, "evidence": []}
    (tmp_path / "cuad" / "qa.jsonl").write_text("".join(json.dumps(row) + "\n" for row in (law, lost, none)))
    found = load(tmp_path, "contracts", 5, 1)
    assert {source: gold.held for (source, _), gold in found.gold.items()} == {"cuad/a.pdf": True, "cuad/c.pdf": False}
