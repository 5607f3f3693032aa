"""The gate: a sentence ships only if evidence that the asker may read entails it. Cheapest stage first."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

from generation.gate.checking import Checker, Finding, weakest
from generation.gate.claims import claim_text, markers
from generation.gate.evidence import candidates, in_frame, joint, surroundings
from generation.gate.figures import missing
from generation.gate.quoting import verbatim
from generation.gate.splitting.split import split_claims
from generation.prompts import Prompt
from generation.protocols import ChatModel, EntailmentModel, Judge
from generation.types import Checks, Decision, Evidence, Judgement, Limits, Stage, Verdict
from retrieval.types import Context, Passage

_YES, _NO = "yes", "no"
_ELSEWHERE = 4  # spans of passages that were not cited, for each claim


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


@dataclass(frozen=True, slots=True)
class _Claim:
    """What one claim came to, and on what."""

    judgement: Judgement
    evidence: tuple[Evidence, ...]
    checks: Checks
    moved: bool = False


class CascadeGate:
    """Implements `Gate`: marker -> to the point -> numbers, dates and names -> judge -> the language model on what the
    judge does not pass. What repeats a source word for word needs no judge.

    Without `relevance` any opening sentence is to the point; without `second` the trained judge decides alone.
    """

    def __init__(
        self, model: EntailmentModel, limits: Limits, *, relevance: Judge | None = None, second: Judge | None = None
    ) -> None:
        judge = f"{model.name}@{limits.ship:g}/{limits.grey:g}/{limits.conflict:g}"
        both = [f"pooled@{'/'.join(f'{value:g}' for value in astuple(limits.pooled))}"] if limits.pooled else []
        self.name = " ".join([judge, *both, *(part.name for part in (relevance, second) if part is not None)])
        self._checker = Checker(model, limits)
        self._limits = limits
        self._model = model
        self._relevance = relevance
        self._second = second

    async def check(
        self,
        sentence: str,
        context: Context,
        documents: dict[int, str],
        question: str,
        *,
        opening: bool,
        before: str = "",
    ) -> Decision:
        """See `Gate`."""
        text = claim_text(sentence)
        claims = split_claims(text, before)
        if not claims or not any(character.isalnum() for character in text):
            return _caught(text, Stage.MARKER, "no words to check")
        if not context.passages:
            return _caught(text, Stage.MARKER, "nothing to cite")
        checks: list[tuple[Stage, bool]] = [(Stage.MARKER, False)]
        cited = _cited(sentence, context)
        if opening and self._relevance is not None:
            heading = next((passage.chunk.heading for passage in cited), "")
            reply = await self._relevance.judge(heading, text, question=question)
            checks.append((Stage.RELEVANCE, not reply.passed))
            if not reply.passed:
                failed = Judgement(Verdict.NEUTRAL, 0.0, Stage.RELEVANCE, "does not answer the question")
                return Decision(text, failed, checks=tuple(checks))
        if quotation := verbatim(text, [*cited, *(p for p in context.passages if p not in cited)], documents):
            moved = bool(cited) and quotation.source.passage not in cited
            judgement = Judgement(Verdict.ENTAILED, 1.0, Stage.VERBATIM)
            checks.append((Stage.VERBATIM, False))
            return Decision(quotation.text, judgement, (quotation.source,), moved=moved, checks=tuple(checks))
        found = [await self._grounded(claim, cited, context, documents, question) for claim in claims]
        checks += [check for claim in found for check in claim.checks]
        judgement = weakest(claim.judgement for claim in found)
        if not judgement.passed:
            return Decision(text, judgement, checks=tuple(checks))
        spans = tuple(dict.fromkeys(item for claim in found for item in claim.evidence))
        moved = any(claim.moved for claim in found)
        return Decision(text, judgement, evidence=spans, moved=moved, checks=tuple(checks))

    async def conflict(self, decision: Decision, context: Context) -> Evidence | None:
        """The span of another document that says the opposite of a sentence that passed, if there is one."""
        own = {item.passage.chunk.document_id for item in decision.evidence}
        others = [passage for passage in context.passages if passage.chunk.document_id not in own]
        return await asyncio.to_thread(self._opposed, decision.text, others) if others else None

    async def _grounded(
        self, claim: str, cited: Sequence[Passage], context: Context, documents: dict[int, str], question: str
    ) -> _Claim:
        """The claim on the passages that were cited, else on all others; the better of the two if both fail."""
        others = [passage for passage in context.passages if passage not in cited]
        if not cited:
            return await self._weighed(claim, _spans(claim, others, _ELSEWHERE), documents, question)
        best = await self._weighed(claim, _spans(claim, cited), documents, question)
        if best.judgement.passed or not others:
            return best
        elsewhere = await self._weighed(claim, _spans(claim, others, _ELSEWHERE), documents, question)
        better = max(best, elsewhere, key=lambda tried: (tried.judgement.passed, tried.judgement.support))
        return replace(better, moved=better is elsewhere and better.judgement.passed)

    async def _weighed(
        self, claim: str, spans: Sequence[tuple[Evidence, ...]], documents: dict[int, str], question: str
    ) -> _Claim:
        if not spans:
            return _Claim(Judgement(Verdict.NEUTRAL, 0.0, Stage.MARKER, "nothing to cite"), (), ((Stage.MARKER, True),))
        framed = ["\n\n".join(in_frame(item) for item in span) for span in spans]
        around = "\n".join(
            documents[marker] for marker in dict.fromkeys(item.passage.marker for span in spans for item in span)
        )
        owners = [{documents[item.passage.marker] for item in span} for span in spans]
        own = [texts.pop() if len(texts) == 1 else "" for texts in owners]
        finding: Finding = await asyncio.to_thread(self._checker.weigh, claim, framed, around, own)
        judgement, evidence = finding.judgement, spans[finding.at]
        checks = [(Stage.FIGURES, judgement.stage is Stage.FIGURES)]
        if judgement.stage is Stage.JUDGE:
            second = None if judgement.passed or not self._asks(judgement) else self._second
            checks.append((Stage.JUDGE, not judgement.passed and second is None))
            if second is not None:
                said = await second.judge(framed[finding.at], finding.claim, question=question)
                judgement = self._together(finding, said)
                checks.append((Stage.SECOND, not judgement.passed))
        return _Claim(judgement, evidence, tuple(checks))

    def _asks(self, judgement: Judgement) -> bool:
        return self._limits.pooled is not None or judgement.support >= self._limits.grey

    def _together(self, finding: Finding, said: Judgement) -> Judgement:
        """What the trained judge and the language model say together of a claim that the first does not pass."""
        pooled = self._limits.pooled
        if pooled is None:
            return Judgement(said.verdict, finding.judgement.support, Stage.SECOND, said.reason)
        support = pooled.support(finding.found, said.support)
        if support >= pooled.ship:
            return Judgement(Verdict.ENTAILED, support, Stage.SECOND)
        return Judgement(Verdict.NEUTRAL, support, Stage.SECOND, said.reason or "the evidence does not say this")

    def _opposed(self, text: str, others: Sequence[Passage]) -> Evidence | None:
        for passage in others:
            for evidence in candidates(text, passage)[:1]:
                framed = in_frame(evidence)
                if not missing(text, framed, passage.text):
                    continue
                if self._model.entailment(framed, text).contradicted >= self._limits.conflict:
                    return evidence
        return None


def _cited(sentence: str, context: Context) -> list[Passage]:
    return [passage for marker in markers(sentence) if (passage := context.passage(marker))]


def _spans(claim: str, passages: Sequence[Passage], windows: int | None = None) -> list[tuple[Evidence, ...]]:
    """What the claim may rest on: the likeliest `windows` (all if None), then sentences from several places together,
    then the likeliest window with its surroundings."""
    found = [item for passage in passages for item in candidates(claim, passage)]
    single = sorted(found, key=lambda item: item.score, reverse=True)[:windows]
    together = joint(claim, passages)
    grown = surroundings(claim, single[0]) if single else None
    return [*((item,) for item in single), *([together] if together else []), *([(grown,)] if grown else [])]


def _caught(text: str, stage: Stage, reason: str) -> Decision:
    return Decision(text, Judgement(Verdict.NEUTRAL, 0.0, stage, reason), checks=((stage, True),))
