"""Cases told apart by kind, group, language and the like: where it is worst, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from api.gating.shares import CONFIDENCE, gap_interval, wilson

FEWEST = 5  # cases of a slice: below that nothing is said of it
WORST = 5  # slices that are named


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
    """`right` of `n` cases that gave a result, and of the `rest` of the suite; the 95 % interval of the share (Wilson).
    `gap`: the slice's share less that of the rest; its interval (Newcombe) holds for all slices that were looked at
    together (Bonferroni)."""

    suite: str
    by: str
    name: str
    n: int
    right: int
    low: float
    high: float
    rest: int
    rest_right: int
    gap: float
    gap_low: float
    gap_high: float

    @property
    def share(self) -> float:
        return self.right / self.n

    @property
    def worse(self) -> bool:
        """Shown to be worse than the rest."""
        return self.gap_high < 0


def sliced(cases: Iterable[Case]) -> list[Slice]:
    """Those of at least `FEWEST` cases that something of the suite lies outside of; the worst first, by the upper end
    of its gap: luck of small ones is not taken for weakness. What gave an error is in none."""
    known = [case for case in cases if case.outcome != "error"]
    looked = []
    for suite in sorted({case.suite for case in known}):
        of_suite = [case for case in known if case.suite == suite]
        right = sum(case.outcome == "right" for case in of_suite)
        for by, name in sorted({pair for case in of_suite for pair in case.slices.items()}):
            inside = [case.outcome == "right" for case in of_suite if case.slices.get(by) == name]
            n, hits = len(inside), sum(inside)
            if FEWEST <= n < len(of_suite):
                looked.append(((suite, by, name), n, hits, len(of_suite) - n, right - hits))
    together = 1 - (1 - CONFIDENCE) / max(1, len(looked))
    found = []
    for named, n, hits, rest, rest_right in looked:
        between = gap_interval(hits, n, rest_right, rest, together)
        gap = hits / n - rest_right / rest
        found.append(Slice(*named, n, hits, *wilson(hits, n), rest, rest_right, gap, *between))
    return sorted(found, key=lambda one: (one.gap_high, one.share, one.suite, one.by, one.name))
