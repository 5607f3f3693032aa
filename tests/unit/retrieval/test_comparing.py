"""What is asked of each document of a comparison, and of each thing that a question lists."""

from __future__ import annotations

import pytest

from retrieval.understanding import understand
from retrieval.understanding.comparing import compared

NAMES = ("Acme lease", "Beta lease")


@pytest.mark.parametrize(
    ("question", "of_each"),
    [
        ("How does the notice period in the Acme lease differ from the one in the Beta lease?",
         "What is the notice period in the {}?"),
        ("How do the fees under the Acme lease compare with those under the Beta lease?", "What are the fees under the {}?"),
        ("Which of the Acme lease and the Beta lease has the longer term?", "What is the term in the {}?"),
        ("Which lease has the higher rent, the Acme lease or the Beta lease?", "What is the rent in the {}?"),
        ("Which of the Acme lease and the Beta lease allows subletting?", "Does the {} allow subletting?"),
        ("Which lasts longer, the Acme lease or the Beta lease?", "How long does the {} last?"),
        ("Do both the Acme lease and the Beta lease allow subletting?", "Does the {} allow subletting?"),
        ("Are the Acme lease and the Beta lease both governed by New York law?", "Is the {} governed by New York law?"),
        ("How do the Acme lease and the Beta lease differ as to the notice period?", "What is the notice period in the {}?"),
        ("What is the difference between the rent in the Acme lease and that in the Beta lease?", "What is the rent in the {}?"),
        ("What is the difference in rent between the Acme lease and the Beta lease?", "What does the {} say about rent?"),
        ("Compare the Acme lease and the Beta lease on assignment.", "What does the {} say about assignment?"),
        ("Compare how much notice ends the Acme lease and the Beta lease.", "How much notice ends the {}?"),
        ("Is the term in the Acme lease longer than in the Beta lease?", "What is the term in the {}?"),
        ("Is the governing law the same in the Acme lease and the Beta lease?", "What is the governing law in the {}?"),
        ("Do the Acme lease and the Beta lease have the same governing law?", "What is the governing law in the {}?"),
        ("What is the rent in the Acme lease, and what is it in the Beta lease?", "What is the rent in the {}?"),
        ("Under the Acme lease and the Beta lease, who pays taxes?", "Under the {}, who pays taxes?"),
    ],
)  # fmt: skip
def test_a_comparison_asks_the_same_of_each_document(question: str, of_each: str) -> None:
    assert compared(question, NAMES) == tuple(of_each.format(name) for name in NAMES)


@pytest.mark.parametrize(
    "question",
    [
        "Does the Acme lease replace the Beta lease?", "How does the Acme lease compare with the Beta lease?",
        "Is there an agreement between the Acme lease and the Beta lease?", "What is the rent in the Acme lease?",
    ],
)  # fmt: skip
def test_where_it_is_not_plain_what_is_asked_of_each_nothing_is(question: str) -> None:
    assert compared(question, NAMES) == ()


def test_three_documents_are_compared_but_not_four() -> None:
    names = ["Acme lease", "Beta lease", "Gamma lease", "Delta lease"]
    asked = "What is the rent in the {}, the {} and the {}?"
    assert compared(asked.format(*names[:3]), names) == tuple(f"What is the rent in the {name}?" for name in names[:3])
    assert compared("What is the rent in the {}, the {}, the {} and the {}?".format(*names), names) == ()


def test_names_of_parties_will_do() -> None:
    assert compared("Which of Acme and Beta Bank has the longer term?", ["Acme", "Beta Bank"]) == (
        "What is the term in Acme?", "What is the term in Beta Bank?",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Which law governs the Acme consulting agreement and which the Beta one?",
         ("Which law governs the Acme consulting agreement?", "Which law governs the Beta agreement?")),
        ("How long is the first term of the Acme alliance with Delta, and of Beta's alliance with Gamma?",
         ("How long is the first term of the Acme alliance with Delta?",
          "How long is the first term of Beta's alliance with Gamma?")),
        ("Which state's law governs the Acme deal, and which Beta's with Gamma?",
         ("Which state's law governs the Acme deal?", "Which state's law governs Beta's with Gamma?")),
        ("How many people did Acme employ at the end of 2015 and at the end of 2019?",
         ("How many people did Acme employ at the end of 2015?", "How many people did Acme employ at the end of 2019?")),
        ("How much cash does the licence pay for 2020, and how many shares?",
         ("How much cash does the licence pay for 2020?", "How many shares does the licence pay for 2020?")),
        ("How long does the Acme deal run, and under which state's law?",
         ("How long does the Acme deal run?", "Under which state's law does the Acme deal run?")),
        ("How does the deposit for the barn compare with our usual deposits?",
         ("What is the deposit for the barn?", "What are our usual deposits?")),
        ("Per Acme's 10-K for 2021, how many people did it employ and what was its tax rate?",
         ("Per Acme's 10-K for 2021, how many people did it employ?", "Per Acme's 10-K for 2021, what was its tax rate?")),
    ],
)  # fmt: skip
def test_what_the_second_half_leaves_out_is_said_again(question: str, parts: tuple[str, ...]) -> None:
    assert understand(question).parts == parts


@pytest.mark.parametrize(
    "question",
    [
        "How much money may we lend the bank, and for how long?", "Which tenant pays rent and which Seller pays taxes?",
        "How does the deposit compare with that of the barn?", "Which company do we buy and for how much?",
        "Is the tenant liable for rent, and for taxes?",
    ],
)  # fmt: skip
def test_what_cannot_be_said_again_is_left(question: str) -> None:
    from retrieval.understanding.gaps import completed

    assert completed(question) == ()


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("What are the term and the renewal notice of the Kestrel lease?",
         ("What is the term of the Kestrel lease?", "What is the renewal notice of the Kestrel lease?")),
        ("What are the royalty rate and minimum royalty under the Acme license?",
         ("What is the royalty rate under the Acme license?", "What is the minimum royalty under the Acme license?")),
        ("In the Kestrel lease, what are the rent, the deposit and the fees?",
         ("In the Kestrel lease, what is the rent?", "In the Kestrel lease, what is the deposit?",
          "In the Kestrel lease, what are the fees?")),
        ("Who are the licensor and the licensee?", ("Who is the licensor?", "Who is the licensee?")),
        ("What was the revenue and the net loss of Acme in 2019?",
         ("What was the revenue of Acme in 2019?", "What was the net loss of Acme in 2019?")),
        ("Who owns the improvements and for how long is confidentiality owed?",
         ("Who owns the improvements?", "For how long is confidentiality owed?")),
        ("Compare the rent and the deposit in the Acme lease and the Beta lease.",
         ("What is the rent in the Acme lease?", "What is the deposit in the Acme lease?",
          "What is the rent in the Beta lease?", "What is the deposit in the Beta lease?")),
    ],
)  # fmt: skip
def test_things_that_are_listed_are_asked_for_one_by_one(question: str, parts: tuple[str, ...]) -> None:
    assert understand(question).parts == parts
