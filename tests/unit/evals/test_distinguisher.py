"""The attacker of the timing benchmark."""

from __future__ import annotations

import numpy as np

from evals.measuring.statistics import auc


def test_auc_counts_pairs_in_the_right_order_and_ties_half() -> None:
    first, second = np.array([1.0, 3.0, 3.0]), np.array([2.0, 3.0])
    pairs = [(a > b) + 0.5 * (a == b) for a in first for b in second]
    assert auc(first, second) == np.mean(pairs)
    assert auc(first + 10, second) == 1.0
    assert auc(first, first) == 0.5
