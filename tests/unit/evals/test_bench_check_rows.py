"""Suite "checks" of `footnote bench generation`: its rows, the gate's questions to a language model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.suites.generation.check_rows import COUNT, JUDGE, NO, RELEVANCE, YES, Check, Checks, asked_by
from generation.gate.checking import Checker
from generation.prompts import load_prompt
from generation.training.data.exercises import Exercise, Piece
from generation.training.data.written import Reply, Written
from generation.types import Entailment, Limits

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


def asked(sentence: str, pieces: Sequence[Piece]) -> Sequence[tuple[str, str]]:
    return [(pieces[0].heading, sentence)]


def made(*replied: Reply, support: float = 0.05, less: int = 4, seeds: int = 20) -> list[Check]:
    return [
        row
        for seed in range(seeds)
        for row in Checks(lambda _sentence, _pieces: support, asked, Words(less), seed).rows(replied)
    ]


def test_what_the_gate_would_ask_becomes_a_row_with_its_answer() -> None:
    rows = {row.blanks["claim"]: row for row in made(ANSWERED) if row.kind == JUDGE}
    assert {claim: row.reply for claim, row in rows.items()} == {
        "The rent is due within 14 days.": YES,
        "The rent is 500 euros.": YES,
        "The rent is 600 euros.": NO,
    }
    assert {row.blanks["evidence"] for row in rows.values()} == {RENT.heading}


def test_a_wrong_sentence_of_several_claims_is_left_out_since_one_of_them_may_be_true() -> None:
    both = Written("The rent is 600 euros and the landlord has the lift serviced in May.", (1, 2), "number")
    rows = [row for row in made(replace(ANSWERED, wrong=(both,))) if row.kind == JUDGE]
    assert {row.reply for row in rows} == {YES}


def test_of_each_answer_there_are_so_many_at_most() -> None:
    wrong = tuple(Written(f"The rent is {number} euros.", (1,), "number") for number in range(2 * COUNT))
    rows = made(replace(ANSWERED, wrong=wrong), seeds=1)
    assert len([row for row in rows if row.kind == JUDGE and row.reply == NO]) == COUNT


class Overlap:
    """Entails by the share of the claim's words that the evidence has."""

    name = "overlap"

    def entailment(self, evidence: str, claim: str) -> Entailment:
        words = re.findall(r"\w+", claim.lower())
        share = sum(word in evidence.lower() for word in words) / len(words)
        return Entailment(share, 1.0 - share, 0.0)


def test_the_gate_asks_for_each_claim_of_a_sentence_with_the_window_that_its_judge_ended_on() -> None:
    text = "The rent is 500 euros.\n" + "The house is old.\n" * 5 + "The landlord has the lift serviced in May."
    long = Piece("d", "Lease > Rules", text)
    ask = asked_by(Checker(Overlap(), Limits(ship=0.95, grey=0.5, conflict=0.9)))
    sentence = "The rent is 500 euros monthly and the landlord has the lift serviced each May."
    assert ask(sentence, [long]) == [
        ("Lease > Rules\nThe rent is 500 euros.", "The rent is 500 euros monthly."),
        ("Lease > Rules\nThe landlord has the lift serviced in May.", "The landlord has the lift serviced each May."),
    ]
    assert ask("The rent is 500 euros.", [long]) == []  # sure
    assert ask("Dogs and cats sleep outside.", [long]) == []  # as sure that it is not there
    assert ask("The rent is 600 euros monthly.", [long]) == []  # the figures stop it


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
    asked = load_prompt(row.kind).messages(**row.blanks)
    assert "Yes or No" in asked[-1].content
    assert all(value in asked[-1].content for value in row.blanks.values())
