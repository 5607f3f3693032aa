"""Rows for the adapter: replies with the numbers of their sources, refusals, planted instructions, two versions."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from generation.judge.data.exercises import Exercise, Piece
from generation.judge.data.written import Reply, Written
from generation.lora.data import NOT_FOUND, PROMPT, Row, conversations, preferences, rows_of
from generation.prompts import load_prompt

RENT = Piece("d", "Lease > Rent", "The rent is 500 euros. It is due within 14 days of the invoice.")
LIFT = Piece("d", "Lease > Lift", "The lift is serviced in May.")
TABLE = Piece("e", "", "| Item | Fee |\n| Lift | 20 |")


def everything(sentence: str, pieces: Sequence[Piece]) -> bool:
    return not any(piece is LIFT or piece is TABLE for piece in pieces)


def reply(**changes: object) -> Reply:
    parts: dict[str, object] = {
        "exercise": Exercise("cuad", "d", "When is the rent due?", (LIFT, RENT, TABLE)),
        "answer": (Written("The rent has to be paid within 14 days of the invoice.", (2,)),),
        "also": (),
        "wrong": (Written("The lift is serviced in June.", (1,), "date"),),
    }
    return Reply(**parts | changes)  # type: ignore[arg-type]


def rows(replied: Reply, seeds: int = 60) -> list[Row]:
    return [row for seed in range(seeds) for row in conversations([replied], everything, seed)]


def cited(row: Row) -> list[Piece]:
    return [row.pieces[int(number) - 1] for number in re.findall(r"\[(\d)\]", row.reply)]


def test_a_reply_keeps_pointing_at_its_source_in_any_order() -> None:
    answers = [row for row in rows(reply()) if row.kind == "answer"]
    assert {row.pieces.index(RENT) for row in answers} == {0, 1, 2}
    assert {len(row.pieces) for row in answers} == {2, 3}
    assert all(cited(row) == [RENT] for row in answers)
    assert all(
        re.fullmatch(r"The rent has to be paid within 14 days of the invoice \[\d\]\.", row.reply) for row in answers
    )


def test_without_the_cited_source_nothing_is_found() -> None:
    found = [row for row in rows(reply()) if row.kind == "without_gold"]
    assert found
    assert all(RENT not in row.pieces and row.reply == NOT_FOUND for row in found)
    told_elsewhere = [row for seed in range(60) for row in conversations([reply()], lambda *_: True, seed)]
    assert not [row for row in told_elsewhere if row.kind == "without_gold"]


def test_planted_instructions_change_a_source_and_not_the_reply() -> None:
    planted = [row for row in rows(reply()) if row.kind == "planted"]
    assert planted
    for row in planted:
        (changed,) = [piece for piece in row.pieces if piece not in (RENT, LIFT, TABLE)]
        assert len(changed.text) > 40
        assert "within 14 days" in row.reply


def test_two_versions_are_both_told_the_newer_first() -> None:
    versions = [row for row in rows(reply()) if row.kind == "versions"]
    assert versions
    for row in versions:
        new, old = cited(row)
        assert int(new.heading[-5:-1]) == int(old.heading[-5:-1]) + 1
        assert "within 14 days" in new.text
        assert "within 14 days" not in old.text


def test_what_the_gate_does_not_pass_does_not_enter() -> None:
    assert list(conversations([reply()], lambda *_: False, 0)) == []
    assert [row.reply for row in conversations([reply(answer=())], lambda *_: False, 0)] == [NOT_FOUND]


def test_the_worse_reply_is_unsupported_or_miscited() -> None:
    worse = {text for seed in range(40) for _, text in preferences([reply()], everything, seed)}
    assert "The lift is serviced in June [1]." in worse
    assert any("within 14 days" in text and "[2]" not in text for text in worse)


def test_the_prompt_is_that_of_the_service_and_tables_look_as_parsed() -> None:
    system, user = Row("answer", "d", "What costs the lift?", (TABLE,), "20 [1].").messages(load_prompt(PROMPT))
    assert "NOT FOUND" in system["content"]
    assert user["content"] == "[1] Item | Fee\nLift | 20\n\nQuestion: What costs the lift?"


@pytest.mark.parametrize("text", ["plain text", "no | bars at the ends"])
def test_other_text_stays(text: str) -> None:
    assert rows_of(text) == text
