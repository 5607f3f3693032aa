"""What a question does to a search: names, days, parts, switches, HyDE; over documents in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from langchain_core.runnables import RunnableLambda
from numpy.typing import NDArray

from evals.systems.in_process import HashReranker, Models, Process
from evals.systems.memory_store import Content, MemoryStore
from retrieval.errors import InvalidQuery
from retrieval.langchain import FootnoteRetriever
from retrieval.search.hybrid import HybridSearch
from retrieval.types import Principal, SearchOptions

LEGAL, ALL = frozenset({"group:legal"}), frozenset({"group:everyone"})
ANA, DORA = Principal("ana", frozenset({"legal"})), Principal("dora")
PLAIN = SearchOptions(rerank=0)


class WordEmbedder:
    """One dimension a topic word."""

    name, dimension = "words", 4

    def embed_query(self, text: str) -> NDArray[np.float32]:
        folded = text.casefold()
        vector = np.array([0.1, "rent" in folded, "repair" in folded, "taxi" in folded], np.float64)
        return np.asarray(vector / np.linalg.norm(vector), np.float32)

    def embed_documents(self, texts: list[str]) -> NDArray[np.float32]:
        return np.stack([self.embed_query(text) for text in texts])


class Writer:
    """Always imagines taxis."""

    def __init__(self) -> None:
        self.salts: list[str] = []

    async def write(self, question: str, *, cache_salt: str) -> str:
        self.salts.append(cache_salt)
        return "A taxi is paid by the company."


@pytest.fixture
def store() -> MemoryStore:
    held = MemoryStore(WordEmbedder())
    for place, rent, day in (
        ("Kestrel", 900, date(2020, 1, 1)),
        ("Heron", 700, date(2020, 1, 1)),
        ("Kestrel", 950, date(2023, 6, 1)),
    ):
        texts = (f"The rent is {rent} pounds a month.", "The tenant pays for repairs below 100 pounds.")
        held.add_version(f"leases/{place.lower()}.txt", Content(f"{place} lease", texts), LEGAL, day)
    taxis = Content("Travel policy", ("Taxis are paid after ten in the evening.", "Rent a small car."))
    held.add_version("policies/travel.txt", taxis, ALL, date(2021, 1, 1))
    return held


@pytest.fixture
def search(store: MemoryStore, tmp_path: Path) -> HybridSearch:
    return Process(store, tmp_path, Models(WordEmbedder(), HashReranker(), Writer()), PLAIN).search


def sources(search: HybridSearch, query: str, top_k: int = 3, **more: object) -> list[str]:
    return [hit.chunk.source for hit in search.search_now(query, ANA, top_k, **more).hits]  # type: ignore[arg-type]


def test_a_named_document_comes_first_and_what_is_asked_of_it_ranks(search: HybridSearch) -> None:
    hits = search.search_now("What is the rent in the Heron lease?", ANA, 4).hits
    assert hits[0].chunk.text == "The rent is 700 pounds a month."
    assert [hit.chunk.source for hit in hits[:2]] == ["leases/heron.txt"] * 2
    assert hits[0].question == "What is the rent?"
    assert hits[2].chunk.source != "leases/heron.txt"


def test_a_name_that_no_document_bears_changes_nothing(search: HybridSearch) -> None:
    named = [hit.chunk.chunk_id for hit in search.search_now("the rent in the Zebra lease", ANA, 6).hits]
    plain = search.search_now("the rent in the Zebra lease", ANA, 6, options=SearchOptions(rerank=0, understand=False))
    assert set(named) == {hit.chunk.chunk_id for hit in plain.hits}
    assert all(hit.score < 1.5 for hit in plain.hits)


def test_a_hidden_document_cannot_be_named(search: HybridSearch) -> None:
    hits = search.search_now("What is the rent in the Heron lease?", DORA, 5).hits
    assert {hit.chunk.source for hit in hits} == {"policies/travel.txt"}


def test_the_newest_version_answers_unless_a_day_is_asked_for(search: HybridSearch) -> None:
    def rent(query: str, as_of: date | None = None) -> str:
        return search.search_now(query, ANA, 1, as_of=as_of).hits[0].chunk.text.split()[3]

    assert rent("What is the rent in the Kestrel lease?") == "950"
    assert rent("What is the rent in the Kestrel lease?", date(2021, 5, 1)) == "900"
    assert rent("What was the rent in the Kestrel lease in force on 1 May 2021?") == "900"
    assert rent("What was the rent in the Kestrel lease in force on 1 May 2021?", date(2024, 1, 1)) == "950"
    assert sources(search, "What is the rent in the Kestrel lease?", as_of=date(2019, 1, 1)) == []


def test_parts_of_a_question_are_searched_apart(search: HybridSearch) -> None:
    result = search.search_now("In the Kestrel lease, what is the rent and who pays for repairs?", ANA, 2)
    assert len(result.parts) == 2
    assert {hit.chunk.ordinal for hit in result.hits} == {0, 1}
    assert {hit.question for hit in result.hits} == {"What is the rent?", "Who pays for repairs?"}


def test_each_part_of_a_comparison_is_asked_of_its_own_document(search: HybridSearch) -> None:
    result = search.search_now("Which of the Kestrel lease and the Heron lease has the higher rent?", ANA, 2)
    assert result.parts == ("What is the rent in the Kestrel lease?", "What is the rent in the Heron lease?")
    assert result.parts_asked == ("What is the rent?", "What is the rent?")
    assert [(hit.chunk.text.split()[3], hit.parts) for hit in result.hits] == [("950", (1,)), ("700", (2,))]


def test_a_chunk_that_answers_two_parts_is_found_once_for_both(search: HybridSearch) -> None:
    result = search.search_now("In the Kestrel lease, what are the rent and the pounds?", ANA, 4)
    assert len({hit.chunk.chunk_id for hit in result.hits}) == len(result.hits) == 4
    assert result.hits[0].parts == (1, 2)
    whole = search.search_now("What is the rent in the Kestrel lease?", ANA, 4)
    assert (whole.hits[0].parts, whole.parts_asked) == ((), ())


def test_every_clue_says_what_it_did(search: HybridSearch) -> None:
    result = search.search_now('Where is "ten in the evening" in the travel policy?', ANA, 1)
    assert result.hits[0].chunk.source == "policies/travel.txt"
    assert {clue.kind for clue in result.clues} >= {"phrase", "document"}
    assert all(clue.effect.endswith(".") for clue in result.clues)


def test_near_duplicates_show_once(search: HybridSearch) -> None:
    repairs = "who pays for repairs"
    collapsed = search.search_now(repairs, ANA, 10).hits
    apart = search.search_now(repairs, ANA, 10, options=SearchOptions(rerank=0, collapse=False)).hits
    assert len(apart) == len(collapsed) + 1
    (held,) = (hit for hit in collapsed if hit.copies)
    assert held.copies[0].text == held.chunk.text


def test_other_defaults_are_another_search(search: HybridSearch) -> None:
    other = search.with_options(replace(search.options, rerank=8))
    asked = "How long is the notice period?"
    assert "rerank" in other.search_now(asked, ANA, 3).hits[0].scores
    assert "rerank" not in search.search_now(asked, ANA, 3).hits[0].scores


def test_a_hypothesis_is_embedded_once_however_many_rankings_it_takes_part_in(tmp_path: Path) -> None:
    class Counting(WordEmbedder):
        def __init__(self) -> None:
            self.embedded: list[list[str]] = []

        def embed_documents(self, texts: list[str]) -> NDArray[np.float32]:
            self.embedded.append(texts)
            return super().embed_documents(texts)

    embedder = Counting()
    held = MemoryStore(embedder)
    held.add_version("kestrel.txt", Content("Kestrel lease", ("The rent is 900 pounds.",)), LEGAL, date(2020, 1, 1))
    search = Process(held, tmp_path, Models(embedder, None, Writer()), PLAIN).search
    options = SearchOptions(rerank=0, hyde="always")
    embedder.embedded.clear()
    asked = "What is the rent of the Kestrel lease, and who pays for repairs?"
    result = asyncio.run(search.search(asked, ANA, 2, options=options))
    assert len(result.parts) == 2
    assert embedder.embedded == [[result.hypothesis]]


def test_hyde_searches_again_with_the_imagined_passage(store: MemoryStore, tmp_path: Path) -> None:
    writer = Writer()
    search = Process(store, tmp_path, Models(WordEmbedder(), None, writer), PLAIN).search

    def ask(hyde: str) -> tuple[str, str]:
        options = SearchOptions(rerank=0, fusion="dense", hyde=hyde)  # type: ignore[arg-type]
        result = asyncio.run(search.search("getting home late", ANA, 1, options=options))
        return result.hypothesis, result.hits[0].chunk.text[:5]

    assert ask("off")[0] == ""
    assert writer.salts == []
    assert ask("always") == ("A taxi is paid by the company.", "Taxis")
    assert ask("unsure") == ("A taxi is paid by the company.", "Taxis")  # without a reranker nothing is sure


def test_what_imagines_shares_no_prefix_between_those_who_may_read_other_things(
    store: MemoryStore, tmp_path: Path
) -> None:
    writer = Writer()
    search = Process(store, tmp_path, Models(WordEmbedder(), None, writer), PLAIN).search
    options = SearchOptions(rerank=0, hyde="always")
    found = [asyncio.run(search.search("rent", who, 1, options=options)).snapshot for who in (ANA, DORA)]
    assert writer.salts == found
    assert len(set(found)) == 2


def test_without_a_passage_the_first_search_stands(store: MemoryStore, tmp_path: Path) -> None:
    class Silent:
        async def write(self, question: str, *, cache_salt: str) -> str:
            return ""

    search = Process(store, tmp_path, Models(WordEmbedder(), None, Silent()), PLAIN).search
    options = SearchOptions(rerank=0, hyde="always")
    assert "first_pass" not in asyncio.run(search.search("rent", ANA, 1, options=options)).timings_ms


def test_an_empty_question_says_what_to_do(search: HybridSearch) -> None:
    with pytest.raises(InvalidQuery, match="write what you want to know"):
        search.search_now(" \u200b ", ANA, 1)


def test_the_langchain_retriever_goes_into_a_chain(store: MemoryStore, search: HybridSearch) -> None:
    retriever = FootnoteRetriever(search=search, numbers=store.of, principal=ANA, top_k=2)
    chain = retriever | RunnableLambda(lambda documents: [d.page_content for d in documents])
    texts = chain.invoke("What is the rent in the Heron lease?")
    assert texts[0] == "The rent is 700 pounds a month."
    (first, _) = asyncio.run(retriever.ainvoke("What is the rent in the Heron lease?"))
    assert first.id == first.metadata["chunk_id"]
    assert first.metadata["title"] == "Heron lease"
    assert first.page_content == texts[0]
    assert first.metadata["version"] == 1
    dora = FootnoteRetriever(search=search, numbers=store.of, principal=DORA)
    hidden = dora.invoke("What is the rent in the Heron lease?")
    assert {document.metadata["source"] for document in hidden} == {"policies/travel.txt"}
