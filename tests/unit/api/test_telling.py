"""What a person is told of files that could not be read, or not surely."""

from __future__ import annotations

import pytest

from api.cli.output import say_answer
from api.wiring.ingesting import shown
from api.wiring.telling import attention, coverage_words, warning_lines
from generation.types import Answer, Caution, Citation, ModelCard, Sentence, Status, Verdict
from ingest.protocols import Outcome
from ingest.storing import FileReport
from ingest.types import Coverage, FileWarning, WarningKind

FAINT = FileWarning(WarningKind.LOW_CONFIDENCE, "The scan is faint.", 3)
CUT = FileWarning(WarningKind.CUT_TABLE, "Columns were left out.")


def test_each_kind_has_a_line() -> None:
    warnings = [FAINT, CUT, FileWarning(WarningKind.LOW_CONFIDENCE, "The scan is torn.", 1), FAINT]
    assert warning_lines(warnings) == [
        "unsure recognition (pages 1, 3): The scan is faint. (and 1 more like this)",
        "incomplete table: Columns were left out.",
    ]
    assert all(warning_lines([FileWarning(kind, "w")]) for kind in WarningKind)


@pytest.mark.parametrize(
    ("coverage", "pages", "words"),
    [
        (Coverage(15, 3, 2, 0), 20, "18 of 20 pages: 15 text, 3 recognised, 2 unread"),
        (Coverage(text=20), 20, "20 pages"),
        (Coverage(), 1, "1 page"),
        (Coverage(), None, ""),
        (Coverage(1, 0, 0, 1), 2, "2 of 2 pages: 1 text, 1 blank"),
    ],
)
def test_coverage(coverage: Coverage, pages: int | None, words: str) -> None:
    assert coverage_words(coverage, pages) == words


def test_a_page_is_named_once() -> None:
    warning = FileWarning(WarningKind.UNREAD_PAGE, "Page 3 is damaged and was not read.", 3)
    assert warning_lines([warning]) == ["not read: Page 3 is damaged and was not read."]


def test_how_many_files_need_a_look() -> None:
    assert attention([(), (CUT,), (FAINT, CUT)]) == "2 of 3 files need a look"
    assert attention([(CUT,)]) == "The file needs a look"
    assert attention([()]) == ""


def test_the_lines_stand_under_their_file_and_not_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    report = FileReport(
        "lease.pdf", Outcome.ADDED, pages=20, chunks=9, warnings=(FAINT,), coverage=Coverage(15, 3, 2, 0)
    )
    list(shown([report], 1))
    assert capsys.readouterr().err.splitlines() == [
        "added      lease.pdf (18 of 20 pages: 15 text, 3 recognised, 2 unread; 9 chunks)",
        "           ! unsure recognition (page 3): The scan is faint.",
    ]
    list(shown([report], 1, as_json=True))
    assert capsys.readouterr().err == ""


def test_an_answer_says_what_to_look_at(capsys: pytest.CaptureFixture[str]) -> None:
    citation = Citation(
        1, "d", 1, "", "Lease", "lease.pdf", (), 6, 0, 5, "Words", page_label="iv", bates="B7", warnings=(FAINT,)
    )
    cell = Citation(2, "e", 1, "", "Rents", "r.xlsx", (), None, 0, 5, "Words", cell="Rents!B7")
    sentence = Sentence("Words.", 0, 6, Verdict.ENTAILED, 1.0, (1,), cautions=(FAINT.kind,))
    answer = Answer(
        "Words.", Status.ANSWERED, (sentence,), (citation, cell), ModelCard("", "", "", "", "", "", ""),
        cautions=(Caution(FAINT.kind, "This passage was recognised from a scan (81 % sure).", (1,)),),
    )  # fmt: skip
    say_answer(answer)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "Note on [1]: This passage was recognised from a scan (81 % sure)."
    assert "[1] Lease, page iv (page 6 of the file), B7 (version 1)" in lines
    assert "    ! The scan is faint." in lines
    assert "[2] Rents, Rents!B7 (version 1)" in lines
