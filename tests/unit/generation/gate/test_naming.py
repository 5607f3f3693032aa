"""Documents named in full, said as they speak of themselves; the names are still checked."""

from __future__ import annotations

import pytest

from generation.gate.checking import Checker
from generation.gate.naming import unnamed
from generation.types import Entailment, Limits

LIMITS = Limits(ship=0.8, grey=0.5, conflict=0.9)


@pytest.mark.parametrize(("claim", "said"), [
    ("The Reseller Agreement between PivX Corporation and Detto, Inc. is governed by Ohio law.", "This Agreement is governed by Ohio law."),
    ("In the Lease between Ana Lopez and Mill Lane Ltd, the rent is 500 euros.", "The rent is 500 euros."),
    ("Rent is due under the Lease of Unit Seven on Mondays.", "Rent is due under this Lease on Mondays."),
    ("The agreement between the parties ends in May.", "The agreement between the parties ends in May."),
    ("Anna signs the Lease.", "Anna signs the Lease."),
    ("The Plan ends.", "The Plan ends."),
])  # fmt: skip
def test_a_named_document_becomes_this_one(claim: str, said: str) -> None:
    assert unnamed(claim) == said


class Recording:
    """Entails everything and keeps the claims that it was shown."""

    name = "recording"

    def __init__(self) -> None:
        self.claims: list[str] = []

    def entailment(self, evidence: str, claim: str) -> Entailment:
        self.claims.append(claim)
        return Entailment(0.9, 0.1, 0.0)


def test_the_judge_reads_this_lease_only_if_the_document_holds_the_names() -> None:
    model = Recording()
    claim = "The Lease between Ana Lopez and Mill Lane Ltd ends in May."
    evidence, document = "This Lease ends in May.", "Lease of Ana Lopez from Mill Lane Ltd. This Lease ends in May."
    assert Checker(model, LIMITS).weigh(claim, [evidence], document, [document]).judgement.passed
    assert model.claims == ["This Lease ends in May."]
    smith = document.replace("Lopez", "Smith")
    other = Checker(model, LIMITS).weigh(claim, [evidence], smith, [smith]).judgement
    assert (other.stage, other.passed) == ("figures", False)
