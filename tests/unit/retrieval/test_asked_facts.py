"""Questions for documents by their facts."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ingest.types import Name, document_id
from retrieval.search.facts import by_facts
from retrieval.search.names import NameIndex, ViewNames
from retrieval.types import KEY

FACTS = {
    "ohio": {"governing_law": "Ohio", "expiry_date": "2025-06-30", "agreement_date": "2019-05-04"},
    "ontario": {"governing_law": "Ontario, Canada", "expiry_date": "2024-12-31", "effective_date": "2020-01-01"},
    "wales": {"governing_law": "England and Wales", "expiry_date": "2025-12-31"},
    "bare": {},
}


def key_of(name: str) -> bytes:
    return uuid.UUID(document_id(name)).bytes + hashlib.sha256(name.encode()).digest()


class Source:
    def names(self, keys: Sequence[bytes]) -> list[tuple[Name, ...] | None]:
        by_key = {key_of(name): facts for name, facts in FACTS.items()}
        return [tuple(Name(kind, value, value, "fact") for kind, value in by_key[key].items()) for key in keys]

    def corrected(self, since: int) -> tuple[int, Sequence[bytes]]:
        return 0, ()


def names_of(*names: str) -> ViewNames:
    keys = np.array([key_of(name) for name in names], KEY)
    part = SimpleNamespace(segment=SimpleNamespace(slot_keys=keys), slots=np.ones(len(keys), bool))
    view: Any = SimpleNamespace(segments=(part,), digest=" ".join(names))
    return NameIndex(Source()).of(view)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which agreements are governed by Ohio law?", {"ohio"}),
        ("Which agreements are governed by the laws of the State of Ohio?", {"ohio"}),
        ("List contracts under English law.", {"wales"}),
        ("Which lease is governed by the laws of Ontario and pays rent?", {"ontario"}),
        ("Which contracts expire in 2025?", {"ohio", "wales"}),
        ("Which contracts governed by Ohio law expire in 2025?", {"ohio"}),
        ("contracts that end before 2025", {"ontario"}),
        ("contracts expiring after June 2025", {"wales"}),
        ("agreements effective since 1 January 2020", {"ontario"}),
        ("agreements signed in May 2019", {"ohio"}),
        ("Which agreements are governed by Texas law?", set()),
        ("Which law governs the agreement?", set()),
        ("Is the lease governed by Ohio law?", set()),
        ("What did the company sell in 2025?", set()),
        ("Which contracts mention a fire in 2025?", set()),
        ("Which agreements are not governed by Ohio law?", set()),
        ("List all contracts except those governed by Ohio law.", set()),
        ("Which contracts don't expire in 2025?", set()),
        ("Which contracts expire in 2024 or 2025?", set()),
        ("Which agreements are governed by Ohio law or English law?", set()),
    ],
)
def test_documents_with_the_facts_that_are_asked_for(question: str, expected: set[str]) -> None:
    documents, clues = by_facts(question, names_of(*FACTS))
    assert documents == tuple(sorted(document_id(name) for name in expected))
    assert bool(clues) is bool(expected)
    for clue in clues:
        assert clue.kind == "fact"
        assert clue.text in question


def test_documents_that_are_hidden_have_no_facts() -> None:
    assert by_facts("Which agreements are governed by Ohio law?", names_of("ontario", "bare")) == ((), ())
