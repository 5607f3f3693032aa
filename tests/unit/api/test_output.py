"""An answer as `footnote ask` prints it, and how far what takes long has come."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from api.cli.output import say_answer, told_apart
from api.terminal import UsageError, check_place, counting
from generation.types import Answer, Assumed, Citation, ModelCard, PartAnswer, Sentence, Status, Verdict, Why

CARD = ModelCard("", "", "", "", "", "", "")
COMPARED = Answer(
    "Notice is 60 days.\n\nNotice is 90 days.", Status.PARTIAL,
    (
        Sentence("Notice is 60 days.", 0, 18, Verdict.ENTAILED, 1.0, (1,), part=1),
        Sentence("Notice is 90 days.", 20, 38, Verdict.ENTAILED, 1.0, (2,), part=2),
    ),
    (), CARD, audit_id="a-1", withheld=1, why=Why.ASKED_FOR_MORE, explanation="Not answered: the third.",
    parts=(
        PartAnswer("In Acme's?", Status.ANSWERED, Why.NONE, "Acme lease"),
        PartAnswer("In Beta's?", Status.ANSWERED, Why.NONE, "Beta lease"),
    ),
    assumed=(Assumed("Acme's", "d", 2, "Acme lease", 3),),
)  # fmt: skip


def test_each_part_stands_under_the_title_of_its_document(capsys: pytest.CaptureFixture[str]) -> None:
    say_answer(COMPARED)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "Acme lease: Notice is 60 days. [1]",
        "Beta lease: Notice is 90 days. [2]",
        "Not answered: the third.",
        "“Acme's” fits 3 documents that this person may read; taken to mean: Acme lease (version 2)",
    ]
    assert lines[-1] == "partial (asked_for_more) | 2 checked; 1 withheld for want of support | audit a-1"


def test_a_whole_answer_and_none(capsys: pytest.CaptureFixture[str]) -> None:
    whole = replace(COMPARED, status=Status.ANSWERED, why=Why.NONE, explanation="", parts=(), assumed=())
    say_answer(replace(whole, sentences=(replace(COMPARED.sentences[0], part=0),)))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Notice is 60 days. [1]"
    assert lines[-1].startswith("answered | 1 checked")
    none = replace(whole, answer="Nothing.", status=Status.ABSTAINED, sentences=(), why=Why.NOTHING_FOUND)
    say_answer(replace(none, explanation="Nothing."))
    assert capsys.readouterr().out.splitlines()[0] == "Nothing."


def test_documents_that_are_called_alike_are_told_apart_by_their_files() -> None:
    named = told_apart([("Lease", "a/one.pdf"), ("Lease", "b/two.pdf"), ("Plan", "a/plan.pdf"), ("Plan", "a/plan.pdf")])
    assert (named("Lease", "b/two.pdf"), named("Plan", "a/plan.pdf")) == ("Lease (two.pdf)", "Plan")
    named = told_apart([("Lease", "a/one.pdf"), ("Lease", "b/one.pdf")])
    assert named("Lease", "b/one.pdf") == "Lease (b/one.pdf)"


def test_sources_that_are_called_alike_have_their_file_names(capsys: pytest.CaptureFixture[str]) -> None:
    def cited(number: int, source: str) -> Citation:
        return Citation(number, "d", 1, "", "LEASE", source, ("2. Rent",), 3, 0, 4, "500.")

    say_answer(replace(COMPARED, citations=(cited(1, "files/a.pdf"), cited(2, "files/b.pdf"))))
    lines = capsys.readouterr().out.splitlines()
    assert "[1] LEASE (a.pdf) > 2. Rent, page 3 (version 1)" in lines
    assert "[2] LEASE (b.pdf) > 2. Rent, page 3 (version 1)" in lines


def test_what_takes_long_says_how_far_it_is_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([0.0, 1.0, 5.5, 5.5, 6.0])
    monkeypatch.setattr("api.terminal.time.monotonic", lambda: next(seconds))
    with counting("Verifying") as progress:
        for done in (10_000, 20_000, 30_000):
            progress(done, 1_000_000)
    assert capsys.readouterr().err == "Verifying: 20,000 of 1,000,000\n"


def test_where_nothing_can_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    check_place(tmp_path / "review.xlsx")
    for out, told in ((tmp_path / "no" / "review.xlsx", "There is no folder"), (tmp_path, "is a folder")):
        with pytest.raises(UsageError, match=told):
            check_place(out)
