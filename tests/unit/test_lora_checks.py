"""Rows for the gate's questions to a language model; and rows that share words with a benchmark."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.judge.data.exercises import Exercise, Piece
from generation.judge.data.written import Reply, Written
from generation.lora.checks import JUDGE, NO, RELEVANCE, YES, Checks, Row
from generation.lora.contamination import WORDS, grams
from generation.prompts import load_prompt

RENT = Piece("d", "Lease > Rent", "The rent is 500 euros. It is due within 14 days of the invoice.")
LIFT = Piece("d", "Lease > Lift", "The lift is in the hall. The landlord has the lift serviced in May of each year.")
TABLE = Piece("d", "", "| Item | Fee |\n| Lift service in May | 20 |")
ANSWERED = Reply(
    Exercise("cuad", "d", "When is the lift serviced?", (RENT, LIFT, TABLE)),
    (Written("The rent is due within 14 days.", (1,)),),
    (Written("The rent is 500 euros.", (1,)),),
    (Written("The rent is 600 euros.", (1,), "number"),),
)
ABSENT = Reply(Exercise("cuad", "e", "Who pays for the lift?", (LIFT, TABLE)), (), (), ())


class Words:
    """Scores by the words that question and text share."""

    name = "words"

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        wanted = set(query.lower().split())
        return np.array([len(wanted & set(text.lower().split())) for text in texts], dtype=np.float32)


def whole(_question: str, pieces: Sequence[Piece], _budget: int) -> Sequence[Piece | None]:
    return pieces


def made(*replied: Reply, support: float = 0.0) -> list[Row]:
    return list(Checks(lambda _sentence, _pieces: support, whole, Words(), 0).rows(replied, replied))


def test_claims_are_judged_on_what_they_cite() -> None:
    rows = {row.blanks["claim"]: row for row in made(ANSWERED) if row.kind == JUDGE}
    assert {claim: row.reply for claim, row in rows.items()} == {
        "The rent is due within 14 days.": YES,
        "The rent is 500 euros.": YES,
        "The rent is 600 euros.": NO,
    }
    assert {row.blanks["evidence"] for row in rows.values()} == {f"{RENT.heading}\n{RENT.text}"}


def test_beside_the_question_is_the_nearest_sentence_that_does_not_answer() -> None:
    rows = [row for row in made(ANSWERED, ABSENT) if row.kind == RELEVANCE]
    assert {(row.document, row.blanks["claim"], row.reply) for row in rows} == {
        ("d", "The rent is due within 14 days.", YES),
        ("d", "The landlord has the lift serviced in May of each year.", NO),
        ("e", "The landlord has the lift serviced in May of each year.", NO),
    }


def test_a_sentence_that_may_say_the_same_is_not_called_beside_the_question() -> None:
    rows = [row for row in made(ANSWERED, support=0.5) if row.kind == RELEVANCE]
    assert [row.reply for row in rows] == [YES]


@pytest.mark.parametrize("kind", [JUDGE, RELEVANCE])
def test_the_prompts_are_those_of_the_gate(kind: str) -> None:
    row = next(row for row in made(ANSWERED, ABSENT) if row.kind == kind)
    asked = load_prompt(row.prompt).messages(**row.blanks)
    assert "Yes or No" in asked[-1].content
    assert all(value in asked[-1].content for value in row.blanks.values())


def test_a_run_of_thirteen_words_is_shared() -> None:
    words = [f"w{number}" for number in range(WORDS + 2)]
    asked = grams([" ".join(words)])
    assert asked & grams(["other " + ", ".join(words[1 : WORDS + 1]).upper()])
    assert not asked & grams([" ".join([*words[: WORDS - 1], "other", *words[WORDS:]])])
