"""The bench of small files: what counts as right, as warned and as wrong in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from evals.suites.ingestion.cases import Expected, Verdict, expected, judged
from evals.suites.ingestion.run_clean import run_clean
from ingest.chunkers.structure import StructureChunker
from ingest.parsers.ocr.page import recogniser

PAGE = b"<h1>Fees</h1><p>The fee is EUR 12.</p><p>It is due in May.</p>"


def test_words_are_wanted_in_order() -> None:
    right = judged("a.html", PAGE, Expected(holds=("EUR 12", "in May"), lacks=("EUR 13",)), StructureChunker())
    assert (right.verdict, right.faults) == (Verdict.RIGHT, ())
    turned = judged("a.html", PAGE, Expected(holds=("in May", "EUR 12")), StructureChunker())
    assert (turned.verdict, turned.faults) == (Verdict.WRONG, ("lacks 'EUR 12' in this order",))


def test_words_that_must_not_be_there_are_wrong_whatever_is_said() -> None:
    wanted = Expected(lacks=("EUR 12",), warned=frozenset({"hidden_text"}))
    assert judged("a.html", PAGE, wanted, StructureChunker()).verdict is Verdict.WRONG


def test_a_refusal_counts_as_warned_only_where_the_words_may_be_lacking() -> None:
    assert judged("a.html", b"", Expected(), StructureChunker()).verdict is Verdict.WRONG
    assert (
        judged("a.html", b"", Expected(warned=frozenset({"unread_page"})), StructureChunker()).verdict is Verdict.WARNED
    )


def test_the_table_can_be_read() -> None:
    assert len(expected()) > 80
    assert all(case.holds or case.lacks or case.counts or case.labels or case.uncut for case in expected().values())


def test_clean_files_that_are_warned_and_passages_that_are_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, words in (("a.pdf", "The fee is EUR 12."), ("b.PDF", "")):
        canvas = Canvas(str(tmp_path / name))
        canvas.drawString(72, 700, words)
        canvas.showPage()
        canvas.drawInlineImage(Image.effect_noise((200, 200), 90), 72, 300, 400, 400)
        canvas.save()
    evidence = [{"text": "the fee is\nEUR 12"}, {"text": "EUR 13"}]
    row = {"pdf": "a.pdf", "answerable": True, "evidence": evidence}
    (tmp_path / "qa.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    usual = recogniser()
    assert run_clean(tmp_path, tmp_path / "out.jsonl") == 1  # b.PDF is refused: it has no text
    assert recogniser() is usual
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {one["file"]: one["warnings"] for one in rows if one["row"] == "warned"} == {
        "a.pdf": [["unread_page", 2]],
        "b.PDF": [],
    }
    assert rows[-1]["found"]["kinds"] == {"unread_page": 1}
    assert rows[-1]["passages"] == {"first 60 letters": 0.5, "all of it": 0.5}
    assert "2 of 2 files (2 pages) are warned or refused." in capsys.readouterr().out
