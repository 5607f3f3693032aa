"""The gate: a sentence ships only if the evidence that it cites entails it. Cheapest stage first."""

from __future__ import annotations

import asyncio
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
    `threshold` is the support from which a claim counts as entailed.
    """

    def __init__(self, model: ChatModel, prompt: Prompt, *, threshold: float) -> None:
        self.name = f"{model.name}:yes-no@{threshold:g}:{prompt.digest[:12]}"
        self._model = model
        self._prompt = prompt
        self._threshold = threshold

    async def judge(self, evidence: str, claim: str, *, question: str = "") -> Judgement:
        messages = self._prompt.messages(evidence=evidence, claim=claim, question=question)
        tokens = await self._model.first_token(messages)
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
    """Cascade: markers resolve -> numbers, dates and names occur in the evidence -> judge."""

    def __init__(self, judge: Judge, scorer: EvidenceScorer) -> None:
        self.name = judge.name
        self._judge = judge
        self._scorer = scorer

    async def check(self, sentence: str, context: Context, documents: dict[int, str], question: str) -> Decision:
        """Decides on one sentence. `documents` holds the cited version's text for every marker of the context."""
        claim = claim_text(sentence)
        cited = [context.passage(marker) for marker in markers(sentence)]
        if not any(character.isalnum() for character in claim):
            return Decision(claim, Judgement(Verdict.NEUTRAL, 0.0, "marker", "no words"))
        if None in cited:
            return Decision(claim, Judgement(Verdict.NEUTRAL, 0.0, "marker", "cites a source that was not given"))
        passages = [passage for passage in cited if passage is not None]
        evidence = await asyncio.to_thread(self._select, claim, passages, context)
        narrow = await self._judged(claim, evidence, documents, question)
        if narrow.judgement.passed:
            return narrow
        wider = [widened(item) for item in evidence]
        return narrow if wider == evidence else await self._judged(claim, wider, documents, question)

    def _select(self, claim: str, cited: Sequence[Passage], context: Context) -> list[Evidence]:
        """Evidence in each cited passage. A sentence without a marker is attributed to the passage that fits best,
        and has to pass the rest of the gate like any other."""
        found = [select_evidence(claim, passage, self._scorer) for passage in cited or context.passages]
        return found if cited else [max(found, key=lambda item: (item.score, -item.passage.marker))]

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
