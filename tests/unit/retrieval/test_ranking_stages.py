"""The stages between both legs and the answer: near-duplicates, reranking, HyDE, fusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.index.find import Found
from retrieval.search.duplicates import collapse
from retrieval.search.fusion import fuse
from retrieval.search.hyde import is_unsure, towards
from retrieval.search.rerank import rerank
from retrieval.types import ChunkText, Hit, SearchOptions

LONG = "The supplier shall deliver the goods within thirty days after the order was confirmed in writing by the buyer"


def hit(name: str, text: str, score: float, document: str = "d") -> Hit:
    chunk = ChunkText(name, document, 1, "c", "Title", "source", 0, 0, len(text), text, (), None)
    return Hit(chunk, score, question="q")


class Pairs:
    """A reranker that knows its logits by text and counts what it was asked."""

    name = "pairs"

    def __init__(self, **logits: float) -> None:
        self.logits, self.asked = logits, list[str]()

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        words = [text.split()[-1] for text in texts]
        self.asked += words
        return np.array([self.logits.get(word, -8.0) for word in words], np.float32)


def test_near_duplicates_are_shown_once_with_their_copies() -> None:
    hits = [hit("a", LONG, 3, "one"), hit("b", LONG.upper(), 2, "two"), hit("c", "Something else entirely", 1)]
    first, second = collapse(hits, 9)
    assert [copy.chunk_id for copy in first.copies] == ["b"]
    assert (first.chunk.chunk_id, second.chunk.chunk_id, second.copies) == ("a", "c", ())


def test_a_changed_number_is_no_duplicate() -> None:
    other = LONG.replace("thirty", "sixty").replace("buyer", "seller").replace("goods", "parts")
    assert len(collapse([hit("a", LONG, 2), hit("b", other, 1)], 9)) == 2


def test_two_documents_that_the_question_names_keep_their_equal_clauses() -> None:
    hits = [hit("a", LONG, 3, "one"), hit("b", LONG, 2, "two"), hit("c", LONG, 1, "three")]
    assert [h.chunk.chunk_id for h in collapse(hits, 9, apart=["one", "two"])] == ["a", "b"]


def test_of_sentences_in_one_span_that_is_shown_the_best_is_kept() -> None:
    def small(name: str, score: float, parent: tuple[int, int] | None, document: str = "d") -> Hit:
        made = hit(name, f"words of {name}", score, document)
        return replace(made, chunk=replace(made.chunk, parent=parent))

    hits = [small("a", 5, (0, 9)), small("b", 4, (0, 9)), small("c", 3, (9, 20)), small("d", 2, (0, 9), "other"),
            small("e", 1, None), small("f", 0, None)]  # fmt: skip
    found = collapse(hits, 9)
    assert [(one.chunk.chunk_id, one.copies) for one in found] == [(name, ()) for name in "acdef"]


def test_no_more_are_kept_than_are_enough() -> None:
    assert [h.chunk.chunk_id for h in collapse([hit("a", "one", 3), hit("b", "two", 2), hit("c", "one", 1)], 1)] == [
        "a"
    ]


def test_short_texts_are_duplicates_only_if_equal() -> None:
    assert len(collapse([hit("a", "Fee: 30", 2), hit("b", "Fee: 40", 1)], 9)) == 2
    assert len(collapse([hit("a", "Fee: 30", 2), hit("b", "fee:  30", 1)], 9)) == 1


def test_reranking_adds_relevance_and_puts_the_unread_last() -> None:
    hits = [hit(name, name, score) for name, score in (("a", 1.0), ("b", 0.9), ("c", 0.8))]
    ranked = rerank(hits, Pairs(b=9.0), limit=2, weight=0.4, settle=5)
    assert [h.chunk.chunk_id for h in ranked] == ["b", "a", "c"]
    assert ranked[0].score == pytest.approx(0.9 + 0.4 * 0.9)
    assert ranked[0].scores["rerank"] == 9.0
    assert "rerank" not in ranked[2].scores
    assert ranked[2].score == pytest.approx(0.8 - 0.4)


def test_reranking_stops_when_the_head_is_settled() -> None:
    names = [f"n{number:02d}" for number in range(16)]
    hits = [hit(name, name, 1.0 if number < 2 else 0.3) for number, name in enumerate(names)]
    reranker = Pairs(n00=9.0, n01=9.0)
    ranked = rerank(hits, reranker, limit=16, weight=0.4, settle=2)
    assert [h.chunk.chunk_id for h in ranked[:2]] == ["n00", "n01"]
    assert len(reranker.asked) == 8
    everything = Pairs(n00=9.0, n01=9.0)
    rerank(hits, everything, limit=16, weight=0.4, settle=10)
    assert len(everything.asked) == 16


def test_ties_break_by_content_id() -> None:
    ranked = rerank([hit("b", "x", 0.5), hit("a", "x", 0.5)], Pairs(), limit=2, weight=0.4, settle=2)
    assert [h.chunk.chunk_id for h in ranked] == ["a", "b"]


def test_unsure_is_when_nothing_looks_like_an_answer() -> None:
    sure = rerank([hit("a", "a", 1.0)], Pairs(a=5.0), limit=1, weight=0.4, settle=1)
    unsure = rerank([hit("a", "a", 1.0)], Pairs(a=-5.0), limit=1, weight=0.4, settle=1)
    assert (is_unsure(sure), is_unsure(unsure), is_unsure([])) == (False, True, True)


def test_the_imagined_passage_draws_the_question_halfway() -> None:
    middle = towards(np.array([1, 0], np.float32), np.array([0, 1], np.float32))
    np.testing.assert_allclose(middle, [2**-0.5, 2**-0.5], rtol=1e-6)


@pytest.mark.parametrize(("fusion", "best"), [("dense", 0), ("sparse", 1), ("min_max", 1), ("rrf", 1)])
def test_fusions(fusion: str, best: int) -> None:
    ids, documents = np.array([b"a", b"b", b"c"]), np.zeros(3, "S16")
    found = Found(ids, np.array([0.9, 0.88, 0.1]), np.array([0.0, 5.0, 4.9]), np.zeros(3), documents, 0.0)
    scores = fuse(found, SearchOptions(fusion=fusion, dense_weight=0.5))  # type: ignore[arg-type]
    assert int(np.argmax(scores)) == best
    assert 0.0 <= scores.min() <= scores.max() <= 1.0
