"""Does an answer's opening sentence answer the question? The cross-encoder says so, or an LLM where it is unsure."""

from __future__ import annotations

import asyncio

from generation.protocols import EvidenceScorer, Judge
from generation.types import Judgement, Stage, Verdict

SURE, BESIDE = 0.0, -4.5  # logits of ms-marco-MiniLM-L-12-v2


class Relevance:
    """Implements `Judge` over (question, reply); the `evidence` is the heading of what the reply cites, or empty.

    The reply is scored alone and under that heading, which names what a short reply leaves out; the better logit
    counts. From `sure` on it is enough, below `beside` it is not. In between the `second` judge decides, and where
    there is none the reply counts as beside the question.
    """

    def __init__(
        self, scorer: EvidenceScorer, *, second: Judge | None, sure: float = SURE, beside: float = BESIDE
    ) -> None:
        self.name = f"relevance@{beside:g}/{sure:g}" + (f" {second.name}" if second else "")
        self._scorer = scorer
        self._sure = sure
        self._beside = beside
        self._second = second

    async def judge(self, evidence: str, claim: str, *, question: str = "") -> Judgement:
        replies = [claim, *([f"{evidence}\n{claim}"] if evidence else [])]
        logit = float(max(await asyncio.to_thread(self._scorer.score, question, replies)))
        if logit >= self._sure:
            return Judgement(Verdict.ENTAILED, 1.0, Stage.RELEVANCE)
        if logit < self._beside or self._second is None:
            return Judgement(Verdict.NEUTRAL, 0.0, Stage.RELEVANCE, "does not answer the question")
        return await self._second.judge(evidence, claim, question=question)
