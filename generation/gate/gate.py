"""The gate: a sentence ships only if evidence that the asker may read entails it. Cheapest stage first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

from generation.errors import GeneratorRejected
from generation.gate.checking import Checker, Finding, weakest
from generation.gate.claims import claim_text, markers
from generation.gate.evidence import candidates, in_frame, joint, surroundings
from generation.gate.figures import missing
from generation.gate.quoting import Quotation, meant, verbatim
from generation.gate.splitting.split import split_claims
from generation.gate.spoken import spoken
from generation.protocols import EntailmentModel, Judge, Reader
from generation.types import Checks, Decision, Evidence, Judgement, Limits, Pooled, Reading, Stage, Verdict
from ingest.languages import foreign, named_language
from retrieval.types import Context, Passage

_UNREAD = Judgement(Verdict.NEUTRAL, 0.0, Stage.SECOND, "too long to be read at once")
_ELSEWHERE = 4  # spans of passages that were not cited, for each claim


@dataclass(frozen=True, slots=True)
class _Claim:
    """What one claim came to, and on what."""

    judgement: Judgement
    evidence: tuple[Evidence, ...]
    checks: Checks
    moved: bool = False
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a reader is shown beside a claim: `words` in its place, if there are any, and the question; `answers`:
    whether it alone has to, which one of several claims does not."""

    words: str
    question: str
    answers: bool


class CascadeGate:
    """Implements `Gate`: language -> marker -> numbers, dates and names -> judge and language model -> to the point ->
    the language of what it rests on. What repeats a source word for word needs no judge.

    With a `reader` every claim that passes the figures is read once, which tells both: whether the evidence supports
    it, together with the trained judge (`limits.pooled` must be there), and whether it answers. Without one `relevance`
    comes first and looks at opening sentences (any is to the point if there is none), and `second` at the claims of
    which the trained judge is unsure.
    """

    def __init__(
        self,
        model: EntailmentModel,
        limits: Limits,
        *,
        relevance: Judge | None = None,
        second: Judge | None = None,
        reader: Reader | None = None,
    ) -> None:
        judge = f"{model.name}@{limits.ship:g}/{limits.grey:g}/{limits.conflict:g}"
        parts: tuple[Judge | Reader | None, ...] = (relevance, second)
        if reader:
            if limits.pooled is None:
                raise ValueError("a reader without weights for what it says")
            judge += f" pooled@{'/'.join(f'{value:g}' for value in astuple(limits.pooled))}"
            parts = (reader,)
        self.name = " ".join([judge, *(part.name for part in parts if part is not None)])
        self._checker = Checker(model, limits)
        self._limits = limits
        self._model = model
        self._relevance = relevance if reader is None else None
        self._second = second
        self._reader, self._pooled = reader, limits.pooled

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
        if language := foreign(claim_text(sentence)):
            return _unmeasured(claim_text(sentence), (), language)
        said = await self._checked(sentence, context, documents, question, opening=opening, before=before)
        language = spoken(said.evidence)
        return _unmeasured(said.text, said.checks, language) if language else said

    async def _checked(
        self,
        sentence: str,
        context: Context,
        documents: dict[int, str],
        question: str,
        *,
        opening: bool,
        before: str,
    ) -> Decision:
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
                return _beside(text, tuple(checks))
        if quotation := verbatim(text, [*cited, *(p for p in context.passages if p not in cited)], documents):
            moved = bool(cited) and quotation.source.passage not in cited
            said = replace(_in_its_words(quotation, checks), moved=moved)
            return await self._to_the_point(said, None, question) if opening else said
        words = text if len(claims) == 1 and not before else ""  # "Yes, .." and names are part of what answers
        shown = _Shown(words, question.strip(), answers=opening and bool(question.strip()) and len(claims) == 1)
        found = [await self._grounded(claim, shown, cited, context, documents) for claim in claims]
        checks += [check for claim in found for check in claim.checks]
        judgement = weakest(claim.judgement for claim in found)
        if not judgement.passed:
            return Decision(text, judgement, checks=tuple(checks))
        spans = tuple(dict.fromkeys(item for claim in found for item in claim.evidence))
        moved = any(claim.moved for claim in found)
        said = Decision(text, judgement, evidence=spans, moved=moved, checks=tuple(checks))
        if not opening:
            return said
        return await self._to_the_point(said, found[0].reading if len(found) == 1 else None, question)

    async def instead(
        self, sentence: str, context: Context, documents: dict[int, str], question: str
    ) -> Decision | None:
        """See `Gate`. Never without a reader: others do not know whether a sentence answers (docs/gate.md)."""
        passages = context.passages if self._reader and question.strip() else ()
        quotation = meant(claim_text(sentence), question, passages, documents)
        if quotation is None:
            return None
        if language := foreign(quotation.text) or spoken([quotation.source]):
            return _unmeasured(quotation.text, (), language)
        return await self._to_the_point(_in_its_words(quotation), None, question)

    async def conflict(self, decision: Decision, context: Context) -> Evidence | None:
        """The span of another document that says the opposite of a sentence that passed, if there is one."""
        own = {item.passage.chunk.document_id for item in decision.evidence}
        others = [passage for passage in context.passages if passage.chunk.document_id not in own]
        return await asyncio.to_thread(self._opposed, decision.text, others) if others else None

    async def _grounded(
        self, claim: str, shown: _Shown, cited: Sequence[Passage], context: Context, documents: dict[int, str]
    ) -> _Claim:
        """The claim on the passages that were cited, else on all others; the better of the two if both fail."""
        others = [passage for passage in context.passages if passage not in cited]
        if not cited:
            return await self._weighed(claim, shown, _spans(claim, others, _ELSEWHERE), documents)
        best = await self._weighed(claim, shown, _spans(claim, cited), documents)
        if best.judgement.passed or not others:
            return best
        elsewhere = await self._weighed(claim, shown, _spans(claim, others, _ELSEWHERE), documents)
        better = max(best, elsewhere, key=lambda tried: (tried.judgement.passed, tried.judgement.support))
        return replace(better, moved=better is elsewhere and better.judgement.passed)

    async def _weighed(
        self, claim: str, shown: _Shown, spans: Sequence[tuple[Evidence, ...]], documents: dict[int, str]
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
        reading = None
        if judgement.stage is Stage.JUDGE and self._reader and self._pooled:
            reading = await self._read(framed[finding.at], shown.words or finding.claim, shown.question)
            judgement = _together(finding, reading, self._pooled, answers=shown.answers) if reading else _UNREAD
            checks += [(Stage.JUDGE, False), (Stage.SECOND, not judgement.passed)]
        elif judgement.stage is Stage.JUDGE:
            asks = self._second is not None and self._limits.grey <= judgement.support < self._limits.ship
            checks.append((Stage.JUDGE, not judgement.passed and not asks))
            if asks and self._second is not None:
                said = await self._second.judge(framed[finding.at], finding.claim, question=shown.question)
                judgement = Judgement(said.verdict, judgement.support, Stage.SECOND, said.reason)
                checks.append((Stage.SECOND, not judgement.passed))
        return _Claim(judgement, evidence, tuple(checks), reading=reading)

    async def _read(self, evidence: str, claim: str, question: str) -> Reading | None:
        """None of what is too long for the language model."""
        try:
            return await self._reader.read(evidence, claim, question) if self._reader else None
        except GeneratorRejected:
            return None

    async def _to_the_point(self, said: Decision, reading: Reading | None, question: str) -> Decision:
        """An opening sentence that passed, unless the reader finds that it does not answer."""
        if self._reader is None or self._pooled is None or not question.strip():
            return said
        if reading is None:
            evidence = "\n\n".join(in_frame(item) for item in said.evidence)
            reading = await self._read(evidence, said.text, question)
        beside = reading is None or reading.answers < self._pooled.answers
        checks = (*said.checks, (Stage.RELEVANCE, beside))
        return _beside(said.text, checks) if beside else replace(said, checks=checks)

    def _opposed(self, text: str, others: Sequence[Passage]) -> Evidence | None:
        for passage in others:
            for evidence in candidates(text, passage)[:1]:
                framed = in_frame(evidence)
                if not missing(text, framed, passage.text) or spoken([evidence]):
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


def _together(finding: Finding, reading: Reading, pooled: Pooled, *, answers: bool) -> Judgement:
    """What the trained judge and the reader say of a claim; of one that has to answer its answering decides as well."""
    support = pooled.support(finding.found, reading.supported)
    verdict, reason = finding.judgement.verdict, finding.judgement.reason
    if verdict is Verdict.CONTRADICTED:  # by a judge that is sure of it
        return Judgement(verdict, support, Stage.SECOND, reason)
    if support >= (pooled.ship if answers else pooled.alone):
        return Judgement(Verdict.ENTAILED, support, Stage.SECOND)
    return Judgement(Verdict.NEUTRAL, support, Stage.SECOND, reason or "the evidence does not say this")


def _in_its_words(quotation: Quotation, before: Sequence[tuple[Stage, bool]] = ()) -> Decision:
    """Passed, for a source supports itself."""
    judgement = Judgement(Verdict.ENTAILED, 1.0, Stage.VERBATIM)
    return Decision(quotation.text, judgement, (quotation.source,), checks=(*before, (Stage.VERBATIM, False)))


def _beside(text: str, checks: Checks) -> Decision:
    return Decision(
        text, Judgement(Verdict.NEUTRAL, 0.0, Stage.RELEVANCE, "does not answer the question"), checks=checks
    )


def _unmeasured(text: str, checks: Checks, language: str) -> Decision:
    """Withheld, whatever was found: nobody knows what the gate's models are worth in this language."""
    reason = f"the gate was not measured in {named_language(language)}"
    judgement = Judgement(Verdict.NEUTRAL, 0.0, Stage.LANGUAGE, reason)
    return Decision(text, judgement, checks=(*checks, (Stage.LANGUAGE, True)))


def _caught(text: str, stage: Stage, reason: str) -> Decision:
    return Decision(text, Judgement(Verdict.NEUTRAL, 0.0, stage, reason), checks=((stage, True),))
