"""Terms that are no names, and parties called by their roles."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from generation.gate.checking import Checker
from generation.gate.figures import missing
from generation.gate.gate import CascadeGate
from generation.gate.particulars import names
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
        "The Net Sales are counted each quarter.",
        "When the Purchaser pays, the Royalty Fee falls due.",
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
        ("When Target pays the fee, it is final.", "Target"),
        ("The fee is owed to Best Buy.", "Best"),
        ("The fee is owed to Standard Life.", "Life"),
        ("It was signed by Grace May.", "Grace"),
        ("It is a product of General Electric.", "Electric"),
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


@pytest.mark.parametrize(
    "opening",
    [
        'Alpha Pumps Inc. (the "Company") and Beta Valves Ltd. (the "Company")',
        'Alpha Pumps Inc. and Beta Valves Ltd. (each, a "Member")',
        'Beta Valves Ltd., a subsidiary of Alpha Pumps Inc. (the "Buyer")',
        'Beta Valves Ltd., acting through its agent Alpha Pumps Bank (the "Purchaser")',
        'Mr. Jones, the chief officer of Alpha Pumps Inc. (the "Officer")',
        'Mr. Jones, of Alpha Pumps, (the "Officer")',
    ],
)
def test_a_role_that_is_not_plain_is_nobodys(opening: str) -> None:
    """A wrong one would let a claim about one party pass on what is said of another."""
    evidence = "The Company, the Buyer, the Member, the Purchaser and the Officer shall pay."
    assert parties(opening) == ()
    assert in_its_words("Alpha Pumps pays.", evidence, opening) == "Alpha Pumps pays."


@pytest.mark.parametrize(
    ("opening", "claim", "evidence"),
    [
        ('Ostrava Bank (the "Bank")', "Ostrava Bank pays the fee.", "Deutsche Bank shall pay the fee."),
        ('Foo Valves Inc. (the "Agent")', "Foo Valves pays the fee.", "The Escrow Agent shall pay the fee."),
        ('Foo Valves Inc. (the "Agent")', "Foo Valves pays the fee.", "Each Sub-Agent shall pay the fee."),
        ('First Trust (the "Lender")', "First, interest is paid.", "The Lender is paid interest first."),
        ('Foo Valves Inc. ("Foo", the "Client")', "Foo Holdings pays.", "The Client pays."),
    ],
)
def test_a_role_of_somebody_else_is_not_taken_for_it(opening: str, claim: str, evidence: str) -> None:
    assert in_its_words(claim, evidence, opening) == claim


def test_roles_are_those_of_the_document_that_the_span_is_taken_from(source: Any, context: Any) -> None:
    """Two leases: what the tenant of the other one pays, who is not named, is not what Brontel pays."""
    leases = [
        'Acme Retail Ltd. (the "Landlord") and Brontel Foods Inc. (the "Tenant"). The Tenant shall pay 5,000 euros.',
        "Lease of the mill. The Tenant shall pay 9,000 euros.",
    ]
    read: list[str] = []

    class Reader:
        name = "reader"

        def entailment(self, evidence: str, claim: str) -> Entailment:
            read.append(claim)
            return Entailment(0.0, 1.0, 0.0)

    shown = context(source(leases[0]), source(leases[1], name="other"))
    gate = CascadeGate(Reader(), Limits(0.5, 0.5, 0.5))
    asyncio.run(
        gate.check("Brontel Foods pays 9,000 euros [1][2].", shown, dict(enumerate(leases, 1)), "", opening=True)
    )
    assert read
    assert all("Brontel Foods" in claim for claim in read)


def test_the_terms_of_a_claim_are_sought_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for each name that is lacking: long claims took minutes."""
    sought: list[str] = []
    monkeypatch.setattr(names, "terms", lambda text: sought.append(text) or set())
    assert len(missing("It pays Aaron, Bettina, Conrad and Doris.", "Nobody pays.", "Nobody pays.")) == 4
    assert len(sought) == 1


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
