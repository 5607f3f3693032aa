"""The language model's yes or no, where its state is not to be had."""

from __future__ import annotations

import hashlib

from generation.prompts import Prompt
from generation.protocols import ChatModel
from generation.types import Judgement, Stage, Verdict

_YES, _NO = "yes", "no"


class YesNoJudge:
    """The generator itself as judge: P(Yes) / (P(Yes) + P(No)) of its first token.

    The second opinion where the trained judge is unsure (Kadavath et al. 2022, arXiv 2207.05221). `threshold` is
    the support from which a claim counts as entailed (or, with another prompt, as to the point).
    """

    def __init__(self, model: ChatModel, prompt: Prompt, *, threshold: float) -> None:
        who = f"{model.name}+{model.adapter}" if model.adapter else model.name
        self.name = f"{who}:{prompt.name}@{threshold:g}:{prompt.digest[:12]}"
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
            return Judgement(Verdict.NEUTRAL, 0.0, Stage.SECOND, "the judge answered neither yes nor no")
        support = yes / (yes + no)
        verdict = Verdict.ENTAILED if support >= self._threshold else Verdict.NEUTRAL
        return Judgement(verdict, support, Stage.SECOND)
