"""The trained judge at work: evidence and claim in, calibrated probabilities out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generation.types import Entailment
from ingest.protocols import Encoder


class PairClassifier:
    """Classifies pairs of texts: what the judge and the selector are made of. Thread-safe; a pair's result depends on
    it alone.

    `temperature` divides the logits; it was fitted on pairs that the model was never trained on (Guo et al. 2017,
    arXiv 1706.04599).
    """

    def __init__(self, encoder: Encoder, *, name: str, temperature: float) -> None:
        self.name = name
        self._encoder = encoder
        self._temperature = temperature

    def probabilities(self, first: str, second: str) -> list[float]:
        """Of the model's classes in their order; they sum to 1."""
        return softmax(self._encoder.encode(first, second), self._temperature)


class NliJudge:
    """Implements `EntailmentModel` with a classifier whose classes are entailed, neutral, contradicted."""

    def __init__(self, classifier: PairClassifier) -> None:
        self.name = classifier.name
        self._classifier = classifier

    def entailment(self, evidence: str, claim: str) -> Entailment:
        """Premise first, hypothesis second: the order in which it was trained."""
        entailed, neutral, contradicted = self._classifier.probabilities(evidence, claim)
        return Entailment(entailed, neutral, contradicted)


def softmax(logits: Sequence[float] | NDArray[np.float32], temperature: float = 1.0) -> list[float]:
    """Probabilities of one row of logits, in float64."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    weights = np.exp(scaled - scaled.max())
    return [float(weight) for weight in weights / weights.sum()]
