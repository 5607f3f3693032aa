"""Part "powered": the share of faithful answers from few human labels and a judge, where the truth is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.gating import powered
from evals.measuring.statistics import wilson
from evals.measuring.tables import percent, table

Row = dict[str, Any]
DRAWS = 2000
LABELS = (20, 40, 80)
OTHERS = (40, 300)  # what RAGAS scores in a night, and what our own metrics do
FEWEST = 60  # judged answers: of fewer nothing is drawn


@dataclass(frozen=True, slots=True)
class Held:
    """Of `DRAWS` nights: in how many the 95 % interval held the true share, with the judge and by the labels alone, how
    wide both were in the median, and how many labels alone would have been as sure as these with the judge."""

    judge: str
    labels: int
    others: int
    held: float
    held_alone: float
    width: float
    width_alone: float
    worth: float


def simulated(judge: str, truth: Sequence[bool], scores: Sequence[float], labels: int, others: int) -> Held:
    """Nights drawn with replacement from answers that people labelled, so that their share is the truth: `labels` of
    a night are labelled, `others` only judged."""
    rng = np.random.default_rng(labels + others)
    people, judged = np.asarray(truth, np.float64), np.asarray(scores, np.float64)
    goal = float(people.mean())
    found = []
    for _ in range(DRAWS):
        seen, rest = _some(rng, len(people), labels), _some(rng, len(people), others)
        one = powered.mean(people[seen].tolist(), judged[seen].tolist(), judged[rest].tolist())
        low, high = one.labels_alone
        found.append((one.low <= goal <= one.high, low <= goal <= high, one.high - one.low, high - low, one.worth))
    held, alone, width, wide, worth = (np.asarray(column, np.float64) for column in zip(*found, strict=True))
    shares, middles = (float(held.mean()), float(alone.mean())), (np.median(width), np.median(wide), np.median(worth))
    return Held(judge, labels, others, *shares, *map(float, middles))


def say_powered(truth: Mapping[str, bool], rows: Mapping[str, Sequence[Row]]) -> list[Row]:
    """`truth`: by answer, whether people found it faithful. Each judge over what it gave a number."""
    found = []
    for judge, of_judge in rows.items():
        known = [(truth[row["key"]], row["score"]) for row in of_judge if row["score"] is not None]
        if len(known) < FEWEST:
            continue
        people, scores = zip(*known, strict=True)
        found += [simulated(judge, people, scores, labels, others) for others in OTHERS for labels in LABELS]
    low, high = wilson(round(0.95 * DRAWS), DRAWS)
    table(
        f"{DRAWS} nights of few labels and a judge each (a true 95 % {percent(low)} to {percent(high)})",
        ("judge", "labels", "judged", "held, %", "alone, %", "width", "alone", "worth labels"),
        [
            (one.judge, one.labels, one.others, percent(one.held), percent(one.held_alone), f"{one.width:.3f}",
             f"{one.width_alone:.3f}", f"{one.worth:.0f}")
            for one in found
        ],
    )  # fmt: skip
    return [asdict(one) for one in found]


def _some(rng: np.random.Generator, size: int, count: int) -> NDArray[np.intp]:
    return rng.integers(0, size, count)
