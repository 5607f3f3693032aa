"""HyDE: searching with a passage that might answer the question (Gao et al. 2022, arXiv 2212.10496)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.types import Hit

UNSURE_LOGIT = 0.0


def is_unsure(hits: Sequence[Hit]) -> bool:
    """Whether the first pass found nothing that the cross-encoder takes for an answer."""
    return max((hit.scores.get("rerank", -np.inf) for hit in hits), default=-np.inf) < UNSURE_LOGIT


def towards(question: NDArray[np.float32], passage: NDArray[np.float32]) -> NDArray[np.float32]:
    """The unit vector halfway between that of the question and that of the imagined passage."""
    middle = question.astype(np.float64) + passage.astype(np.float64)
    return np.asarray(middle / max(float(np.linalg.norm(middle)), 1e-12), np.float32)
