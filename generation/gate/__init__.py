"""Does the evidence say this? What is listed here is for systems other than Footnote: docs/gate.md shows how."""

from __future__ import annotations

from generation.gate.faithfulness import CheckedAnswer, CheckedSentence, FaithfulnessGate, Quote
from generation.gate.sources import Source
from generation.types import Stage, Verdict

__all__ = ["CheckedAnswer", "CheckedSentence", "FaithfulnessGate", "Quote", "Source", "Stage", "Verdict"]
