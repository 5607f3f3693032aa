"""Golden questions over the sample documents, end to end, with real models and a real database.

What must hold of every answer (citations, access, records) does not depend on how good the generator is; how many
answers must be right does, so that floor is low.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from api.demo.home import claim
from api.demo.sample import contents
from evals.datasets.golden import load_cases
from evals.suites.sample import search as retrieval
from evals.types import Case, Kind
from retrieval.types import Principal

if TYPE_CHECKING:
    from api.bootstrap import Container

pytestmark = [pytest.mark.models, pytest.mark.timeout(600)]

# Of each kind but multi_document; the unanswerable one was chosen among those that the 1.5B refuses (it answers leg-020
# beside the point, and the gate does not see that), so this guards against getting worse and does not show how good
# refusal is. Each costs 10 to 20 seconds on two free cores.
ASKED = ("leg-001", "leg-011", "leg-017", "fin-012", "fin-013", "leg-022")
EVERYTHING = Principal("eve", frozenset({"board", "legal", "finance", "hr", "clinical", "staff"}))
Rows = Sequence[Mapping[str, Any]]


def of_kind(kind: Kind) -> tuple[Case, ...]:
    return tuple(case for case in load_cases() if case.kind is kind)


def test_the_demo_knows_its_documents_by_their_bytes(sample: Container) -> None:
    assert set(sample.documents.contents()) == contents()
    claim(sample)
    assert sample.installation.is_demo()


@pytest.fixture(scope="module")
def rows(sample: Container) -> Rows:
    """A few questions, asked as the people they belong to."""
    from evals.measuring.results import ResultFile
    from evals.suites.sample.run_sample import ask_all
    from evals.systems.asking import Setup

    cases = [case for case in load_cases() if case.id in ASKED]
    return asyncio.run(ask_all(sample, cases, Setup.of(sample), ResultFile(None)))


def test_search_finds_the_gold(sample: Container) -> None:
    found = retrieval.measure(sample.search.search_now, load_cases())
    assert found.n == 70
    assert found.document_at_5 >= 0.95  # measured: 0.974
    assert found.quote_at_10 >= 0.92  # measured: 0.957
    assert found.hidden == 0


def test_hidden_documents_exist_only_for_their_group(sample: Container) -> None:
    for case in of_kind(Kind.FORBIDDEN):
        ids = {info.document_id for info in sample.documents.list(EVERYTHING) if info.source in case.gold_sources}
        assert len(ids) == len(case.gold_sources)
        assert ids.isdisjoint(info.document_id for info in sample.documents.list(case.asker))
        assert all(sample.documents.text(document, None, case.asker) is None for document in ids)
        assert all(sample.documents.text(document, None, EVERYTHING) is not None for document in ids)


def test_every_citation_opens_at_its_words(rows: Rows) -> None:
    assert any(row["citations"] for row in rows)
    assert [row["id"] for row in rows if row["citations"] and row["scores"]["citation_resolves"] != 1.0] == []


def test_every_shipped_answer_is_cited(rows: Rows) -> None:
    assert [row["id"] for row in rows if (row["status"] == "abstained") != (not row["citations"])] == []


def test_nothing_leaks(rows: Rows) -> None:
    assert any(row["kind"] == Kind.FORBIDDEN for row in rows)
    assert [row["id"] for row in rows if row["scores"]["leak"] != 0.0] == []


def test_some_answers_are_right_and_from_the_gold(rows: Rows) -> None:
    right = [row for row in rows if row["right"] and row["status"] != "abstained"]
    assert right
    assert any(row["scores"]["citation_document"] == 1.0 for row in right)


def test_without_evidence_the_service_abstains(rows: Rows) -> None:
    asked = {row["id"]: row["status"] for row in rows if row["kind"] in {Kind.UNANSWERABLE, Kind.FORBIDDEN}}
    assert asked == {"fin-013": "abstained", "leg-022": "abstained"}


def test_every_answer_is_on_record(sample: Container, rows: Rows) -> None:
    records = {row.id for row in sample.audit.show(limit=1000)}
    assert len(records) >= len(rows)
    assert sample.audit.verify().ok
