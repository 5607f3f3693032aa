"""Terms that are no names, and parties called by their roles."""

from __future__ import annotations

import pytest

from generation.gate.checking import Checker
from generation.gate.figures import missing
from generation.gate.particulars.common import terms
from generation.gate.particulars.roles import in_its_words, parties
from generation.training.data.common import common
from generation.types import Entailment, Limits

OPENING = (
    'This Agreement is made between Marwick Pumps Inc., a Delaware corporation with offices in Dover ("Marwick" or the '
    '"Distributor"), and Ostrava Valves Limited (the "Manufacturer"), on the terms of Annex A (the "Order").'
)


@pytest.mark.parametrize(
    "claim",
    [
        "The Receiving Party may not share it unless the Disclosing Party agrees.",
        "PURCHASER.",
        "The Recipient keeps it secret.",
        "Net Sales are counted each quarter.",
        "It is owed to each Licensee.",
    ],
)
def test_a_defined_term_is_no_name(claim: str) -> None:
    assert missing(claim, "It may not be disclosed.", "It may not be disclosed.") == []


@pytest.mark.parametrize(
    ("claim", "name"),
    [
        ("The fee is owed to Marwick.", "Marwick"),
        ("They pay Target a fee.", "Target"),
        ("The Bank of Ostrava pays.", "Ostrava"),
        ("It is governed by the laws of New York.", "York"),
    ],
)
def test_a_name_is_still_sought(claim: str, name: str) -> None:
    assert name in missing(claim, "It may not be disclosed.", "It may not be disclosed.")


def test_terms_keep_the_names_in_a_run_with_them() -> None:
    assert terms("The Marwick Group pays the Royalty Fee.") == {"Royalty", "Fee"}


def test_parties_and_their_roles() -> None:
    assert [(party.names, party.roles) for party in parties(OPENING)] == [
        (("Marwick Pumps Inc.", "Marwick Pumps", "Marwick"), ("Distributor",)),
        (("Ostrava Valves Limited", "Ostrava Valves"), ("Manufacturer",)),
    ]


@pytest.mark.parametrize(
    ("claim", "evidence", "said"),
    [
        (
            "Marwick pays Ostrava Valves 5%.",
            "Distributor shall pay Manufacturer five percent.",
            "The Distributor pays the Manufacturer 5%.",
        ),
        ("The Distributor pays.", "Marwick shall pay.", "Marwick pays."),
        ("Marwick pays.", "Marwick shall pay, as Distributor.", "Marwick pays."),
        ("Marwick's fee is due.", "Distributor owes a fee.", "The Distributor's fee is due."),
    ],
)
def test_a_claim_in_the_words_of_its_evidence(claim: str, evidence: str, said: str) -> None:
    assert in_its_words(claim, evidence, OPENING) == said


def test_the_judge_reads_the_party_as_the_evidence_calls_it() -> None:
    read: list[str] = []

    class Reader:
        name = "reader"

        def entailment(self, evidence: str, claim: str) -> Entailment:
            read.append(claim)
            return Entailment(1.0, 0.0, 0.0)

    Checker(Reader(), Limits(0.5, 0.5, 0.5)).check("Marwick pays 5%.", "Distributor shall pay 5%.", around=OPENING)
    assert read == ["The Distributor pays 5%."]


def test_common_words_stand_in_lower_case_in_several_texts() -> None:
    texts = ["the buyer and the Ostrava house, the buyer"] * 4 + ["the seller " * 20]
    assert {"buyer", "the"} <= set(common(texts))
    assert not {"ostrava", "seller"} & set(common(texts))
