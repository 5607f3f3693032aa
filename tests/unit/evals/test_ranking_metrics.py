"""Ranking metrics against values computed by hand and by trec_eval's definition."""

from __future__ import annotations

import math

import pytest

from evals.measuring.statistics import paired_bootstrap
from evals.metrics.ranking import ndcg, recall, reciprocal_rank

GAINS = {"a": 2.0, "b": 1.0, "c": 1.0, "judged useless": 0.0}


def test_ndcg_counts_gains_linearly_and_knows_the_ideal_list() -> None:
    found = 1 / math.log2(3) + 2 / math.log2(4)  # b second, a third
    ideal = 2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg(["x", "b", "a"], GAINS, 10) == pytest.approx(found / ideal)
    assert ndcg(["a", "b", "c"], GAINS, 10) == ndcg(["a", "c", "b", "x"], GAINS, 10) == 1.0
    assert ndcg(["x", "a"], GAINS, 1) == 0.0
    assert ndcg(["b"], GAINS, 1) == 0.5  # the ideal list is cut as well
    assert ndcg(["a"], {"a": 0.0}, 10) == 0.0


def test_recall_and_reciprocal_rank_want_a_gain() -> None:
    ranked = ["judged useless", "b", "x", "a"]
    assert (recall(ranked, GAINS, 1), recall(ranked, GAINS, 2), recall(ranked, GAINS, 10)) == (0.0, 1 / 3, 2 / 3)
    assert (reciprocal_rank(ranked, GAINS, 1), reciprocal_rank(ranked, GAINS, 10)) == (0.0, 0.5)
    assert recall(ranked, {}, 10) == reciprocal_rank(ranked, {}, 10) == 0.0


def test_bootstrap_is_the_same_for_a_seed_and_weighs_sets_alike() -> None:
    better, worse = [0.9, 0.8, 0.7, 0.9] * 10, [0.5, 0.6, 0.4, 0.7] * 10
    sure = paired_bootstrap([(better, worse)], seed=7, samples=500)
    assert sure == paired_bootstrap([(better, worse)], seed=7, samples=500)
    assert sure.mean == pytest.approx(0.275)
    assert 0 < sure.low < sure.mean < sure.high
    assert sure.p == 0.0
    assert paired_bootstrap([(worse, better)], seed=7, samples=500).p == 1.0
    macro = paired_bootstrap([(better, worse), ([0.5], [0.5])], seed=7, samples=500)
    assert macro.mean == pytest.approx(0.275 / 2)  # forty queries weigh no more than one
    mixed = paired_bootstrap([([1.0, 0.0], [0.0, 1.0])], seed=7, samples=500)
    assert mixed.low < 0 < mixed.high


def test_bootstrap_wants_pairs() -> None:
    with pytest.raises(ValueError, match="2 scores cannot be paired with 1"):
        paired_bootstrap([([1.0, 0.0], [1.0])], seed=1)
