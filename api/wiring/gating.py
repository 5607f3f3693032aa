"""The gate for texts from elsewhere, where no language model is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from generation.gate.gate import CascadeGate
from generation.gate.relevance import Relevance
from generation.protocols import EntailmentModel, EvidenceScorer, Gate
from generation.types import Limits


class LateScorer:
    """Implements `EvidenceScorer` with one that is loaded when first asked: only for sentences that come with a
    question."""

    def __init__(self, load: Callable[[], EvidenceScorer]) -> None:
        self._load = load

    def score(self, query: str, texts: Sequence[str]) -> Any:
        return self._load().score(query, texts)


def gate_alone(judge: EntailmentModel, limits: Limits, reranker: Callable[[], EvidenceScorer]) -> Gate:
    """The service's gate without its language model: what judge and cross-encoder are unsure of does not pass."""
    return CascadeGate(judge, limits, relevance=Relevance(LateScorer(reranker), second=None))
