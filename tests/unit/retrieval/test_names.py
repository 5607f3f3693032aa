"""Which documents a question names, over what the asker may read, and what is asked of them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ingest.types import Name, document_id
from retrieval.search.asking import asked_of
from retrieval.search.names import NameIndex
from retrieval.search.resolving import Resolved, resolve
from retrieval.types import KEY
from retrieval.understanding import understand
from retrieval.understanding.periods import periods


def contract(title: str, *parties: str, file: str = "") -> tuple[Name, ...]:
    return (
        Name("title", title, "", "page 1"),
        *([Name("file name", file, "", "file name")] if file else []),
        *(Name("party", party, "", "first pages") for party in parties),
    )


def report(issuer: str, form: str, *values: str) -> tuple[Name, ...]:
    title = f"{issuer}: Form {form}"
    stated = (Name("period", "period", value, "page 1") for value in values)
    return (
        Name("title", title, "", "page 1"),
        Name("issuer", issuer, "", "page 1"),
        Name("kind", form, form, "page 1"),
        *stated,
    )


DOCUMENTS = {
    "supply": contract("SUPPLY AGREEMENT", "Kestrel Robotics, Inc.", "Osprey Foods Limited", "Kestrel"),
    "lease": contract("LEASE", "Heron Estates LLC", "Kestrel Robotics, Inc."),
    "consulting": contract("CONSULTING AGREEMENT", "Wren Biotech, Inc.", "Wren"),
    "sponsor": contract(
        "SPONSORSHIP AGREEMENT", "Plover Motors Corp.", file="ACMECORP 20180406 8-K EX-10.1 Sponsorship Agreement"
    ),
    "k2016": report("MPHeron Gull & Co.", "10-K", "2016"),
    "k2017": report("MPHeron Gull & Co.", "10-K", "2017"),
    "k2018": report("MPHeron Gull & Co.", "10-K", "2018"),
    "q2": report("MPHeron Gull & Co.", "10-Q", "2018Q2"),
    "fiscal": report("The Tern-Sandpiper Company", "10-K", "2020", "~2021"),
}


def key_of(name: str) -> bytes:
    return uuid.UUID(document_id(name)).bytes + hashlib.sha256(name.encode()).digest()


class Source:
    def corrected(self, since: int) -> tuple[int, Sequence[bytes]]:
        return 0, ()

    def names(self, keys: Sequence[bytes]) -> list[tuple[Name, ...] | None]:
        return [DOCUMENTS[name] for key in keys for name in DOCUMENTS if key_of(name) == key]


def view(names: Sequence[str]) -> Any:
    keys = np.array([key_of(name) for name in names], KEY)
    part = SimpleNamespace(segment=SimpleNamespace(slot_keys=keys), slots=np.ones(len(keys), bool))
    return SimpleNamespace(segments=(part,), digest=" ".join(names))


def meant(question: str, index: NameIndex | None = None, names: Sequence[str] = tuple(DOCUMENTS)) -> Resolved:
    shown = (index or NameIndex(Source())).of(view(names))
    return resolve(question, shown, understand(question).named_spans(question))


def sources(resolved: Resolved) -> set[str]:
    return {name for name in DOCUMENTS if document_id(name) in resolved.documents}


def asked(question: str) -> str:
    return asked_of(question, question, understand(question), meant(question))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What price does Osprey charge Kestrel?", {"supply"}),
        ("How much notice must be given under the Kestrel lease?", {"lease"}),
        ("What does the supply agreement say about Kestrel's insurance?", {"supply"}),
        ("who governs the wren consulting agreement?", {"consulting"}),
        ('In the document "ACMECORP_20180406_8-K_EX-10.1_Sponsorship Agreement": what is the fee?', {"sponsor"}),
        ("What does ACMECORP_20180406_8-K_EX-10.1_Sponsorship Agreement.pdf say about fees?", {"sponsor"}),
        ("What was MPHeron's revenue change from FY2016 to FY2017?", {"k2017"}),
        ("What was MPHeron Gull's revenue in fiscal 2018?", {"k2018"}),
        ("What was MPH's revenue in the second quarter of 2018?", {"q2"}),
        ("In MPHeron's 10-Q for Q2 2018, what was the headcount?", {"q2"}),
        ("What did Tern-Sandpiper spend in FY2021?", {"fiscal"}),
        ("Which law governs the Kestrel lease and which the Wren consulting agreement?", {"lease", "consulting"}),
        ("How many people work at Puffin?", set()),
        ("What is the fee for consulting?", set()),
        ("Who is Kestrel?", {"supply", "lease"}),
    ],
)
def test_documents_that_a_question_names(question: str, expected: set[str]) -> None:
    assert sources(meant(question)) == expected


def test_what_is_ambiguous_is_told() -> None:
    named = meant("Who is Kestrel?").named
    assert [(one.words, one.how, one.alternatives) for one in named] == [("Kestrel", "party", 2)] * 2


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ('In the document "ACMECORP_20180406_8-K_EX-10.1_Sponsorship Agreement": what does it say about fees?',
         "What does it say about fees?"),
        ("How much notice must be given under the Kestrel lease?", "How much notice must be given?"),
        ("What price does Osprey charge Kestrel?", "What price does Osprey charge Kestrel?"),
        ("What was MPHeron's revenue change from FY2016 to FY2017?",
         "What was the company's revenue change from FY2016 to FY2017?"),
        ("In MPHeron's 10-Q for Q2 2018, what was the headcount?", "What was the headcount in Q2 2018?"),
        ("How many people work at Puffin?", "How many people work at Puffin?"),
    ],
)  # fmt: skip
def test_the_question_as_asked_of_the_document(question: str, expected: str) -> None:
    assert asked(question) == expected


def test_hidden_documents_change_nothing() -> None:
    """An index that has seen everything resolves as one that has only ever seen what this asker may read."""
    whole = NameIndex(Source())
    whole.of(view(tuple(DOCUMENTS)))
    rest = tuple(DOCUMENTS)
    questions = (
        "Who is Kestrel?",
        "What was MPHeron's revenue in 2017?",
        "the wren consulting agreement and the lease",
    )
    for left in range(len(rest)):
        seen = tuple(name for at, name in enumerate(rest) if at % (left + 2))
        for question in questions:
            assert meant(question, whole, seen) == meant(question, None, seen)


def test_what_nobody_has_named_yet_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[bytes, tuple[Name, ...]] = {}

    class Late:
        def corrected(self, since: int) -> tuple[int, Sequence[bytes]]:
            return 0, ()

        def names(self, keys: Sequence[bytes]) -> list[tuple[Name, ...] | None]:
            return [known.get(key) for key in keys]

    monkeypatch.setattr("retrieval.search.names._AGAIN_S", -1.0)
    index = NameIndex(Late())
    assert not meant("Who is Osprey?", index, ("supply",)).documents
    known[key_of("supply")] = DOCUMENTS["supply"]
    assert sources(meant("Who is Osprey?", index, ("supply",))) == {"supply"}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("revenue in FY2018", [(2018, 0)]),
        ("fiscal year 2019 and FY20", [(2019, 0), (2020, 0)]),
        ("2022 Q2", [(2022, 2)]),
        ("2Q22 against the third quarter of 2021", [(2022, 2), (2021, 3)]),
        ("the quarter ended June 30, 2022", [(2022, 2)]),
        ("costs of $2018 and 2,018 units", []),
    ],
)
def test_periods_of_a_question(question: str, expected: list[tuple[int, int]]) -> None:
    assert [(period.year, period.quarter) for period in periods(question)] == expected
