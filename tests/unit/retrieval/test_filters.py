"""A filter narrows a search as if there were nothing else; over documents in memory, and by hand-made names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evals.systems.in_process import HashEmbedder, HashReranker, Models, Process
from evals.systems.memory_store import Content, MemoryStore
from ingest.types import FactKind, Name, document_id
from retrieval.langchain import FootnoteRetriever
from retrieval.types import Filter, Principal, SearchResult

LEGAL, HR, ALL = frozenset({"group:legal"}), frozenset({"group:hr"}), frozenset({"group:everyone"})
ANA = Principal("ana", frozenset({"legal"}))
MODELS = Models(HashEmbedder(dimension=4), HashReranker())
Names = dict[str, tuple[Name, ...]]


class NamedStore(MemoryStore):
    """With what else is known of the documents, by source."""

    told: Names

    def names(self, keys: Sequence[bytes]) -> list[tuple[Name, ...] | None]:
        found = super().names(keys)
        sources = [self._contents[bytes(key)][0] for key in keys]
        return [(*(names or ()), *self.told.get(source, ())) for source, names in zip(sources, found, strict=True)]


def fact(kind: FactKind, value: str) -> Name:
    return Name(kind, value, value, "fact")


@pytest.fixture
def store() -> NamedStore:
    held = NamedStore(MODELS.embedder)
    held.told = {
        "lease.txt": (fact(FactKind.EFFECTIVE_DATE, "2019-06-01"), fact(FactKind.AGREEMENT_DATE, "2018-01-01")),
        "supply.txt": (
            fact(FactKind.DOCUMENT_KIND, "master supply agreement"), fact(FactKind.AGREEMENT_DATE, "2021-02-03"),
        ),
    }  # fmt: skip
    for source, title, allow, day in (
        ("lease.txt", "Unit 7 lease", LEGAL, date(2020, 1, 1)),
        ("supply.txt", "Pumps", LEGAL, date(2022, 1, 1)),
        ("bands.txt", "Salary lease", HR, date(2020, 1, 1)),
        ("fees.txt", "Fee table", ALL, date(2023, 5, 5)),
        ("notes.txt", "Notes on a lease-back", ALL, date.min),
    ):
        held.add_version(source, Content(title, ("The fee is due.", "Notice is thirty days.")), allow, day)
    return held


@pytest.fixture
def process(store: NamedStore, tmp_path: Path) -> Process:
    return Process(store, tmp_path, MODELS)


def found(process: Process, **only: Any) -> set[str]:
    hits = asked(process, Filter(**only)).hits
    return {chunk.source for hit in hits for chunk in (hit.chunk, *hit.copies)}


def asked(process: Process, only: Filter, query: str = "When is the fee due?", **more: Any) -> SearchResult:
    return process.search.search_now(query, ANA, 20, only=only, **more)


def test_only_the_documents_that_are_named_are_searched(process: Process) -> None:
    ids = {name: document_id(f"{name}.txt") for name in ("lease", "bands", "fees")}
    assert found(process, documents=frozenset({ids["lease"], ids["fees"]})) == {"lease.txt", "fees.txt"}
    assert found(process, documents=frozenset({ids["lease"].upper()})) == {"lease.txt"}


def test_a_hidden_an_unknown_and_an_impossible_id_are_one_and_the_same(process: Process) -> None:
    hidden, unknown, impossible = (
        asked(process, Filter(documents=frozenset({id_})))
        for id_ in (document_id("bands.txt"), document_id("nowhere.txt"), "no id")
    )
    assert hidden.hits == unknown.hits == impossible.hits == ()
    assert hidden.snapshot == unknown.snapshot == impossible.snapshot


@pytest.mark.parametrize(
    ("kind", "sources"),
    [
        ("lease", {"lease.txt", "notes.txt"}),  # by the title, where no kind is known
        ("Supply Agreement", {"supply.txt"}),
        ("supply lease", set()),
        ("pumps", set()),  # its kind is known, and is another
        ("spreadsheet", {"fees.txt"}),
        ("TEXT", {"lease.txt", "supply.txt", "notes.txt"}),
        ("text/csv", {"fees.txt"}),
        ("text/.*", set()),  # no expression
        ("pdf", set()),
        ("§", set()),
    ],
)
def test_a_kind_is_a_format_or_what_a_document_is(process: Process, kind: str, sources: set[str]) -> None:
    assert found(process, kinds=frozenset({kind})) == sources


def test_one_of_several_kinds_is_enough_and_every_field_narrows_further(process: Process) -> None:
    kinds = frozenset({"lease", "spreadsheet"})
    assert found(process, kinds=kinds) == {"lease.txt", "notes.txt", "fees.txt"}
    assert found(process, kinds=kinds, groups=frozenset({"everyone"})) == {"notes.txt", "fees.txt"}
    assert found(process, kinds=kinds, since=date(2019, 1, 1), until=date(2019, 12, 31)) == {"lease.txt"}


def test_groups_are_those_on_the_label_and_the_askers_own(process: Process) -> None:
    assert found(process, groups=frozenset({"legal"})) == {"lease.txt", "supply.txt"}
    assert found(process, groups=frozenset({"everyone"})) == {"fees.txt", "notes.txt"}
    assert found(process, groups=frozenset({"hr"})) == found(process, groups=frozenset({"nobody"})) == set()


def test_a_documents_day_is_what_it_says_else_from_when_it_holds(process: Process) -> None:
    assert found(process, since=date(2019, 6, 1), until=date(2019, 6, 1)) == {"lease.txt"}  # effective goes first
    assert found(process, since=date(2021, 2, 3), until=date(2021, 2, 3)) == {"supply.txt"}  # the agreement's own
    assert found(process, since=date(2022, 1, 1)) == {"fees.txt"}
    assert found(process, until=date(2030, 1, 1)) == {"lease.txt", "supply.txt", "fees.txt"}  # without a day: not


def test_a_filter_is_met_by_the_version_in_force(process: Process, store: NamedStore) -> None:
    store.add_version("fees.txt", Content("Fee table", ("The fee is gone.",)), ALL, date(2025, 1, 1))
    for since, as_of, sources in (
        (2025, None, {"fees.txt"}),
        (2023, date(2024, 1, 1), {"fees.txt"}),
        (2026, None, set()),
    ):
        only = Filter(since=date(since, 1, 1))
        assert {hit.chunk.source for hit in asked(process, only, as_of=as_of).hits} == sources


def test_the_rest_counts_for_nothing(process: Process, store: NamedStore, tmp_path: Path) -> None:
    """Scores, digest and all: the search of an installation that holds nothing else."""
    only = Filter(documents=frozenset({document_id("lease.txt"), document_id("supply.txt")}))
    alone = NamedStore(MODELS.embedder)
    alone.told = store.told
    for source in ("supply.txt", "lease.txt"):
        alone.put(store.documents[source])
    anew = Process(alone, tmp_path / "alone", MODELS)
    for query in ("When is the fee due?", "What is the notice in the Unit 7 lease?", "fee of the Pumps"):
        narrow, plain = asked(process, only, query), asked(anew, Filter(), query)
        assert (narrow.hits, narrow.snapshot, narrow.named) == (plain.hits, plain.snapshot, plain.named)
        assert narrow.hits


def test_a_filter_that_lets_all_pass_changes_nothing(process: Process) -> None:
    wide = asked(
        process, Filter(documents=frozenset(map(document_id, ("lease.txt", "supply.txt", "fees.txt", "notes.txt"))))
    )
    assert (wide.hits, wide.snapshot) == (asked(process, Filter()).hits, asked(process, Filter()).snapshot)


def test_without_names_nothing_is_known_of_kinds(store: NamedStore, process: Process) -> None:
    process.search._names = None
    assert found(process, kinds=frozenset({"lease"})) == set()


def test_the_retriever_takes_a_filter(process: Process) -> None:
    only = Filter(documents=frozenset({document_id("fees.txt")}))
    retriever = FootnoteRetriever(search=process.search, numbers=process.numbers.of, principal=ANA, only=only)
    assert {document.metadata["source"] for document in retriever.invoke("fee")} == {"fees.txt"}


def test_a_record_says_what_narrowed() -> None:
    assert Filter().record() is None
    only = Filter(documents=frozenset({"b", "a"}), since=date(2024, 1, 2))
    assert only.record() == {"documents": ["a", "b"], "since": "2024-01-02"}
