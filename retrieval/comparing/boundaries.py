"""Sentences that end elsewhere than before, because a line, a page or an abbreviation divides them otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import LCSseq

from retrieval.comparing.aligning import Pair
from retrieval.comparing.units import Outline, Role

_LEAST = 2  # words that are the same once both are taken together
_SHARE = 0.6  # of what differs by itself may differ together
_MOST_WORDS = 1_500


def joined(old: Outline, new: Outline, kept: Sequence[Pair], moved: Sequence[Pair]) -> list[Pair]:
    """The pairs that are in order, with neighbours made one where that makes them more alike: "to receive the" and
    "Goods." that became "to receive the Goods." Units in no pair, of the moved ones neither, may become parts of one.
    """
    found: list[Pair] = []
    for pair in _with_free(old, new, kept, moved):
        while found and (whole := _one(old, new, found[-1], pair)) is not None:
            found.pop()
            pair = whole
        found.append(pair)
    return [pair for pair in found if pair.old and pair.new]


def _with_free(old: Outline, new: Outline, kept: Sequence[Pair], moved: Sequence[Pair]) -> Iterator[Pair]:
    """The pairs with what stands between them on both sides, each unit by itself."""
    start_old = start_new = 0
    taken_old = {at for pair in (*kept, *moved) for at in pair.old}
    taken_new = {at for pair in (*kept, *moved) for at in pair.new}
    for pair in (*kept, Pair((len(old.units),), (len(new.units),))):
        yield from (Pair((at,), ()) for at in range(start_old, pair.old[0]) if at not in taken_old)
        yield from (Pair((), (at,)) for at in range(start_new, pair.new[0]) if at not in taken_new)
        start_old, start_new = pair.old[-1] + 1, pair.new[-1] + 1
        if pair.old[0] < len(old.units):
            yield pair


def _one(old: Outline, new: Outline, first: Pair, then: Pair) -> Pair | None:
    """Both as one pair, if they stand side by side and differ much less together."""
    whole = Pair((*first.old, *then.old), (*first.new, *then.new))
    if not whole.old or not whole.new or not (_in_a_row(whole.old) and _in_a_row(whole.new)):
        return None
    if any(side.units[at].role is Role.ROW for side, at in _places(old, new, whole)):
        return None
    if sum(side.units[at].size for side, at in _places(old, new, whole)) > _MOST_WORDS:
        return None
    apart = _differing(old, new, first) + _differing(old, new, then)
    if not apart:
        return None
    together = _differing(old, new, whole)
    return whole if apart - together >= _LEAST and together <= _SHARE * apart else None


def _places(old: Outline, new: Outline, pair: Pair) -> list[tuple[Outline, int]]:
    return [*((old, at) for at in pair.old), *((new, at) for at in pair.new)]


def _in_a_row(places: Sequence[int]) -> bool:
    return places[-1] - places[0] == len(places) - 1


def _differing(old: Outline, new: Outline, pair: Pair) -> int:
    """Words of either side that the other does not have, in order."""
    own = [word for at in pair.old for word in old.units[at].key.split(" ") if word]
    its = [word for at in pair.new for word in new.units[at].key.split(" ") if word]
    if own == its:
        return 0
    return len(own) + len(its) - 2 * int(LCSseq.similarity(own, its))
