"""Two texts compared: clauses are matched, sentences and rows within them aligned, and what remains is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from retrieval.comparing.aligning import Pair
from retrieval.comparing.matching import backbone, pairs_of
from retrieval.comparing.numbering import renumbered
from retrieval.comparing.tokens import tokens
from retrieval.comparing.types import Comparison, Difference, Kind, Span, Split, Text
from retrieval.comparing.units import Clause, Outline, Role, Unit, outline
from retrieval.comparing.words import Sentence, changed
from retrieval.understanding.words import COMPANY_FORMS, FUNCTION_WORDS

Placed = tuple[tuple[int, int], Difference]  # where it stands in reading order


def compare(old: Text, new: Text, split: Split) -> Comparison:
    """All differences in reading order, that of the new text; the same for the same texts.

    `split`: the spans of a text's sentences. Line ends, hyphens within words, kinds of quotation marks and dashes, page
    numbers and running heads are no differences. Raises `TooLongToCompare`.
    """
    one, other = outline(old, split), outline(new, split)
    told = _Told(one, other, pairs_of(one, other), _names(old.parties) | _names(new.parties))
    found = sorted(told.differences(), key=lambda placed: placed[0])
    return Comparison(tuple(difference for _, difference in found), told.alike())


def _names(parties: Iterable[str]) -> frozenset[str]:
    """The words of names as they are spelled, without those that say nothing."""
    words = {word for name in parties for word in tokens(name, 0, len(name)).words if word[0].isalnum()}
    return frozenset(word for word in words if word.casefold() not in COMPANY_FORMS | FUNCTION_WORDS)


class _Told:
    def __init__(self, old: Outline, new: Outline, pairs: Sequence[Pair], parties: frozenset[str]) -> None:
        self._old, self._new, self._pairs, self._parties = old, new, pairs, parties
        self._kept = backbone(old, new, pairs)
        self._often = tuple(Counter(unit.key for unit in side.units) for side in (old, new))
        self._new_place = {at: pair.new[0] for pair in pairs for at in pair.old}

    def differences(self) -> Iterator[Placed]:
        moved = [pair for at, pair in enumerate(self._pairs) if at not in self._kept]
        yield from self._changed()
        for block in self._blocks(moved):
            if not all(self._repeated(pair) for pair in block):
                yield self._moved(block)
        kept = [pair for at, pair in enumerate(self._pairs) if at in self._kept]
        for run in renumbered(self._old, self._new, kept):
            spans = [(self._old.units[a], self._new.units[b]) for a, b in run]
            olds, news = [_whole([own]) for own, _ in spans], [_whole([its]) for _, its in spans]
            yield self._told(Kind.RENUMBERED, olds, news, (run[0][0],), (run[0][1],))
        yield from self._alone(self._old, Kind.REMOVED)
        yield from self._alone(self._new, Kind.ADDED)

    def alike(self) -> float:
        """Share of the words of both sides in pairs that say the same, in order."""
        total = sum(unit.size for side in (self._old, self._new) for unit in side.units)
        same = sum(
            self._old.units[pair.old[0]].size + self._new.units[pair.new[0]].size
            for at, pair in enumerate(self._pairs)
            if at in self._kept and self._says_the_same(pair)
        )
        return same / total if total else 1.0

    def _says_the_same(self, pair: Pair) -> bool:
        old, new = self._old.units[pair.old[0]], self._new.units[pair.new[0]]
        if old.key != new.key or len(pair.old) != 1 or len(pair.new) != 1:
            return False
        both = old.role is Role.ROW and new.role is Role.ROW
        return not both or self._old.joined([old]).words == self._new.joined([new]).words

    def _changed(self) -> Iterator[Placed]:
        for pair in self._pairs:
            if self._says_the_same(pair):
                continue
            olds, news = [self._old.units[at] for at in pair.old], [self._new.units[at] for at in pair.new]
            labelled = (olds[0].label is None) != (news[0].label is None)
            words = changed(self._sentence(self._old, olds, labelled), self._sentence(self._new, news, labelled))
            if words:
                own, its = [_whole([unit]) for unit in olds], [_whole([unit]) for unit in news]
                place, difference = self._told(Kind.CHANGED, own, its, pair.old, pair.new)
                yield place, replace(difference, words=words)

    def _sentence(self, side: Outline, units: Sequence[Unit], labelled: bool) -> Sentence:
        found = side.joined(units, labelled=labelled)
        role = units[0].role
        return Sentence(side.text, found, role is Role.HEADING, role is Role.ROW, self._parties)

    def _moved(self, block: Sequence[Pair]) -> Placed:
        olds = sorted(at for pair in block for at in pair.old)
        news = sorted(at for pair in block for at in pair.new)
        own, its = [self._old.units[at] for at in olds], [self._new.units[at] for at in news]
        return self._told(Kind.MOVED, [_whole(own)], [_whole(its)], olds, news)

    def _blocks(self, moved: Sequence[Pair]) -> Iterator[list[Pair]]:
        """Pairs that moved together: in a row on both sides, or within one clause."""
        block: list[Pair] = []
        for pair in moved:
            if block and not self._follows(block[-1], pair):
                yield block
                block = []
            block.append(pair)
        if block:
            yield block

    def _follows(self, one: Pair, other: Pair) -> bool:
        if other.old[0] == one.old[-1] + 1 and other.new[0] == one.new[-1] + 1:
            return True
        old, new = self._old.units, self._new.units
        in_one = (
            old[one.old[0]].clause == old[other.old[0]].clause and new[one.new[0]].clause == new[other.new[0]].clause
        )
        return in_one and one.new[-1] < other.new[0]

    def _repeated(self, pair: Pair) -> bool:
        """Whether it stands as often on both sides, and more than once: nobody can say which of them moved."""
        key = self._old.units[pair.old[0]].key
        return key == self._new.units[pair.new[0]].key and self._often[0][key] == self._often[1][key] > 1

    def _alone(self, side: Outline, kind: Kind) -> Iterator[Placed]:
        """Units in no pair: whole clauses and tables at once, else each by itself."""
        taken = {at for pair in self._pairs for at in (pair.old if kind is Kind.REMOVED else pair.new)}
        free = [at for at in range(len(side.units)) if at not in taken and side.units[at].size]
        for run in _runs(side, free):
            spans = [_whole([side.units[at] for at in run])]
            if kind is Kind.REMOVED:
                yield self._told(kind, spans, [], run, ())
            else:
                yield self._told(kind, [], spans, (), run)

    def _told(
        self, kind: Kind, own: Sequence[Span], its: Sequence[Span], olds: Sequence[int], news: Sequence[int]
    ) -> Placed:
        """`olds` and `news`: the units, of which the first says where it stands."""
        of_old = self._old.clauses[self._old.units[olds[0]].clause] if olds else None
        of_new = self._new.clauses[self._new.units[news[0]].clause] if news else None
        place = (news[0], 1) if news else (self._where(olds[0]), 0)
        return place, Difference(
            kind, tuple(own), tuple(its), _section(of_old), _section(of_new), _printed(of_old), _printed(of_new)
        )

    def _where(self, old: int) -> int:
        """In the new text, before which unit a removed one stood: after the last one before it that is still there."""
        for at in range(old - 1, -1, -1):
            if at in self._new_place:
                return self._new_place[at] + 1
        return 0


def _section(clause: Clause | None) -> tuple[str, ...]:
    return clause.section if clause else ()


def _printed(clause: Clause | None) -> str:
    return clause.printed if clause else ""


def _whole(units: Sequence[Unit]) -> Span:
    return Span(units[0].start, units[-1].end)


def _runs(side: Outline, free: Sequence[int]) -> Iterator[list[int]]:
    """Clauses and tables of which everything is free, and single units."""
    left = set(free)
    for at in free:
        if at not in left:
            continue
        run = next((one for one in (_clause(side, at), _table(side, at)) if one and left.issuperset(one)), [at])
        left.difference_update(run)
        yield run


def _clause(side: Outline, at: int) -> list[int]:
    """The units of the clause that begins there."""
    clause = side.clauses[side.units[at].clause]
    if any(side.units[one].size for one in range(clause.first, at)):
        return []
    return [one for one in range(at, clause.last) if side.units[one].size]


def _table(side: Outline, at: int) -> list[int]:
    """The rows of the table that begins there."""
    unit = side.units[at]
    if unit.role is not Role.ROW or (at and side.units[at - 1].element == unit.element):
        return []
    end = at
    while end < len(side.units) and side.units[end].element == unit.element:
        end += 1
    return list(range(at, end))
