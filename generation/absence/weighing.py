"""How likely a passage is what is asked for, by two trained models together, and the bounds that decide."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from typing import Any

from generation.absence.types import AbsenceBounds, Presence
from generation.errors import NotMeasured

_CLIP = 1e-4  # a probability this near to 0 or 1 says no more than one that is nearer


@dataclass(frozen=True, slots=True)
class Weights:
    """Of a logistic regression on the reranker's logit and the log odds of the selector."""

    bias: float
    relevance: float
    answers: float

    def score(self, relevance: float, answers: float) -> float:
        """In [0, 1]."""
        return 1 / (1 + math.exp(-(self.bias + self.relevance * relevance + self.answers * log_odds(answers))))


@dataclass(frozen=True, slots=True)
class Limits:
    weights: Weights
    bounds: AbsenceBounds

    def presence(self, score: float) -> Presence:
        """Of a document of which all was read, whose best passage has this score."""
        if score >= self.bounds.found_from:
            return Presence.FOUND
        return Presence.ABSENT if score < self.bounds.absent_below else Presence.UNSURE


def log_odds(probability: float) -> float:
    kept = min(1 - _CLIP, max(_CLIP, probability))
    return math.log(kept / (1 - kept))


def load_limits(reranker: str, selector: str) -> Limits:
    """Those that were measured with these models, each `name@digest`: generation/absence/limits.toml. Raises
    `NotMeasured` for other models: a bound means nothing for other weights."""
    table = tomllib.loads(files(__package__).joinpath("limits.toml").read_text(encoding="utf-8"))
    if (table["reranker"], table["selector"]) != (reranker, selector):
        raise NotMeasured(
            f"Absence was measured with {table['reranker']} and {table['selector']}, and this service has others. "
            "Its operator can choose bounds for them: footnote bench absence --split calibration --limits FILE."
        )
    return limits_of(table)


def limits_of(table: Mapping[str, Any]) -> Limits:
    """Of a table as limits.toml has it."""
    weights = Weights(*(table["weights"][one.name] for one in fields(Weights)))
    return Limits(weights, AbsenceBounds(*(table["bounds"][one.name] for one in fields(AbsenceBounds))))
