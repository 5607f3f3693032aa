"""Two windows of answers against each other: a test for each thing that may drift, corrected for their number."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.gating.drift import distance, stability
from evals.systems.trail_windows import Observation

FEWEST = 20  # people in each window: below that nothing is told
ALPHA = 0.05  # of a false alarm, over all tests of one look
MOST_EMBEDDED = 400  # questions of each window, each of another person
_BINS = 5
_LONG = (6, 12, 24)  # words of a question: up to so many
_MANY = (0, 1, 3, 10)  # hits, documents, sentences
Classes = Callable[[Observation], str]
Embed = Callable[[Sequence[str]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Moved:
    """`value`: the population stability index, or the energy distance of questions. `limit`: what it has to be above;
    of a distance, what `p` has to be below. `largest`: the class that moved most."""

    name: str
    value: float
    limit: float
    p: float | None
    drifted: bool
    largest: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    answers: int
    people: int
    releases: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Drift:
    """`enough`: whether there were people enough to test anything. `farthest`: ids of answers of the second window
    whose questions lie farthest from those of the first."""

    before: Window
    now: Window
    enough: bool
    tests: Sequence[Moved]
    farthest: Sequence[str] = ()

    @property
    def drifted(self) -> list[str]:
        return [test.name for test in self.tests if test.drifted]

    @property
    def other_releases(self) -> bool:
        """Whether no release answered in both windows: then the answers may have changed since they are another's."""
        return not self.before.releases.keys() & self.now.releases.keys()


def compared(before: Sequence[Observation], now: Sequence[Observation], embed: Embed, show: int = 0) -> Drift:
    windows = _window(before), _window(now)
    if min(one.people for one in windows) < FEWEST:
        return Drift(*windows, enough=False, tests=())
    looks = _looks(before)
    alpha = ALPHA / (len(looks) + 1)
    tests = [_stable(name, _shares(before, look), _shares(now, look), alpha) for name, look in looks.items()]
    was, is_ = (embed([one.question for one in one_each(answers)]) for answers in (before, now))
    apart = distance(was, is_, alpha=alpha)
    tests.insert(0, Moved("questions", apart.distance, alpha, apart.p, apart.drifted))
    return Drift(*windows, enough=True, tests=tests, farthest=farthest(was, now, embed, show) if show else ())


def one_each(answers: Sequence[Observation]) -> list[Observation]:
    """One answer of each person, drawn by id, and at most `MOST_EMBEDDED`."""
    by_person: dict[str, Observation] = {}
    for one in sorted(answers, key=_drawn):
        by_person.setdefault(one.person, one)
    return list(by_person.values())[:MOST_EMBEDDED]


def farthest(was: NDArray[np.float64], now: Sequence[Observation], embed: Embed, count: int) -> list[str]:
    """By the distance to the nearest question of the first window; at most `MOST_EMBEDDED` answers are looked at."""
    some = sorted(now, key=_drawn)[:MOST_EMBEDDED]
    vectors = embed([one.question for one in some])
    squares = (vectors**2).sum(axis=1)[:, None] + (was**2).sum(axis=1)[None] - 2 * vectors @ was.T
    nearest = squares.min(axis=1)
    return [some[at].id for at in np.argsort(-nearest, kind="stable")[:count].tolist()]


def _looks(before: Sequence[Observation]) -> dict[str, Classes]:
    """How an answer is put into a class; those of scores are bounded by the first window's own fifths."""
    scores = np.array([one.top_score for one in before if one.top_score is not None], np.float64)
    edges = np.quantile(scores, np.linspace(0, 1, _BINS + 1)[1:-1]).tolist() if len(scores) else []
    return {
        "language": lambda one: one.language,
        "length": lambda one: _upto(len(one.question.split()), _LONG),
        "follow-ups": lambda one: "follow-up" if one.follow_up else "alone",
        "top score": lambda one: (
            "none" if one.top_score is None else f"bin {sum(one.top_score > e for e in edges) + 1}"
        ),
        "hits": lambda one: _upto(one.hits, _MANY),
        "documents": lambda one: _upto(one.documents, _MANY),
        "status": lambda one: " ".join(filter(None, (one.status, one.why))),
        "withheld": lambda one: _upto(one.withheld, _MANY),
    }


def _stable(name: str, before: Mapping[str, float], now: Mapping[str, float], alpha: float) -> Moved:
    found = stability(before, now, alpha=alpha)
    return Moved(name, found.index, max(found.chance, 0.1), None, found.drifted, found.largest)


def _shares(answers: Sequence[Observation], look: Classes) -> dict[str, float]:
    """People by class: each counts once, in parts where their answers are of several classes."""
    by_person: dict[str, Counter[str]] = defaultdict(Counter)
    for one in answers:
        by_person[one.person][look(one)] += 1
    found: dict[str, float] = defaultdict(float)
    for counts in by_person.values():
        for name, count in counts.items():
            found[name] += count / counts.total()
    return dict(found)


def _window(answers: Sequence[Observation]) -> Window:
    releases = Counter(one.release for one in answers)
    return Window(len(answers), len({one.person for one in answers}), dict(sorted(releases.items())))


def _upto(count: int, edges: Sequence[int]) -> str:
    return next((f"up to {edge}" for edge in edges if count <= edge), f"over {edges[-1]}")


def _drawn(one: Observation) -> str:
    return hashlib.sha256(one.id.encode()).hexdigest()
