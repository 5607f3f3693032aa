"""What looks a document through, as the service does it."""

from __future__ import annotations

from evals.systems.installations import Installation
from generation.absence.looking import Looking
from generation.absence.weighing import Weights

EVEN = Weights(0.0, 0.5, 0.5)


def looking_of(parts: Installation) -> Looking:
    """Its scores stand for nothing: what the models say of each passage is weighed afterwards."""
    selector = parts.selector
    if selector is None:
        raise LookupError("this profile has no selector")
    return Looking(parts.search, parts.reranker, selector, EVEN)
