"""`footnote bench answers --suite scans`: which contracts, what a scan is, what is counted, and how a reader judges."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdfium2 import PdfDocument
from reportlab.pdfgen.canvas import Canvas

from api.terminal import UsageError
from evals.datasets.answers.questions import Kind, Place, Question
from evals.datasets.answers.scanned import about, pages, scan, some_contracts
from evals.measuring.statistics import matched_interval
from evals.suites.answers.scans_report import SCANNED, TEXT, Passage, Side, say_scans
from evals.suites.answers.scans_sheet import verdicts, write_scans_sheet

LONG, SHORT, COPY, REPORT = "cuad/pdf/long.pdf", "cuad/pdf/short.pdf", "cuad/pdf/short(1).pdf", "filings/pdf/r.pdf"
QUESTION = Question(
    id="x-1",
    question="What is the fee?",
    kind=Kind.SINGLE,
    named_by="kind",
    sources=(LONG,),
    gold=(Place(LONG, 1, "a fee of $500", 1),),
    facts=(("$500",),),
    forbidden=(),
    note="",
)
TWICE = replace(QUESTION, id="x-2", sources=(SHORT, COPY), gold=(Place(SHORT, 1, "a fee of $500", 1),))
OTHERS = (
    replace(QUESTION, id="x-3", sources=(REPORT,)),
    replace(QUESTION, id="x-4", kind=Kind.TWO_DOCUMENTS, sources=(LONG, SHORT)),
)
NONE = replace(QUESTION, id="x-5", kind=Kind.UNANSWERABLE, gold=(), facts=())
STORED = {LONG: "cuad/long.pdf", SHORT: "cuad/short.pdf"}


def pdf(path: Path, sheets: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas = Canvas(str(path), pagesize=(400, 300))
    for number in range(sheets):
        canvas.drawString(72, 200, f"A fee of $500, page {number + 1}")
        canvas.showPage()
    canvas.save()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    pdf(tmp_path / LONG, 3)
    pdf(tmp_path / SHORT, 1)
    pdf(tmp_path / COPY, 1)
    return tmp_path


def test_contracts_that_most_is_asked_of_come_first_and_then_the_shorter_ones(data: Path) -> None:
    assert some_contracts((QUESTION, NONE, TWICE, *OTHERS), data, 3) == (LONG, SHORT, COPY)
    assert some_contracts((QUESTION, TWICE, *OTHERS), data, 3) == (SHORT, COPY, LONG)
    assert some_contracts((QUESTION, TWICE), data, 1) == (LONG,)  # the other one would be two with its copy


def test_questions_about_several_documents_or_a_report_are_not_asked() -> None:
    assert about((QUESTION, TWICE, NONE, *OTHERS), (LONG, SHORT)) == (QUESTION, NONE)


def test_a_scan_has_the_pages_of_its_file_and_no_text_and_is_the_same_each_time(data: Path) -> None:
    first, again = data / "first.pdf", data / "again.pdf"
    for target in (first, again):
        scan(data / LONG, target)
    pictures = []
    for path in (first, again):
        with PdfDocument(path) as document:
            assert [page.get_size() for page in document] == [(400, 300)] * 3
            assert not any(page.get_textpage().get_text_range() for page in document)
            pictures.append([page.render().to_numpy().tobytes() for page in document])
    assert pictures[0] == pictures[1]
    assert len(set(pictures[0])) == 3
    assert pages(first) == 3
    assert not list(data.glob("*.part"))


def test_a_scan_looks_like_its_page_the_right_way_up(data: Path) -> None:
    scan(data / SHORT, data / "scan.pdf")
    with PdfDocument(data / SHORT) as document, PdfDocument(data / "scan.pdf") as copy:
        ours, theirs = (one[0].render(scale=1, grayscale=True).to_numpy() for one in (document, copy))
    inked = [picture < 160 for picture in (ours, theirs)]
    for axis in (0, 1):  # the words lie in the same place, up to the turn
        first, second = (picture.any(axis=axis).nonzero()[0] for picture in inked)
        assert abs(int(first.mean()) - int(second.mean())) < 8


def row(answer: str = "$500.", **changed: Any) -> dict[str, Any]:
    text = "a fee of $500"
    words = {"source": "cuad/long.pdf", "page": 1, "text": text}
    return {
        "answer": answer, "status": "answered", "sentences": [{"text": answer, "note": ""}] if answer else [],
        "citations": [{"source": "cuad/long.pdf", "page": 1, "quote": text}], "cautions": [], "drafted": [answer],
        "withheld": [], "shown": [words], "hits": [words], **changed,
    }  # fmt: skip


def sides(text: dict[str, Any], scanned: dict[str, Any]) -> dict[str, Side]:
    return {
        TEXT: Side({"x-1": text}, {"cuad/long.pdf": "There is a fee of $500 and a fee of 7."}, {}),
        SCANNED: Side({"x-1": scanned}, {"cuad/long.pdf": "There is a fee of S500 and afee of 7."}, {}),
    }


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_what_the_scan_loses_is_counted_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    passages = (Passage("cuad/long.pdf", "and a fee of 7"), Passage("cuad/long.pdf", "a fee of 500"))
    say_scans([QUESTION], sides(row(), row("$900.", cautions=["low_confidence"])), STORED, passages, None)
    lines = told(capsys)
    assert any(line.startswith("answered right 1 of 1 0 of 1 1 0 -100.0 [") for line in lines)
    assert any(line.startswith("answered with a caution 0 of 1 1 of 1 0 1") for line in lines)
    assert "labelled passages 2 of 2 1 of 2" in lines
    assert "numbers of the text 2 1 (50.00%)" in lines


def test_an_abstention_is_neither_right_nor_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    say_scans([QUESTION], sides(row(), row("")), STORED, (), None)
    lines = told(capsys)
    assert any(line.startswith("answered wrong 0 of 1 0 of 1 0 0") for line in lines)
    assert any(line.startswith("abstained 0 of 1 1 of 1 0 1") for line in lines)


def test_a_readers_verdict_goes_before_the_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, both = tmp_path / "sheet.txt", sides(row(), row("Five hundred."))
    write_scans_sheet(path, [QUESTION], [side.rows for side in both.values()])
    sheet = path.read_text()
    assert sheet.count("verdict:") == 2
    assert TEXT not in sheet.lower()
    assert SCANNED not in sheet.lower()
    with pytest.raises(UsageError, match="is ''"):
        verdicts(path)
    path.write_text(sheet.replace("verdict:", "verdict: right"))
    say_scans([QUESTION], both, STORED, (), verdicts(path))
    assert any(line.startswith("answered right 1 of 1 1 of 1 0 0") for line in told(capsys))
    with pytest.raises(UsageError, match="x-1"):
        say_scans([QUESTION], sides(row(), row("Six hundred.")), STORED, (), verdicts(path))


def test_the_same_answer_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "sheet.txt"
    write_scans_sheet(path, [QUESTION], [{"x-1": row()}, {"x-1": row()}])
    assert path.read_text().count("verdict:") == 1


def test_an_interval_of_pairs_that_never_differ_has_a_width() -> None:
    low, high = matched_interval(0, 0, 26)
    assert (round(low, 3), round(high, 3)) == (-0.07, 0.07)
    low, high = matched_interval(1, 6, 100)
    assert low < -0.05 < high < 0.02
    assert matched_interval(0, 0, 0) == (-1.0, 1.0)


def test_grain_and_turn_change_the_picture() -> None:
    from evals.datasets.answers.scanned import degraded

    blank = Image.new("L", (200, 100), 255)
    one, other = (Image.open(io.BytesIO(degraded(blank, seed))) for seed in (1, 2))
    assert one.size == blank.size
    assert one.tobytes() != other.tobytes()
