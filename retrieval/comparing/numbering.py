"""Clauses that are counted otherwise than before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from retrieval.comparing.aligning import Pair
from retrieval.comparing.labels import Label
from retrieval.comparing.units import Outline

_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


def renumbered(old: Outline, new: Outline, pairs: Sequence[Pair]) -> Iterator[list[tuple[int, int]]]:
    """Runs of clauses, as pairs of their first units, that were counted on or back by the same step.

    4.1 that became 5.1 is not told where 4 became 5: that says it.
    """
    led = [(pair.old[0], pair.new[0]) for pair in pairs]
    labels = [
        (a, b, own, its)
        for a, b in led
        if (own := old.units[a].label) is not None and (its := new.units[b].label) is not None
    ]
    became: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    run: list[tuple[int, int]] = []
    last: tuple[str, int, int, tuple[str, ...]] | None = None
    for a, b, own, its in labels:
        if own.group != "item":
            became.setdefault(own.levels, set()).add(its.levels)
        if own.levels == its.levels:
            if last and len(own.levels) <= last[1] + 1 and last[0].startswith(own.group):
                last = None
            continue
        if _implied(own, its, became):
            continue
        step = _step(own, its)
        if step is not None and own.group == "item":
            step = (f"item {old.units[a].clause}", *step[1:])
        if run and step is not None and step == last:
            run.append((a, b))
            continue
        if run:
            yield run
        run, last = [(a, b)], step
    if run:
        yield run


def _implied(own: Label, its: Label, became: dict[tuple[str, ...], set[tuple[str, ...]]]) -> bool:
    """Whether only the number of the clause above it changed."""
    if len(own.levels) < 2 or own.levels[-1] != its.levels[-1]:
        return False
    return its.levels[:-1] in became.get(own.levels[:-1], set())


def _step(own: Label, its: Label) -> tuple[str, int, int, tuple[str, ...]] | None:
    """Which level was counted on by how much, under which clause; None where it is no such step."""
    if own.group != its.group or len(own.levels) != len(its.levels):
        return None
    other = [at for at, (one, two) in enumerate(zip(own.levels, its.levels, strict=True)) if one != two]
    if len(other) != 1:
        return None
    one, two = _value(own.levels[other[0]]), _value(its.levels[other[0]])
    return None if one is None or two is None else (own.group, other[0], two - one, own.levels[: other[0]])


def _value(level: str) -> int | None:
    if level.isdigit():
        return int(level)
    if len(level) == 1:
        return ord(level) - ord("a") + 1
    if set(level) <= _ROMAN.keys():
        digits = [_ROMAN[sign] for sign in level]
        return sum(-one if one < max(digits[at:]) else one for at, one in enumerate(digits))
    return None
