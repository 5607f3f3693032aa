"""Which of many texts are alike, by the rarer of their words, without comparing each with each."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_MOST_PRODUCTS = 20_000_000  # pairs of texts that share a word, over all words: the time that it takes
_MOST_FOUND = 200_000


def cosines(olds: Sequence[str], news: Sequence[str], least: float) -> list[tuple[float, int, int]]:
    """(cosine, old, new) of keys (words between blanks) that are alike by at least that much; where these are too many,
    of the most alike.

    Weights are sqrt(tf) * idf. Words that stand in most texts are left out where there are many texts.
    """
    from scipy.sparse import csr_matrix

    counted = [Counter(word for word in one.casefold().split(" ") if word[:1].isalnum()) for one in (*olds, *news)]
    kept = _vocabulary(counted, len(olds))
    if not kept:
        return []
    weights = [
        {kept[word][0]: math.sqrt(count) * kept[word][1] for word, count in one.items() if word in kept}
        for one in counted
    ]

    def matrix(rows: Sequence[dict[int, float]]) -> csr_matrix:
        norms = [math.sqrt(sum(value * value for value in row.values())) or 1.0 for row in rows]
        data = [value / norm for row, norm in zip(rows, norms, strict=True) for value in row.values()]
        columns = [column for row in rows for column in row]
        ends = np.cumsum([0, *map(len, rows)])
        return csr_matrix((np.asarray(data), np.asarray(columns, np.int64), ends), shape=(len(rows), len(kept)))

    product = (matrix(weights[: len(olds)]) @ matrix(weights[len(olds) :]).T).tocoo()
    values: NDArray[np.float64] = product.data
    wanted = np.flatnonzero(values >= least)
    if len(wanted) > _MOST_FOUND:
        wanted = wanted[np.argsort(-values[wanted].round(6), kind="stable")[:_MOST_FOUND]]
    return [
        (round(float(values[at]), 6), int(product.row[at]), int(product.col[at])) for at in wanted.tolist()
    ]  # rounded: sums may differ in their last digits


def _vocabulary(counted: Sequence[Counter[str]], olds: int) -> dict[str, tuple[int, float]]:
    """Column and weight of the words on both sides, the rarest first, as many as can be afforded."""
    sides: tuple[defaultdict[str, int], defaultdict[str, int]] = (defaultdict(int), defaultdict(int))
    for at, one in enumerate(counted):
        for word in one:
            sides[at >= olds][word] += 1
    shared = sorted((sides[0][word] * sides[1][word], word) for word in sides[0].keys() & sides[1].keys())
    kept: dict[str, tuple[int, float]] = {}
    spent = 0
    for products, word in shared:
        spent += products
        if spent > _MOST_PRODUCTS:
            break
        kept[word] = (len(kept), math.log(1 + len(counted) / (sides[0][word] + sides[1][word])))
    # Words of one side alone make texts less alike.
    for word in (sides[0].keys() ^ sides[1].keys()) if kept else ():
        kept[word] = (len(kept), math.log(1 + len(counted) / (sides[0][word] + sides[1][word])))
    return kept


def chosen(found: Sequence[tuple[float, int, int]]) -> list[tuple[int, int]]:
    """Pairs (old, new), the best first, each text once; of equals those that stand earlier."""
    olds, news = set[int](), set[int]()
    pairs = []
    for _, old, new in sorted(found, key=lambda one: (-one[0], one[1], one[2])):
        if old not in olds and new not in news:
            olds.add(old)
            news.add(new)
            pairs.append((old, new))
    return pairs
