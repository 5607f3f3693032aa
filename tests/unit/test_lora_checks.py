"""Rows for the gate's questions to a language model; and rows that share words with a benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.judge.data.exercises import Exercise, Piece
from generation.judge.data.written import Reply, Written
from generation.lora.checks import COUNT, JUDGE, NO, RELEVANCE, YES, Check, Checks
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
SERVICED = "The landlord has the lift serviced in May of each year."


class Words:
    """Scores by the words that question and text share, less so many that it is never sure."""

    name = "words"

    def __init__(self, less: int = 4) -> None:
        self._less = less

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        wanted = set(query.lower().split())
        return np.array([len(wanted & set(text.lower().split())) - self._less for text in texts], dtype=np.float32)


def made(*replied: Reply, support: float = 0.05, less: int = 4, seeds: int = 20) -> list[Check]:
    return [
        row
        for seed in range(seeds)
        for row in Checks(lambda _sentence, _pieces: support, Words(less), seed).rows(replied, replied)
    ]


def test_claims_are_judged_on_what_they_cite() -> None:
    rows = {row.blanks["claim"]: row for row in made(ANSWERED) if row.kind == JUDGE}
    assert {claim: row.reply for claim, row in rows.items()} == {
        "The rent is due within 14 days.": YES,
        "The rent is 500 euros.": YES,
        "The rent is 600 euros.": NO,
    }
    assert {row.blanks["evidence"] for row in rows.values()} == {f"{RENT.heading}\n{RENT.text}"}


def test_claims_that_the_figures_stop_never_reach_the_judge() -> None:
    assert not [row for row in made(ANSWERED, support=0.0) if row.kind == JUDGE]


def test_half_of_the_claims_are_those_that_the_judge_is_least_sure_of() -> None:
    wrong = tuple(Written(f"The rent is {number} euros.", (1,), "number") for number in range(4 * COUNT))
    replied = replace(ANSWERED, wrong=wrong)

    def support(sentence: str, _pieces: Sequence[Piece]) -> float:
        return 0.5 if sentence[12:-7].isdigit() and int(sentence[12:-7]) < COUNT // 2 else 0.01

    rows = Checks(support, Words(), 0).rows([replied], [replied])
    asked = [row.blanks["claim"] for row in rows if row.reply == NO and row.kind == JUDGE]
    assert len(asked) == COUNT
    assert {said.text for said in wrong[: COUNT // 2]} <= set(asked)


def test_beside_the_question_are_sentences_that_do_not_answer_and_answers_of_other_documents() -> None:
    rows = [row for row in made(ANSWERED, ABSENT) if row.kind == RELEVANCE]
    assert {(row.document, row.blanks["claim"], row.reply) for row in rows} == {
        ("d", "The rent is due within 14 days.", YES),
        ("d", SERVICED, NO),
        ("e", SERVICED, NO),
        ("e", "The rent is due within 14 days.", NO),
    }


def test_what_the_reranker_is_sure_of_is_not_asked() -> None:
    assert not [row for row in made(ANSWERED, ABSENT, less=0) if row.kind == RELEVANCE]
    assert not [row for row in made(ANSWERED, ABSENT, less=9) if row.kind == RELEVANCE]


def test_a_sentence_that_may_say_the_same_is_not_called_beside_the_question() -> None:
    rows = [row for row in made(ANSWERED, support=0.5) if row.kind == RELEVANCE]
    assert {row.reply for row in rows} == {YES}


@pytest.mark.parametrize("kind", [JUDGE, RELEVANCE])
def test_the_prompts_are_those_of_the_gate(kind: str) -> None:
    row = next(row for row in made(ANSWERED, ABSENT) if row.kind == kind)
    asked = load_prompt(row.prompt).messages(**row.blanks)
    assert "Yes or No" in asked[-1].content
    assert all(value in asked[-1].content for value in row.blanks.values())


def test_a_run_of_thirteen_words_is_shared_and_a_whole_question() -> None:
    words = [f"w{number}" for number in range(WORDS + 2)]
    asked = grams([" ".join(words), "Who pays for the old lift?", "Who pays?"])
    assert asked & grams(["other " + ", ".join(words[1 : WORDS + 1]).upper()])
    assert asked & grams(["who pays for the old lift"])
    assert not asked & grams([" ".join([*words[: WORDS - 1], "other", *words[WORDS:]])])
    assert not asked & grams(["Who pays for the old lift now?", "Who pays?"])
