"""The gate: a sentence ships only if the evidence that it cites entails it. Cheapest stage first."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from generation.citations import Evidence, select_evidence, widened
from generation.claims import claim_text, markers
from generation.figures import missing
from generation.prompts import Prompt
from generation.protocols import ChatModel, EvidenceScorer, Judge
from generation.types import Judgement, Verdict
from retrieval.types import Context, Passage

_YES, _NO = "yes", "no"


class YesNoJudge:
    """The generator itself as judge: P(Yes) / (P(Yes) + P(No)) of its first token.

    A stand-in for a trained NLI model with the same protocol (Kadavath et al. 2022, arXiv 2207.05221).
    `threshold` is the support from which a claim counts as entailed (or, with another prompt, as to the point).
    """

    def __init__(self, model: ChatModel, prompt: Prompt, *, threshold: float) -> None:
        self.name = f"{model.name}:{prompt.name}@{threshold:g}:{prompt.digest[:12]}"
        self._model = model
        self._prompt = prompt
        self._threshold = threshold

    async def judge(self, evidence: str, claim: str, *, question: str = "") -> Judgement:
        messages = self._prompt.messages(evidence=evidence, claim=claim, question=question)
        salt = hashlib.sha256(messages[-1].content.encode()).hexdigest()  # no prefix is shared from asker to asker
        tokens = await self._model.first_token(messages, cache_salt=salt)
        yes = sum(p for token, p in tokens.items() if token.strip().lower() == _YES)
        no = sum(p for token, p in tokens.items() if token.strip().lower() == _NO)
        if yes + no == 0.0:
            return Judgement(Verdict.NEUTRAL, 0.0, "judge", "the judge answered neither yes nor no")
        support = yes / (yes + no)
        verdict = Verdict.ENTAILED if support >= self._threshold else Verdict.NEUTRAL
        return Judgement(verdict, support, "judge")


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate makes of one generated sentence: the words that may ship, and what they rest on."""

    text: str
    judgement: Judgement
    evidence: tuple[Evidence, ...] = ()


class Gate:
    """Cascade: marker -> to the point -> numbers, dates and names occur in the evidence -> judge."""

    def __init__(self, judge: Judge, relevance: Judge, scorer: EvidenceScorer) -> None:
        self.name = f"{judge.name} {relevance.name}"
        self._judge = judge
        self._relevance = relevance
        self._scorer = scorer

    async def check(
        self, sentence: str, context: Context, documents: dict[int, str], question: str, *, opening: bool
    ) -> Decision:
        """Decides on one sentence. `documents` holds the cited version's text for every marker of the context.

        A sentence that opens the answer has to answer the question; what follows it may add to it.
        """
        claim = claim_text(sentence)
        cited = [passage for marker in markers(sentence) if (passage := context.passage(marker))]
        if not any(character.isalnum() for character in claim):
            return Decision(claim, Judgement(Verdict.NEUTRAL, 0.0, "marker", "no words"))
        if opening and not (await self._relevance.judge("", claim, question=question)).passed:
            return Decision(claim, Judgement(Verdict.NEUTRAL, 0.0, "relevance", "does not answer the question"))
        first: Decision | None = None
        for evidence in await asyncio.to_thread(self._candidates, claim, cited, context):
            decision = await self._judged(claim, evidence, documents, question)
            if decision.judgement.passed:
                return decision
            first = first or decision
        return first or Decision(claim, Judgement(Verdict.NEUTRAL, 0.0, "marker", "nothing to cite"))

    def _candidates(self, claim: str, cited: Sequence[Passage], context: Context) -> list[list[Evidence]]:
        """What the claim may rest on, in the order of trying: the narrowest span of each cited passage, the same
        with the sentences around it, and the best span of all that was not cited. A missing, unknown or wrong
        marker is thereby corrected; the sentence has to pass the gate on the corrected citation."""
        narrow = [select_evidence(claim, passage, self._scorer) for passage in cited]
        wide = [widened(item) for item in narrow]
        others = [select_evidence(claim, passage, self._scorer) for passage in context.passages if passage not in cited]
        moved = [max(others, key=lambda item: (item.score, -item.passage.marker))] if others else []
        found = [narrow, wide, moved]
        return [evidence for i, evidence in enumerate(found) if evidence and evidence not in found[:i]]

    async def _judged(
        self, claim: str, evidence: Sequence[Evidence], documents: dict[int, str], question: str
    ) -> Decision:
        framed = "\n\n".join(item.framed for item in evidence)
        around = "\n".join(documents[item.passage.marker] for item in evidence)
        lacking = missing(claim, framed, around)
        if lacking:
            reason = f"not in the evidence: {', '.join(lacking)}"
            return Decision(claim, Judgement(Verdict.NEUTRAL, 0.0, "figures", reason))
        return Decision(claim, await self._judge.judge(framed, claim, question=question), tuple(evidence))
