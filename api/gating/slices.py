"""Cases told apart by kind, group, language and the like: where it is worst, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from api.gating.shares import gap, wilson

FEWEST = 5  # cases of a slice: below that nothing is said of it


class Case(Protocol):
    """A case that was asked. `outcome`: right, wrong or error; `slices`: {by: name}."""

    @property
    def suite(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def slices(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Slice:
    """`right` of `n` cases that gave a result; the 95 % interval of the share (Wilson). `gap`: the share less that of
    the rest of its suite, with its interval."""

    suite: str
    by: str
    name: str
    n: int
    right: int
    low: float
    high: float
    gap: float
    gap_low: float
    gap_high: float

    @property
    def share(self) -> float:
        return self.right / self.n


def sliced(cases: Iterable[Case]) -> list[Slice]:
    """Those of at least `FEWEST` cases that something of the suite lies outside of, by suite, `by` and name. What gave
    an error is in none."""
    known = [case for case in cases if case.outcome != "error"]
    found = []
    for suite in sorted({case.suite for case in known}):
        of_suite = [case for case in known if case.suite == suite]
        right = sum(case.outcome == "right" for case in of_suite)
        for by, name in sorted({pair for case in of_suite for pair in case.slices.items()}):
            inside = [case.outcome == "right" for case in of_suite if case.slices.get(by) == name]
            n, hits = len(inside), sum(inside)
            if FEWEST <= n < len(of_suite):
                less = gap(hits, n, right - hits, len(of_suite) - n)
                found.append(Slice(suite, by, name, n, hits, *wilson(hits, n), *less))
    return found


def worst(cases: Sequence[Case], count: int = 5) -> list[Slice]:
    """Those with the lowest upper end: of small ones luck is not taken for weakness."""
    found = sliced(cases)
    return sorted(found, key=lambda one: (one.high, one.share, one.suite, one.by, one.name))[:count]
