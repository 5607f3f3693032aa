"""All pairs of units of two texts: within clauses, then in order whatever the clause, then wherever they stand."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence

from retrieval.comparing.aligning import Aligner, Pair
from retrieval.comparing.boundaries import joined
from retrieval.comparing.clauses import matched
from retrieval.comparing.likeness import chosen, cosines
from retrieval.comparing.units import Outline, Role

_LEAST_WORDS = 4  # of a sentence that may have moved by itself
_LEAST_WORDS_CHANGED = 8  # and that was changed as well
_ALIKE = 0.55


def pairs_of(old: Outline, new: Outline) -> list[Pair]:
    """In the old order; each unit is in one pair at most."""
    aligner = Aligner(old, new)
    pairs: list[Pair] = []
    for one, other in matched(old, new):
        own, its = old.clauses[one], new.clauses[other]
        found = aligner.align(range(own.first, own.last), range(its.first, its.last), alone=True)
        pairs += found + _headings(old, new, own.first, its.first, found)
    for olds, news in list(_gaps(old, new, pairs)):
        pairs += aligner.align(olds, news)
    pairs.sort(key=lambda pair: pair.old)
    kept = backbone(old, new, pairs)
    moved = [pair for at, pair in enumerate(pairs) if at not in kept]
    pairs = joined(old, new, [pair for at, pair in enumerate(pairs) if at in kept], moved) + moved
    pairs += _elsewhere(old, new, aligner, pairs)
    return sorted(pairs, key=lambda pair: pair.old)


def backbone(old: Outline, new: Outline, pairs: Sequence[Pair]) -> set[int]:
    """Places of the pairs, given in the old order, that hold most words and stand in the same order on both sides."""
    starts = sorted({pair.new[0] for pair in pairs})
    best: list[tuple[int, int]] = [(0, -1)] * (len(starts) + 1)  # a Fenwick tree of (words, place of the last pair)
    before = [-1] * len(pairs)
    top = (0, -1)
    for at, pair in enumerate(pairs):
        rank = bisect_left(starts, pair.new[0])
        held, before[at] = _highest(best, rank)
        size = sum(old.units[one].size for one in pair.old) + sum(new.units[one].size for one in pair.new)
        total = (held + size + 1, at)
        _raise(best, rank + 1, total)
        top = max(top, total, key=lambda one: one[0])
    found = set[int]()
    at = top[1]
    while at >= 0:
        found.add(at)
        at = before[at]
    return found


def _highest(tree: list[tuple[int, int]], count: int) -> tuple[int, int]:
    """The best of the first `count`."""
    found = (0, -1)
    while count > 0:
        if tree[count][0] > found[0]:
            found = tree[count]
        count -= count & -count
    return found


def _raise(tree: list[tuple[int, int]], at: int, value: tuple[int, int]) -> None:
    while at < len(tree):
        if value[0] > tree[at][0]:
            tree[at] = value
        at += at & -at


def _headings(old: Outline, new: Outline, one: int, other: int, pairs: Sequence[Pair]) -> list[Pair]:
    """The headings of a clause, if they are in no pair: it was called otherwise."""
    both = old.units[one].role is Role.HEADING and new.units[other].role is Role.HEADING
    free = all(one not in pair.old and other not in pair.new for pair in pairs)
    return [Pair((one,), (other,))] if both and free else []


def _gaps(old: Outline, new: Outline, pairs: list[Pair]) -> Iterator[tuple[list[int], list[int]]]:
    """Units in no pair, between the same two pairs on both sides."""
    pairs.sort(key=lambda pair: pair.old)
    kept = backbone(old, new, pairs)
    taken_old, taken_new = _taken(pairs)
    start_old = start_new = 0
    ends = [(pairs[at].old, pairs[at].new) for at in sorted(kept)]
    for own, its in [*ends, ((len(old.units),), (len(new.units),))]:
        olds = [at for at in range(start_old, own[0]) if at not in taken_old]
        news = [at for at in range(start_new, its[0]) if at not in taken_new]
        if olds and news:
            yield olds, news
        start_old, start_new = own[-1] + 1, its[-1] + 1


def _taken(pairs: Sequence[Pair]) -> tuple[set[int], set[int]]:
    return {at for pair in pairs for at in pair.old}, {at for pair in pairs for at in pair.new}


def _elsewhere(old: Outline, new: Outline, aligner: Aligner, pairs: Sequence[Pair]) -> list[Pair]:
    """Units in no pair that stand somewhere else on the other side, the same or much alike."""
    taken_old, taken_new = _taken(pairs)
    olds = [at for at in range(len(old.units)) if at not in taken_old and old.units[at].size >= _LEAST_WORDS]
    news = [at for at in range(len(new.units)) if at not in taken_new and new.units[at].size >= _LEAST_WORDS]
    by_key: defaultdict[str, deque[int]] = defaultdict(deque)
    for at in news:
        by_key[new.units[at].key].append(at)
    found = [Pair((at,), (same.popleft(),)) for at in olds if (same := by_key[old.units[at].key])]
    own, its = _taken(found)
    olds = [at for at in olds if at not in own and old.units[at].size >= _LEAST_WORDS_CHANGED]
    news = [at for at in news if at not in its and new.units[at].size >= _LEAST_WORDS_CHANGED]
    alike = cosines([old.units[at].key for at in olds], [new.units[at].key for at in news], _ALIKE)
    alike = [one for one in alike if aligner.likeness(old.units[olds[one[1]]], new.units[news[one[2]]]) >= _ALIKE]
    return found + [Pair((olds[one],), (news[other],)) for one, other in chosen(alike)]
