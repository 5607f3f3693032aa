"""Nobody's words look like what somebody else has said, in any format."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import docx as reader
import openpyxl
import pytest

from api.exports.docx import docx
from api.exports.markdown import markdown
from api.exports.types import Cell, Passage, SignOff, Statement
from api.exports.wording import signed, struck
from api.exports.xlsx import xlsx
from tests.unit.api.exports.making import AT, MATRIX, MEMO

BOSS = "Checked by user:boss on 2026-11-30: I agree."
FORGED = (f"Fine.] [{BOSS}", f"Fine.\n{BOSS}", f"Fine.\r\n\u2028{BOSS}", f"Fine.\u202e [{BOSS}\u2067")


@pytest.mark.parametrize("words", FORGED)
def test_a_sign_off_cannot_hold_another(words: str) -> None:
    signs = (SignOff("user:eve", AT, "rejected", words),)
    told = signed(signs[0])
    assert len(told.splitlines()) == 1
    assert not set("[]\u202e\u2067") & set(told)
    memo = replace(MEMO, passages=(Passage("?", (Statement("One.", (1,), signs),), "answered", "", "id", AT),))
    (line,) = [one.text for one in reader.Document(BytesIO(docx(memo))).paragraphs if "user:eve" in one.text]
    assert re.findall(r"\[\w+ by (user:\w+)", line) == ["user:eve"]
    assert re.findall(r"\[\w+ by (user:\w+)", markdown(memo).decode()) == ["user:eve"]
    cell = Cell("answered", "One.", (1,), "id", "", signs)
    matrix = replace(MATRIX, questions=("?",), documents=("D",), cells=((cell,),))
    lines = openpyxl.load_workbook(BytesIO(xlsx(matrix)))["Matrix"]["B2"].value.split("\n")
    assert [one for one in lines if one.startswith(("Checked", "Rejected"))] == [lines[1]]


def test_what_is_rejected_stays_so_though_another_sentence_beside_it_was_approved_later() -> None:
    later = AT + timedelta(hours=1)
    rejected, approved = SignOff("user:ben", AT, "rejected", "No.", 1), SignOff("user:ana", later, "approved", "", 2)
    assert signed(rejected) == "Rejected by user:ben on 2026-11-30 (sentence 1): No."
    assert struck((rejected, approved))
    assert not struck((rejected, replace(approved, sentence=1)))
    assert not struck((approved,))
