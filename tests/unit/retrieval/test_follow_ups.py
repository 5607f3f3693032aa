"""Questions that go on from an earlier one, and how they are put together with it."""

from __future__ import annotations

import pytest

from retrieval.text.queries import MAX_QUERY_CHARS
from retrieval.understanding import understand
from retrieval.understanding.follow_ups import MOST_CARRIED, carried_on, follows

RENT = "What is the rent of Unit 7?"


@pytest.mark.parametrize(
    "question",
    [
        "And who pays it?", "Who pays it?", "When is it due?", "Can the tenant sublet it?", "What about Unit 8?", "Why?",
        "Why not?", "How long?", "Which law?", "For the tenant?", "In 2024?", "And in the Beta lease?", "By whom?",
        "Does that include VAT?", "What happens after that?", "Who signed them?", "Tell me more", "More details, please",
        "Explain.", "Who else?", "Is it the same for the Beta lease?", "What are its limits?", "Is that correct?",
        "Under that agreement, who insures?", "Thanks. And what is the deposit?", "What does this mean?",
        "What did you mean by your last answer?", "Who works there?", "How much is it?", "Are they insured?",
        "What happens without one?", "Who may ask for one?", "So what is the deposit?", "Which one is longer?", "and who pays it",
    ],
)  # fmt: skip
def test_what_leaves_out_or_points_elsewhere_follows(question: str) -> None:
    assert follows(question)


@pytest.mark.parametrize(
    "question",
    [
        "What is the notice period in the Kestrel lease?", "How much is the deposit and when is it returned?",
        "Does the supplier insure its goods?", "Do tenants insure their goods?", "Is there a break clause?",
        "What happens if the tenant fails to pay before it is due?", "What was revenue this year?", RENT,
        "Who signed the agreement that the tenant terminated?", "notice period", "force majeure", "Who is the CFO?",
        "How long does it take to get approval?", "Is it possible to sublet?", "Thanks. What is the rent of Unit 7?",
        "May Ostara's developers use an outside AI code generator on our firmware?", "What notice must we give?",
        "Which of the two pumps is the newer one?", "Is the 2019 lease a long one?", "Which contracts renew by themselves?", "When must Kestrel repeat a mock recall?", "When is the rent due?",
        "What rights do those who resign have?", "Must Meridian repair the roof when it leaks?", "",
        "How often are the T2 pumps serviced?", "Was kostet die Miete, und wer bezahlt sie?",
        "What is the penalty if Kestrel does not deliver on the date that the parties agreed?",
        "It rained for days. " * 20,
    ],
)  # fmt: skip
def test_what_says_all_that_it_needs_stands_alone(question: str) -> None:
    assert not follows(question)


@pytest.mark.parametrize(
    ("question", "earlier", "searched"),
    [
        ("And who pays it?", [RENT], "About the rent of Unit 7: who pays it?"),
        ("Thanks! And who pays it?", [RENT], "About the rent of Unit 7: who pays it?"),
        ("And which the Beta one?", ["Which law governs the Acme lease?"], "Which law governs the Beta lease?"),
        ("And of the Beta lease?", ["How long is the term of the Acme lease?"], "How long is the term of the Beta lease?"),
        ("And in London?", ["What can I spend on a hotel in Oslo?"], "What can I spend on a hotel in London?"),
        (
            "And of band 5?",
            ["What is the top of the band 4 pay range?"],
            "What is the top of the band 5 pay range?",
        ),
        ("What about Unit 8?", [RENT], "What is the rent of Unit 8?"),
        (
            "And who approves it?",
            ["What is charged for a spare key?"],
            "About what is charged for a spare key: who approves it?",
        ),
        ("Why?", ["Must Kestrel report an excursion?"], "About must Kestrel report an excursion: why?"),
    ],
)  # fmt: skip
def test_a_follow_up_takes_along_what_it_is_about(question: str, earlier: list[str], searched: str) -> None:
    assert carried_on(question, earlier) == (searched, tuple(earlier))


def test_the_questions_back_to_the_one_that_stands_alone_are_taken_along() -> None:
    earlier = ["Who is the CFO?", RENT, "What about Unit 8?"]
    assert carried_on("And who pays it?", earlier) == (
        "About the rent of Unit 7, Unit 8: who pays it?",
        (RENT, "What about Unit 8?"),
    )


def test_what_stands_alone_is_asked_as_it_is() -> None:
    assert carried_on(RENT, ["Who is the CFO?"]) == (RENT, ())
    assert carried_on("And who pays it?", []) == ("And who pays it?", ())


def test_long_conversations_make_no_long_question() -> None:
    endless = [f"And what of {'the matter ' * 25}{n}?" for n in range(9)]
    searched, taken = carried_on("And who pays it?", endless)
    assert len(taken) == MOST_CARRIED
    assert len(searched) < MAX_QUERY_CHARS / 3


def test_it_is_one_question_of_the_document_that_was_named() -> None:
    searched, _ = carried_on("And who has to give it?", ["What is the notice period in the Kestrel lease?"])
    understood = understand(searched)
    assert understood.parts == ()
    assert understood.names(searched) == ["Kestrel lease"]
    assert understood.topic(searched) == "About the notice period who has to give it?"
