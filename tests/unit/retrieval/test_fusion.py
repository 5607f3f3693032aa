"""Fusion of two rankings, and the order in which hybrid search returns what it fused and reranked."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.errors import InvalidQuery
from retrieval.index.find import Found
from retrieval.search.fusion import RRF_K, min_max, places, rrf, weighted_min_max
from retrieval.text.queries import MAX_QUERY_CHARS, clean_query


def test_min_max_spans_zero_to_one_and_equal_scores_become_zero() -> None:
    assert min_max(np.array([3.0, 1.0, 2.0])).tolist() == [1.0, 0.0, 0.5]
    assert min_max(np.array([4.0, 4.0])).tolist() == [0.0, 0.0]
    assert min_max(np.array([])).tolist() == []


def test_weighted_min_max_weighs_both_legs() -> None:
    fused = weighted_min_max(np.array([0.9, 0.1]), np.array([0.0, 7.0]), dense_weight=0.65)
    assert fused.tolist() == pytest.approx([0.65, 0.35])


def test_rrf_adds_reciprocal_ranks() -> None:
    ids = np.array([b"a", b"b", b"c"], "S32")
    fused = rrf(np.array([0.9, 0.5, 0.1]), np.array([1.0, 3.0, 2.0]), ids)
    assert fused.tolist() == pytest.approx(
        [1 / (RRF_K + 1) + 1 / (RRF_K + 3), 1 / (RRF_K + 2) + 1 / (RRF_K + 1), 1 / (RRF_K + 3) + 1 / (RRF_K + 2)]
    )


def test_rrf_breaks_ties_by_id_whatever_the_order_of_the_rows() -> None:
    ids = np.array([b"b", b"c", b"a"], "S32")
    scores = np.array([0.5, 0.5, 0.5])
    by_id = dict(zip(ids.tolist(), rrf(scores, scores, ids).tolist(), strict=True))
    turned = dict(zip(ids[::-1].tolist(), rrf(scores, scores, ids[::-1]).tolist(), strict=True))
    assert by_id == turned
    assert by_id[b"a"] > by_id[b"b"] > by_id[b"c"]


def test_a_row_has_its_place_in_each_leg_that_gave_it() -> None:
    ids, dense, sparse = np.array([b"a", b"b", b"c"], "S32"), np.array([0.9, 0.5, 0.1]), np.array([1.0, 3.0, 0.5])
    found = Found(ids, dense, sparse, np.zeros(3), np.zeros(3, "S16"), floor=0.5)
    assert places(found, np.array([0.2, 0.9, 0.2]), 2) == [
        {"dense": 1, "sparse": 2, "fused": 2},
        {"dense": 2, "sparse": 1, "fused": 1},
        {"fused": 3},  # the third of the dense leg, which gave two, and no word of the question is in it
    ]


def test_a_query_is_composed_trimmed_and_free_of_control_characters() -> None:
    assert clean_query("  re\u0301sume\u0301\x00\u200b \u202e of\n\tKestrel ") == "résumé of Kestrel"


@pytest.mark.parametrize("query", ["", " \n\t", "\x00\x01", "\u200b\u202e", "\ud800"])
def test_a_query_without_words_is_refused(query: str) -> None:
    with pytest.raises(InvalidQuery, match="empty"):
        clean_query(query)


def test_a_query_that_is_too_long_is_refused_with_both_numbers() -> None:
    assert len(clean_query("x" * MAX_QUERY_CHARS)) == MAX_QUERY_CHARS
    with pytest.raises(InvalidQuery, match=r"4,001 characters; the limit is 4,000"):
        clean_query("x" * (MAX_QUERY_CHARS + 1))
