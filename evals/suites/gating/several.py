"""Simulated canaries and shadows that are watched by five metrics at once, as a service watches them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from api.gating.arms import FIRST, WITHIN, Measure, Pair, Seen, Watch, speed, watch, watch_pairs
from api.gating.sequential import Step
from evals.suites.gating.watched import Watched

MEASURES = tuple(
    Measure(*one) for one in (("answered", 0.05), ("kept", 0.05), ("no error", 0.02), ("speed", 0.025), (WITHIN, 0.05))
)
PAIRED = MEASURES[:3]
MOST = 3000  # people
_SHARES = {"answered": 0.8, "kept": 0.85, "no error": 0.99}  # of the current release
_TYPICAL_S, _SPREAD = 4.0, 0.4
_ALIKE = 0.3


def several(runs: int, rng: np.random.Generator, most: int = MOST) -> Iterator[Watched]:
    """Equal candidates, and such that are worse in one metric alone: by its margin, and by three times that."""
    for name, times in (("", 0.0), ("answered", 1.0), ("answered", 3.0), ("speed", 1.0), ("speed", 3.0)):
        worse = {name: times * next(one.margin for one in MEASURES if one.name == name)} if name else {}
        for share in (0.5, 0.2):

            def drawn(share: float = share, worse: dict[str, float] = worse) -> Watch:
                return watch(answers(rng, worse, share, most), share, MEASURES)

            yield _row(f"canary, {share:.0%} of people, {name or 'equal'}", worse, drawn, runs, most)
        if name != "speed":
            paired = lambda worse=worse: watch_pairs(pairs(rng, worse, most), PAIRED)  # noqa: E731
            yield _row(f"shadow, {name or 'equal'}", worse, paired, runs, most)


def answers(rng: np.random.Generator, worse: dict[str, float], share: float, people: int) -> list[Seen]:
    """`FIRST` answers of each, in any order; people have tendencies. `worse`: what the candidate loses, by metric."""
    drawn = rng.random(people) < share
    values = {name: _of_people(rng, name, np.where(drawn, worse.get(name, 0.0), 0.0)) for name in _SHARES}
    slower = np.where(drawn, _ratio(worse.get("speed", 0.0)), 1.0)
    tendency = rng.normal(0, _SPREAD * _ALIKE, people)[:, None]
    seconds = _TYPICAL_S * slower[:, None] * np.exp(tendency + rng.normal(0, _SPREAD, (people, FIRST)))
    asked = [(person, at) for person in range(people) for at in range(FIRST)]
    return [
        Seen(
            str(person),
            bool(drawn[person]),
            {name: float(of[person, at]) for name, of in values.items()} | {"speed": speed(float(seconds[person, at]))},
            float(seconds[person, at]),
        )
        for person, at in (asked[one] for one in rng.permutation(len(asked)))
    ]


def pairs(rng: np.random.Generator, worse: dict[str, float], people: int) -> list[Pair]:
    """A fifth of the answers are drawn anew, the others come out alike but for what is lost."""
    current = {name: _of_people(rng, name, np.zeros(people)) for name in _SHARES}
    anew = {name: _of_people(rng, name, np.zeros(people)) for name in _SHARES}
    other = rng.random((people, FIRST)) < 0.2
    new = {name: np.where(other, anew[name], current[name]) for name in _SHARES}
    for name, lost in worse.items():
        new[name] = new[name] * (rng.random((people, FIRST)) >= lost / _SHARES[name])
    return [
        Pair(str(person), *({name: float(of[name][person, at]) for name in _SHARES} for of in (new, current)))
        for person in range(people)
        for at in range(FIRST)
    ]


def _of_people(rng: np.random.Generator, name: str, lost: np.ndarray) -> np.ndarray:
    """(people, FIRST): yes or no, with the share of `name` less what is lost."""
    share = _SHARES[name]
    tendency = rng.beta(share * (1 / _ALIKE - 1), (1 - share) * (1 / _ALIKE - 1), len(lost))
    return rng.random((len(lost), FIRST)) < (tendency * (1 - lost / share))[:, None]


def _ratio(loss: float) -> float:
    """Times as long, about which `speed` falls by this much."""
    low, high = 1.0, 20.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if speed(_TYPICAL_S) - speed(middle * _TYPICAL_S) < loss else (low, middle)
    return low


def _row(how: str, worse: dict[str, float], draw: Callable[[], Watch], runs: int, most: int) -> Watched:
    looks: Sequence[Watch] = [draw() for _ in range(runs)]
    people = sorted(one.after if one.after is not None else most + 1 for one in looks)
    half, nine = (people[min(int(share * runs), runs - 1)] for share in (0.5, 0.9))
    return Watched(
        how=f"five metrics, {how}",
        true_change=-sum(worse.values()),
        margin=max((one.margin for one in MEASURES if one.name in worse), default=0.0),
        promoted=sum(one.step is Step.PROMOTE for one in looks) / runs,
        rolled_back=sum(one.step is Step.ROLL_BACK for one in looks) / runs,
        people_half=half if half <= most else None,
        people_nine=nine if nine <= most else None,
        runs=runs,
    )
