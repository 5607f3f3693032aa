"""What a model writes in the place of a follow-up is asked only if it is the asker's own."""

from __future__ import annotations

import pytest

from retrieval.understanding.follow_ups import bare, in_full
from retrieval.understanding.rewritings import is_own

RENT = "What is the rent of Unit 7?"
REPORT = "Must Kestrel report an excursion to the landlord?"


@pytest.mark.parametrize(
    ("question", "earlier", "written"),
    [
        ("And who pays it?", [RENT], "Who pays the rent of Unit 7?"),
        ("Who pays it?", [RENT], "Who pays the rent of Unit 7?"),
        ("What about Unit 8?", [RENT], "What is the rent of Unit 8?"),
        ("And for Unit 8?", [RENT], "What is the rent of Unit 8?"),
        ("Thanks. And when is it due?", [RENT, "What about Unit 8?"], "When is the rent of Unit 8 due?"),
        ("Why?", [REPORT], "Why must Kestrel report an excursion to the landlord?"),
        ("Why not?", ["May a visitor take photographs?"], "Why may a visitor not take photographs?"),
        ("By whom?", ["When was the Kestrel lease signed?"], "By whom was the Kestrel lease signed?"),
        ("Who signed them?", ["Which of Kestrel's leases end in 2025?"], "Who signed Kestrel's leases?"),
    ],
)
def test_a_rewriting_in_the_askers_words_is_taken(question: str, earlier: list[str], written: str) -> None:
    assert is_own(written, question, earlier)


@pytest.mark.parametrize(
    ("question", "earlier", "written"),
    [
        ("And who pays it?", [RENT], "Who pays the rent of 500 euros of Unit 7?"),  # a figure of an answer
        ("And who pays it?", [RENT], "Who pays the rent of Unit 7 under the Kestrel lease?"),  # a name of an answer
        ("And who pays it?", [RENT], "What is the rent of Unit 7?"),  # the earlier question again
        ("And who pays it?", [RENT], "Who pays it?"),  # it does not stand alone
        ("And who pays it?", [RENT], "The tenant pays the rent of Unit 7."),  # an answer
        ("And who pays it?", [RENT], "Who pays the rent of Unit 7?\nWho pays?"),
        ("And who pays it?", [RENT], ""),
        ("And to suppliers?", ["What may be given to customers?"], "What may be given to customers? And to suppliers?"),
        ("And by the tenant?", [REPORT], "Must the tenant report an excursion to the landlord?"),  # "by" is lost
        ("And before 2020?", ["What was the rent after 2019?"], "What was the rent after 2020?"),
        ("And Unit 9?", ["Which costs may not be passed on in Unit 7?"], "Which costs may be passed on in Unit 9?"),
        ("Why?", [REPORT], "Why must Kestrel never report an excursion to the landlord?"),
        ("And who pays it?", [RENT], f"Who pays {'the rent of ' * 40}Unit 7?"),
    ],
)  # fmt: skip
def test_any_other_is_not(question: str, earlier: list[str], written: str) -> None:
    assert not is_own(written, question, earlier)


def test_the_rule_tells_where_it_has_the_whole_question() -> None:
    assert (
        in_full("And in London?", ["What can I spend on a hotel in Oslo?"]) == "What can I spend on a hotel in London?"
    )
    assert in_full("And who pays it?", [RENT]) == ""
    assert in_full("And in London?", [RENT, "And in Oslo?"]) == ""


def test_what_joins_a_question_to_another_is_taken_off() -> None:
    assert bare("Thanks! And what about Unit 8?") == "Unit 8?"
    assert bare("Why not?") == "Why not?"
