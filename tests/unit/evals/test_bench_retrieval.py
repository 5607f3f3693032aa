"""`footnote bench retrieval` on tiny data: what is read, kept, counted and said."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from api.terminal import UsageError
from evals.datasets.beir import load_set, sampled
from evals.datasets.cuad import split_questions
from evals.measuring.results import ResultFile
from evals.options import chosen, counts
from evals.suites.retrieval import contracts, legalbench, ranking, report
from evals.suites.retrieval import run_retrieval as command
from evals.suites.retrieval.compared import OURS, System
from evals.suites.retrieval.spans import length, located, merged, overlap
from evals.systems.peers import peer, versions
from evals.systems.shelf import READER, Shelf, passage
from evals.systems.vectors import CachedEmbedder, CachedReranker

TEXTS = {"p1": "The rent of Unit 7 is 500 euros.", "p2": "Lunch costs 4 euros.", "p3": "The lease ends in May."}


class WordEmbedder:
    """A unit vector by the words of a text; counts what it was asked."""

    name = "words"
    dimension = 16

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        vectors = np.full((len(texts), self.dimension), 0.01, np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, hashlib.sha256(word.encode()).digest()[0] % self.dimension] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return self.embed_documents([text])[0]


class LengthReranker:
    """Long texts are relevant; keeps what it was asked."""

    name = "length"

    def __init__(self) -> None:
        self.scored: list[str] = []

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        self.scored += texts
        return np.array([len(text) for text in texts], np.float32)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A set of three passages, with three queries of which two are judged."""
    folder = tmp_path / "data" / "tiny"
    (folder / "qrels").mkdir(parents=True)
    rows = [{"_id": name, "title": "" if name == "p2" else "Lease", "text": text} for name, text in TEXTS.items()]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    asked = {"q1": "rent of unit 7", "q2": "unjudged", "q3": "price of lunch"}
    rows = [{"_id": name, "text": text} for name, text in asked.items()]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\tp1\t2\nq1\tp3\t1\nq2\tp1\t0\nq3\tp2\t1\n"
    )
    return tmp_path / "data"


def test_a_set_holds_judged_queries_and_passages_under_their_titles(data: Path) -> None:
    found = load_set(data, "tiny")
    assert [query.id for query in found.queries] == ["q1", "q3"]
    assert found.queries[0].gains == {"p1": 2.0, "p3": 1.0}
    assert found.passages == [f"Lease\n{TEXTS['p1']}", TEXTS["p2"], f"Lease\n{TEXTS['p3']}"]
    assert len(found.sample(1).queries) == 1
    assert found.sample(0).queries == found.queries
    with pytest.raises(UsageError, match="must hold corpus"):
        load_set(data, "absent")


def test_a_larger_sample_holds_the_smaller_ones() -> None:
    assert set(sampled(100, 10)) < set(sampled(100, 11)) < set(sampled(100, 0)) == set(range(100))
    assert sampled(100, 10) == sorted(sampled(100, 10))


def test_a_text_is_embedded_once_even_after_a_kill_in_the_middle_of_a_write(tmp_path: Path) -> None:
    first = WordEmbedder()
    cached = CachedEmbedder(first, tmp_path, "d" * 64)
    rows = cached.embed_documents(["a b", "c", "a b"])
    assert first.asked == ["a b", "c"]
    assert (rows == WordEmbedder().embed_documents(["a b", "c", "a b"])).all()
    cached.embed_query("c")
    assert first.asked == ["a b", "c", "c"]  # a question is not a passage

    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-5])
    second = WordEmbedder()
    again = CachedEmbedder(second, tmp_path, "d" * 64)
    again.embed_documents(["a b", "c"])
    assert second.asked == []
    again.embed_query("c")
    assert second.asked == ["c"]
    third = WordEmbedder()
    assert (CachedEmbedder(third, tmp_path, "d" * 64).embed_query("c") == first.embed_query("c")).all()
    assert third.asked == []
    CachedEmbedder(third, tmp_path, "e" * 64).embed_query("c")  # other weights
    assert third.asked == ["c"]


def test_a_pair_is_scored_once(tmp_path: Path) -> None:
    first, second = LengthReranker(), LengthReranker()
    assert CachedReranker(first, tmp_path, "d" * 64).score("q", ["aa", "b"]).tolist() == [2.0, 1.0]
    assert CachedReranker(second, tmp_path, "d" * 64).score("q", ["b", "ccc"]).tolist() == [1.0, 3.0]
    assert (first.scored, second.scored) == (["aa", "b"], ["ccc"])


def test_the_product_searches_a_shelf(data: Path) -> None:
    chunks = [passage(name, "", text) for name, text in TEXTS.items()]
    embedder = WordEmbedder()
    shelf = Shelf(chunks, embedder)
    for options in OURS.values():
        hits = shelf.search(embedder, LengthReranker(), options).search_now("rent of Unit 7", READER, 3).hits
        assert hits[0].chunk.source == "p1"


def test_finished_rows_are_not_measured_again(data: Path, tmp_path: Path) -> None:
    built = []

    def build(found):
        built.append(found.name)
        return lambda question: ["p1", "p2", "p3"]

    file = tmp_path / "out.jsonl"
    systems = [System("fixed", {"code": "1"}, build)]
    (row,) = ranking.measure(data, ["tiny"], systems, 0, ResultFile(file))
    assert row["scores"]["nDCG@10"] == [pytest.approx(0.9503, abs=1e-3), pytest.approx(0.6309, abs=1e-4)]
    assert row["scores"]["MRR@10"] == [1.0, 0.5]
    assert ranking.measure(data, ["tiny"], systems, 0, ResultFile(file)) == [row]
    assert built == ["tiny"]
    ranking.measure(data, ["tiny"], [System("fixed", {"code": "2"}, build)], 0, ResultFile(file))
    ranking.measure(data, ["tiny"], systems, 1, ResultFile(file))
    assert built == ["tiny"] * 3


def ranked(system: str, name: str, scores: list[float]) -> ranking.Row:
    metrics = dict.fromkeys(ranking.METRICS, scores)
    return {"system": system, "set": name, "queries": ["q1", "q2"], "scores": metrics}


def test_ranking_numbers_are_macro_means_and_differences(capsys: pytest.CaptureFixture[str]) -> None:
    ours, legs = {"ours": [1.0, 0.5], "ours + rerank": [1.0, 1.0]}, {"BM25": [0.5, 0.5], "dense": [0.0, 1.0]}
    rows = [ranked(system, name, scores) for name in ("a", "b") for system, scores in (legs | ours).items()]
    rows[-1] = ranked("ours + rerank", "b", [0.0, 0.5])
    numbers = report.say_ranking(rows)["all"]
    assert numbers["metrics"]["nDCG@10"]["ours + rerank"] == {"a": 1.0, "b": 0.25, "macro": 0.625}
    assert numbers["differences"]["ours"]["BM25"]["macro"]["mean"] == pytest.approx(0.25)
    assert numbers["worst_against_better_leg"] == {"ours": 25.0, "ours + rerank": -25.0}
    assert "ours + rerank: on its worst set -25.00 points against the better leg" in capsys.readouterr().out
    cut = ranking.narrowed(rows, {"a": ["q2"], "b": ["q1"]})
    assert [row["scores"]["nDCG@10"] for row in cut[:2]] == [[0.5], [1.0]]


def test_spans_lead_back_to_the_original_text() -> None:
    original = "\ufeffArticle  1.\r\n\f  The ﬁrst   party\npays.\n- 7 -\nArticle 2.  It ends."
    text = "Article 1.\n\nThe first party pays.\n\nArticle 2. It ends."
    starts = [text.index("The"), text.index("Article 2")]
    spans = located(original, text, [(starts[0], starts[0] + 21), (starts[1], len(text))])
    assert [original[start:end] for start, end in spans] == ["The ﬁrst   party\npays.", "Article 2.  It ends."]


def test_spans_count_each_character_once() -> None:
    assert merged([(5, 9), (0, 3), (2, 4), (9, 10), (7, 7)]) == [(0, 4), (5, 10)]
    assert (length([(0, 4), (5, 10)]), overlap([(0, 4), (5, 10)], [(3, 6)])) == (9, 2)
    counts = legalbench.characters([("a", (0, 10)), ("a", (5, 20)), ("b", (0, 5))], [("a", (15, 25)), ("c", (0, 10))])
    assert (counts.retrieved, counts.gold, counts.both) == (25, 20, 5)
    assert (counts.recall, counts.precision) == (0.25, 0.2)


def test_contract_questions_of_both_splits_differ_and_name_every_contract(tmp_path: Path) -> None:
    rows = []
    for number, pdf in enumerate(("a.pdf", "b.pdf")):
        names = [("Document Name", [f"Lease {number}"]), ("Parties", ['Acme Inc ("A"); Bee Ltd ("B")'])]
        rows += [{"category": category, "answers": answers, "answerable": True} for category, answers in names]
        for category in ("Governing Law", "Insurance", "Renewal Term", "Audit Rights", "Cap On Liability"):
            held = [{"text": "words", "page": 2}]
            rows.append({"category": category, "answers": ["x"], "answerable": True, "evidence": held})
        for category in ("Non-Compete", "Exclusivity"):
            rows.append({"category": category, "answers": [], "answerable": False, "evidence": []})
        for row in rows[-9:]:
            row["pdf"] = pdf
    path = tmp_path / "qa.jsonl"
    lines = [json.dumps({"id": str(number), "evidence": []} | row) for number, row in enumerate(rows)]
    path.write_text("\n".join(lines))
    splits = [split_questions(path, split, already_asked=2) for split in ("dev", "test")]
    dev, test = ({question.case.id for question in questions} for questions in splits)
    assert not dev & test
    assert {question.contract for question in splits[1]} == {"cuad/a.pdf", "cuad/b.pdf"}
    assert sum(bool(question.case.gold) for question in splits[1]) == 4
    assert split_questions(path, "test", already_asked=2) == splits[1]


def test_contract_shares_count_only_questions_with_gold_pages() -> None:
    hit = {"contract_first": True, "gold_page": True, "gold_page_touched": True, "seconds": 0.2}
    none = {"contract_first": False, "gold_page": None, "gold_page_touched": None, "seconds": 0.1}
    missed = hit | {"gold_page": False, "seconds": 0.3}
    numbers = contracts.numbers({"scores": [hit, missed, none]})
    assert numbers["right contract first"] == pytest.approx(0.6667)
    assert (numbers["gold page in first 5"], numbers["gold page touched in first 5"]) == (0.5, 1.0)
    assert numbers["seconds p50"] == 0.2


def test_a_peer_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "haystack", None)
    monkeypatch.delitem(sys.modules, "evals.systems.peers.haystack", raising=False)
    monkeypatch.setattr(os, "environ", os.environ.copy())
    with pytest.raises(UsageError, match=r"haystack needs the package haystack.*\.\[peers\]"):
        peer("haystack")
    assert set(versions("langchain")) <= {
        "langchain-classic",
        "langchain-community",
        "langchain-core",
        "rank-bm25",
        "faiss-cpu",
    }


def test_options_that_cannot_work_are_refused() -> None:
    assert chosen("all", command.SUITES, "--suite") == command.SUITES
    assert chosen("cuad, scale", command.SUITES, "--suite") == ("cuad", "scale")
    assert chosen("", command.SUITES, "--suite") == ()
    with pytest.raises(UsageError, match="choose from ranking"):
        chosen("cuadd", command.SUITES, "--suite")
    assert counts("5, 10", "--sizes") == (5, 10)
    for text in ("", "0", "1e6", "5,"):
        with pytest.raises(UsageError, match="write numbers"):
            counts(text, "--sizes")
