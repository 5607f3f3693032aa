"""Clauses of two texts that are the same clause: by what they say, by their headings and by their numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from retrieval.comparing.likeness import chosen, cosines
from retrieval.comparing.units import Clause, Outline

_LEAST = 0.2  # of a cosine that is looked at
_ENOUGH = 0.45
_ENOUGH_CALLED_ALIKE = 0.05
_TITLE, _NUMBER, _PLACE = 0.3, 0.1, 0.05
_MOST_CALLED_ALIKE = 400  # pairs of clauses under one heading


def matched(old: Outline, new: Outline) -> list[tuple[int, int]]:
    """Pairs of clauses by their numbers, in the old order; each is in one pair at most."""
    words_old, words_new = ([_words(side, clause) for clause in side.clauses] for side in (old, new))
    alike = {(one, other): value for value, one, other in cosines(words_old, words_new, _LEAST)}
    for pair in _called_alike(old.clauses, new.clauses):
        alike.setdefault(pair, 0.0)
    scored = [
        (score, one, other)
        for (one, other), value in alike.items()
        if (score := _score(old, new, one, other, value)) is not None
    ]
    return sorted(chosen(scored))


def _words(side: Outline, clause: Clause) -> str:
    return " ".join(unit.key for unit in side.units[clause.first : clause.last] if unit.key)


def _score(old: Outline, new: Outline, one: int, other: int, alike: float) -> float | None:
    """How surely they are the same clause; None: they are not."""
    own, its = old.clauses[one], new.clauses[other]
    called = bool(own.title) and own.title == its.title
    numbered = own.label is not None and its.label is not None and own.label.levels == its.label.levels
    bare = own.last - own.first <= 1 or its.last - its.first <= 1  # a heading alone
    if alike < (_ENOUGH_CALLED_ALIKE if called else _ENOUGH) and not (called and bare):
        return None
    apart = abs(one / max(len(old.clauses), 1) - other / max(len(new.clauses), 1))
    return round(alike + _TITLE * called + _NUMBER * numbered - _PLACE * apart, 6)


def _called_alike(olds: Sequence[Clause], news: Sequence[Clause]) -> Iterator[tuple[int, int]]:
    by_title: defaultdict[str, list[int]] = defaultdict(list)
    for at, clause in enumerate(news):
        by_title[clause.title].append(at)
    often: defaultdict[str, int] = defaultdict(int)
    for clause in olds:
        often[clause.title] += 1
    for at, clause in enumerate(olds):
        found = by_title[clause.title] if clause.title else []
        if len(found) * often[clause.title] <= _MOST_CALLED_ALIKE:
            yield from ((at, one) for one in found)
