"""Units of two texts put side by side, in order: first those that say the same, then those that are alike.

What is unique on both sides and the same anchors the rest (patience diff, Bram Cohen). Between anchors whatever else is
the same is found as a longest common subsequence, and what is left is paired by how many words it shares, so that the
pairs together share most (Needleman and Wunsch 1970). A sentence may be two on the other side: a page's end or an
abbreviation divides sentences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from retrieval.comparing.sequences import equal_runs, increasing
from retrieval.comparing.units import Outline, Role, Unit

_MOST_KEYS = 4_000_000  # of keys that are compared with keys
_MOST_PAIRS = 20_000  # of units, between two anchors
_MOST_CELLS_IN_ALL = 2_000_000
_MOST_WORK = 40_000_000  # words compared with words, 64 at once
_LEAST = 0.5  # of two sentences' words are the same
_LEAST_ALONE = 0.3  # where nothing else comes in question
_JOINED = 0.7  # of the words of a part that the whole must have
_MOST_JOINED = 3
_OF_ROW = 0.6  # with an equal first cell
_NEVER = -1e9
_TIE = 1e-6  # rather a pair than none

Indexes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Units by their numbers: one on each side, or one on one side and the parts of it on the other."""

    old: Indexes
    new: Indexes


class Aligner:
    def __init__(self, old: Outline, new: Outline) -> None:
        self._old, self._new = old, new
        self._numbers: dict[str, int] = {}
        self._words: dict[str, list[int]] = {}
        self._cells = _MOST_CELLS_IN_ALL

    def align(self, olds: Sequence[int], news: Sequence[int], *, alone: bool = False) -> list[Pair]:
        """Pairs in order, of units that are given in order. `alone`: a pair of sentences that has no others around it
        needs to share less."""
        pairs: list[Pair] = []
        for gap_old, gap_new, same in self._anchored(olds, news):
            pairs += self._between(gap_old, gap_new, alone)
            pairs += same
        return pairs

    def likeness(self, old: Unit, new: Unit) -> float:
        """0 to 1: twice the words in common, in order, of all words."""
        common = self._shared(old, new)
        same = 2 * common / max(old.size + new.size, 1)
        if old.role is Role.ROW and new.role is Role.ROW and same < _OF_ROW:
            first = _first_cell(self._old, old)
            return _OF_ROW if first and first == _first_cell(self._new, new) else same
        return same

    def _anchored(self, olds: Sequence[int], news: Sequence[int]) -> Iterator[tuple[list[int], list[int], list[Pair]]]:
        """What stands before each anchor on both sides, with the anchor; the last one has none."""
        own = {key: at for key, at in self._unique(self._old, olds).items() if key}
        other = self._unique(self._new, news)
        both = sorted((at, other[key]) for key, at in own.items() if key in other)
        start_old = start_new = 0
        for at in increasing([new for _, new in both]):
            place_old, place_new = both[at]
            anchor = Pair((olds[place_old],), (news[place_new],))
            yield list(olds[start_old:place_old]), list(news[start_new:place_new]), [anchor]
            start_old, start_new = place_old + 1, place_new + 1
        yield list(olds[start_old:]), list(news[start_new:]), []

    def _unique(self, side: Outline, places: Sequence[int]) -> dict[str, int]:
        keys = [side.units[at].key for at in places]
        often = Counter(keys)
        return {key: at for at, key in enumerate(keys) if often[key] == 1}

    def _between(self, olds: list[int], news: list[int], alone: bool) -> Iterator[Pair]:
        """Equal ones that are not unique, and those between them."""
        if not olds or not news:
            return
        start_old = start_new = 0
        if len(olds) * len(news) <= _MOST_KEYS:
            keys_old = [self._number(self._old.units[at].key) for at in olds]
            keys_new = [self._number(self._new.units[at].key) for at in news]
            for a, c, length in equal_runs(keys_old, keys_new):
                yield from self._alike(olds[start_old:a], news[start_new:c], alone)
                yield from (Pair((olds[a + step],), (news[c + step],)) for step in range(length))
                start_old, start_new = a + length, c + length
        yield from self._alike(olds[start_old:], news[start_new:], alone)

    def _alike(self, olds: list[int], news: list[int], alone: bool) -> list[Pair]:
        cells = len(olds) * len(news)
        words = sum(self._old.units[at].size for at in olds) * sum(self._new.units[at].size for at in news)
        if not cells or cells > min(_MOST_PAIRS, self._cells) or words > _MOST_WORK:
            return []
        self._cells -= cells
        return self._best(olds, news, _LEAST_ALONE if alone and cells == 1 else _LEAST)

    def _best(self, olds: list[int], news: list[int], least: float) -> list[Pair]:
        """The pairs that together share most words beyond `least`."""
        rows, columns = len(olds), len(news)
        of_old, of_new = [self._old.units[at] for at in olds], [self._new.units[at] for at in news]
        shared = [[self._shared(one, other) for other in of_new] for one in of_old]
        best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
        step = [[(0, 0)] * (columns + 1) for _ in range(rows + 1)]
        for i in range(rows - 1, -1, -1):
            for j in range(columns - 1, -1, -1):
                found = [(best[i + 1][j], (1, 0)), (best[i][j + 1], (0, 1))]
                if shared[i][j]:
                    gain = self._gain(of_old[i], of_new[j], least)
                    found.append((gain + best[i + 1][j + 1], (1, 1)))
                    for a, b in _joins(shared, of_old, of_new, i, j):
                        gain = self._joined(of_old[i : i + a], of_new[j : j + b], least)
                        found.append((gain + best[i + a][j + b], (a, b)))
                best[i][j], step[i][j] = max(found, key=lambda one: one[0])
        return list(_followed(olds, news, step))

    def _gain(self, old: Unit, new: Unit, least: float) -> float:
        """Words in common beyond what is needed."""
        same = self.likeness(old, new)
        return (same - least) * (old.size + new.size) + _TIE if same >= least else _NEVER

    def _joined(self, olds: Sequence[Unit], news: Sequence[Unit], least: float) -> float:
        """As `_gain`, of one sentence and the parts of it."""
        one = [word for unit in olds for word in self._of(unit.key)]
        other = [word for unit in news for word in self._of(unit.key)]
        common = int(LCSseq.similarity(one, other))
        if common < _JOINED * max(len(one), len(other)):
            return _NEVER
        return 2 * common - least * (len(one) + len(other))

    def _shared(self, old: Unit, new: Unit) -> int:
        """How many words both have, in order; none of a row and a sentence."""
        if (old.role is Role.ROW) != (new.role is Role.ROW):
            return 0
        return int(LCSseq.similarity(self._of(old.key), self._of(new.key)))

    def _of(self, key: str) -> list[int]:
        """The words of a unit as numbers."""
        if key not in self._words:
            self._words[key] = [self._number(word) for word in key.split(" ")] if key else []
        return self._words[key]

    def _number(self, word: str) -> int:
        return self._numbers.setdefault(word, len(self._numbers))


def _first_cell(side: Outline, unit: Unit) -> str:
    return " ".join(side.text[unit.start : unit.end].split("|", 1)[0].split()).casefold()


def _joins(
    shared: Sequence[Sequence[int]], olds: Sequence[Unit], news: Sequence[Unit], i: int, j: int
) -> Iterator[tuple[int, int]]:
    """(1, n) and (n, 1) where each part stands almost whole in what is one on the other side."""
    for count in range(2, _MOST_JOINED + 1):
        ahead = range(count)
        if j + count <= len(news) and all(_within(shared[i][j + q], olds[i], news[j + q]) for q in ahead):
            yield 1, count
        if i + count <= len(olds) and all(_within(shared[i + p][j], news[j], olds[i + p]) for p in ahead):
            yield count, 1


def _within(common: int, whole: Unit, part: Unit) -> bool:
    return whole.role is Role.PROSE and part.role is not Role.ROW and common >= max(_JOINED * part.size, 1)


def _followed(olds: list[int], news: list[int], step: list[list[tuple[int, int]]]) -> Iterator[Pair]:
    i = j = 0
    while i < len(olds) and j < len(news):
        a, b = step[i][j]
        if a and b:
            yield Pair(tuple(olds[i : i + a]), tuple(news[j : j + b]))
        i, j = i + a, j + b
