"""How found facts are held against experts' labels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.datasets.facts import cuad
from evals.suites.ingestion.run_facts import same
from ingest.types import FactKind


@pytest.mark.parametrize(
    ("kind", "value", "label", "equal"),
    [
        (FactKind.AGREEMENT_DATE, "2019-05-04", "2019-05-04", True),
        (FactKind.AGREEMENT_DATE, "2019-05-04", "2019-05-05", False),
        (FactKind.PARTY, "Acme & Sons, Inc.", "ACME AND SONS INC", True),
        (FactKind.PARTY, "The Acme Company", "Acme", True),
        (FactKind.PARTY, "Beta Acme", "Acme", False),
        (FactKind.GOVERNING_LAW, "Germany", "Federal Republic of Germany", True),
        (FactKind.GOVERNING_LAW, "England and Wales", "England; Wales", True),
        (FactKind.GOVERNING_LAW, "North Carolina", "South Carolina", False),
        (FactKind.DOCUMENT_KIND, "supply agreement", "Master Supply Agreement", True),
        (FactKind.DOCUMENT_KIND, "agreement", "Supply Agreement", False),
        (FactKind.DOCUMENT_KIND, "trademark license agreement", "FORM OF TRADEMARK LICENSE AGREEMENT", True),
    ],
)
def test_what_counts_as_the_same(kind: FactKind, value: str, label: str, equal: bool) -> None:
    assert same(kind, value, label) is equal


def test_labels_in_normal_form(tmp_path: Path) -> None:
    rows = [
        {"pdf": name, "category": category, "answers": answers, "evidence": [{"text": "marked"}]}
        for name in ("a.pdf", "b.pdf", "c.pdf")
        for category, answers in (
            ("Parties", ['Acme Inc. ("Acme"); Beta d/b/a Gamma ("B"); Acme and Beta (collectively, the "Parties")']),
            ("Agreement Date", ["7/26/13"]),
            ("Effective Date", ["[]/[]/2004"]),
            ("Expiration Date", []),
        )
    ]
    (tmp_path / "cuad").mkdir()
    (tmp_path / "cuad" / "qa.jsonl").write_text("\n".join(map(json.dumps, rows)))
    dev, test = list(cuad(tmp_path, "dev")), list(cuad(tmp_path, "test"))
    assert ([one.name for one in dev], [one.name for one in test]) == (["a.pdf", "c.pdf"], ["b.pdf"])
    gold = dev[0].gold
    assert gold[FactKind.PARTY] == ("Acme Inc", "Beta")
    assert (gold[FactKind.AGREEMENT_DATE], gold[FactKind.EFFECTIVE_DATE]) == (("2013-07-26",), ())
