"""One question from search to record: every sentence passes the gate before it ships.

Read `AnswerService.stream` first, then the stages below it, in their order. Stages return values (run.py beside this):
`Retrieved` is made once, and each further piece of a reply, check or sentence makes another `Draft`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date

from generation.answering.abstaining import ABSTENTION, abstention, refuses
from generation.answering.conflicts import Source, at_odds, differing
from generation.answering.recording import Recorder, audit_record, question_record
from generation.answering.replies import pieces
from generation.answering.routing import Router
from generation.answering.run import Asked, Draft, Retrieved
from generation.answering.shipping import news, ship
from generation.answering.turns import Turns, failed, heard
from generation.errors import GenerationError
from generation.gate.claims import claim_text, markers
from generation.gate.quoting import opening
from generation.prompts import Prompt, sources
from generation.protocols import AuditLog, ChatModel, ContextBuilder, Gate, Labels, Search, Selector, VersionText
from generation.types import (
    Answer,
    Decision,
    Event,
    Evidence,
    FinalEvent,
    Judgement,
    ModelCard,
    Note,
    RetrievalEvent,
    Stage,
    StatusEvent,
    Verdict,
)
from retrieval.types import Principal

_CUT_OFF = Judgement(Verdict.NEUTRAL, 0.0, Stage.LENGTH, "cut off by the token limit or in a loop")


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """`max_tokens` to generate, `max_sentences` of these to look at, `passages_searched` hits that the context is built
    from; `quote_from`: how surely a sentence of the context has to answer, in [0, 1], to open the answer in its own
    words."""

    max_tokens: int = 200
    max_sentences: int = 5
    passages_searched: int = 8
    quote_from: float = 1.0


class AnswerService:
    """Answers questions as a stream of events; the last one, `FinalEvent`, comes after the audit record. Without a
    `selector` no answer opens with a quotation."""

    def __init__(
        self,
        *,
        search: Search,
        context: ContextBuilder,
        model: ChatModel,
        gate: Gate,
        versions: VersionText,
        audit: AuditLog,
        prompt: Prompt,
        card: ModelCard,
        options: AnswerOptions | None = None,
        recipe: Mapping[str, object] | None = None,
        router: Router | None = None,
        labels: Labels | None = None,
        selector: Selector | None = None,
    ) -> None:
        self._search = search
        self._context = context
        self._gate = gate
        self._versions = versions
        self._audit = audit
        self._turns = Turns(model, prompt, card, router, labels)
        self._options = options or AnswerOptions()
        self._selector = selector
        self._recipe = dict(recipe or {})  # settings that decide an answer, for the record

    async def answer(self, question: str, principal: Principal, as_of: date | None = None) -> Answer:
        """The whole answer at once."""
        async with aclosing(self.stream(question, principal, as_of)) as events:
            async for event in events:
                if isinstance(event, FinalEvent):
                    return event.answer
        raise AssertionError("the stream ended without a final event")

    async def stream(
        self, question: str, principal: Principal, as_of: date | None = None
    ) -> AsyncGenerator[Event, None]:
        """Events in order: retrieve, route, quote, write, gate, ship, tell conflicts, finish, record. Whatever was
        shipped is recorded, even if the asker leaves, or the model or the first attempt at a record fails.

        `as_of`: answer from the versions in force on that day instead of the newest.
        """
        asked, draft = Asked(question, principal, as_of), Draft()
        found: Retrieved | None = None
        recorder = Recorder(self._audit, asked, self._recipe, self._turns.card)
        searching = asyncio.ensure_future(self._retrieved(asked))  # meanwhile: without its first row nothing is told
        try:
            await recorder.opened()
            yield StatusEvent("searching")
            found = await searching
            yield RetrievalEvent(len(found.context.passages), found.titles)
            if found.context.passages:
                draft = replace(draft, tries=await self._turns.first(found))
                yield StatusEvent("writing")
                async with aclosing(self._drafts(found, draft)) as drafts:
                    async for longer in drafts:
                        await recorder.shipping(draft, longer)
                        events, draft = news(draft, longer), longer
                        for event in events:
                            yield event
            answer = self._finished(found, draft)
            yield FinalEvent(
                replace(answer, audit_id=await recorder.close(audit_record(found, draft, answer, self._recipe)))
            )
        finally:
            await asyncio.shield(self._ended(recorder, searching, found, draft))

    async def _retrieved(self, asked: Asked) -> Retrieved:
        """Search, context, and the full text of every version that the context quotes."""
        limit = self._options.passages_searched
        result = await self._search.search(asked.question, asked.principal, limit, as_of=asked.as_of)
        searched = asked.elapsed()
        context = await self._context.build(result.asked, result, asked.principal)
        texts = {}
        for passage in context.passages:
            text = await self._versions.text(passage.chunk.document_id, passage.chunk.version, asked.principal)
            if text is not None:
                texts[passage.marker] = text
        readable = tuple(passage for passage in context.passages if passage.marker in texts)
        timings = {"search": searched, "context": asked.elapsed()}
        return Retrieved(asked, result, replace(context, passages=readable), texts, timings)

    async def _drafts(self, found: Retrieved, draft: Draft) -> AsyncGenerator[Draft, None]:
        """The answer as it grows: the sentence of the context that answers, where the selector is sure of one; what the
        chosen model writes and the gate passes; if all that is nothing, what a larger tier writes, which may try once.
        """
        async with aclosing(self._quoted(found, draft)) as drafts:
            async for draft in drafts:
                yield draft
        async with aclosing(self._written(found, draft)) as drafts:
            async for draft in drafts:
                yield draft
        if again := self._turns.second(draft):
            draft = again
            yield draft
            try:
                async with aclosing(self._written(found, draft)) as drafts:
                    async for draft in drafts:
                        yield draft
            except GenerationError as error:
                if draft.sentences:
                    raise
                draft = failed(draft, error.code)  # the first try's abstention stands
        yield draft.at("written", found.asked.elapsed())

    async def _quoted(self, found: Retrieved, draft: Draft) -> AsyncGenerator[Draft, None]:
        """The sentence of the context that answers, where the selector is sure of one and the gate agrees."""
        selector = self._selector
        quotation = opening(found.context, found.documents) if selector else None
        if selector is None or quotation is None:
            return
        heading = quotation.source.passage.chunk.heading
        sure = await asyncio.to_thread(selector.answers, found.question, quotation.text, heading)
        if sure < self._options.quote_from:
            doubt = Judgement(Verdict.NEUTRAL, sure, Stage.SELECTOR, "does not surely answer the question")
            yield replace(draft, opening=(quotation, doubt))
            return
        decision = await self._decided(found, draft, quotation.cited, opening=True)
        draft, judgement = ship(found, draft.checked(decision), decision, Note.QUOTED)
        draft = replace(draft, opening=(quotation, judgement))
        yield draft
        if judgement.passed:
            yield await self._contradicted(found, draft, decision)

    async def _written(self, found: Retrieved, draft: Draft) -> AsyncGenerator[Draft, None]:
        """What the model whose turn it is writes, sentence by sentence through the gate."""
        model, prompt = self._turns.writer(draft)
        messages = prompt.messages(sources=sources(found.context.passages), question=found.question)
        reply = model.stream(
            messages, max_tokens=self._options.max_tokens, stop=("\nQuestion:",), cache_salt=found.result.snapshot
        )
        seen: set[str] = set()
        async with aclosing(pieces(reply)) as read:
            async for piece in read:
                if piece.delta:
                    draft = heard(draft, piece.delta).at("first_token", found.asked.elapsed())
                    yield draft
                for sentence in piece.sentences:
                    text = claim_text(sentence)
                    if piece.cut:
                        if not draft.says(text):  # else it is a loop of what has shipped: nothing is lost
                            draft = draft.without(text, _CUT_OFF)
                            yield draft
                        continue
                    if refuses(sentence) and not markers(sentence):
                        return
                    if sentence in seen or draft.says(text):
                        continue
                    seen.add(sentence)
                    async with aclosing(self._gated(found, draft, sentence)) as drafts:
                        async for draft in drafts:
                            yield draft
                    if len(seen) >= self._options.max_sentences:
                        return

    async def _gated(self, found: Retrieved, draft: Draft, sentence: str) -> AsyncGenerator[Draft, None]:
        """The draft with the sentence shipped, and then with what contradicts it; or with it withheld, or left out
        since it says what was quoted."""
        decision = await self._decided(found, draft, sentence, opening=not draft.opened)
        draft = replace(draft.checked(decision), opened=draft.opened or decision.judgement.passed)
        if decision.judgement.passed and draft.quotes(decision.evidence):
            yield replace(draft, left_out=(*draft.left_out, decision.text))
            return
        draft, judgement = ship(found, draft, decision, Note.MOVED if decision.moved else Note.NONE)
        if not judgement.passed:
            yield draft.without(decision.text, judgement)
            return
        yield draft
        yield await self._contradicted(found, draft, decision)

    async def _decided(self, found: Retrieved, draft: Draft, sentence: str, *, opening: bool) -> Decision:
        return await self._gate.check(
            sentence, found.context, found.documents, found.question, opening=opening, before=draft.before
        )

    async def _contradicted(self, found: Retrieved, draft: Draft, decision: Decision) -> Draft:
        """After a shipped sentence: with a sentence that says so if another source contradicts it, once for each pair
        of documents."""
        other = await self._gate.conflict(decision, found.context)
        said = at_odds(decision.evidence, other) if other else None
        if other is None or said is None:
            return draft
        pair = frozenset(evidence.passage.chunk.document_id for evidence in (said, other))
        if pair in draft.differing:
            return draft
        told = differing(await self._dated(found, said), await self._dated(found, other))
        return ship(found, replace(draft, differing=draft.differing | {pair}), told, Note.CONFLICT)[0]

    async def _dated(self, found: Retrieved, evidence: Evidence) -> Source:
        chunk = evidence.passage.chunk
        day = await self._versions.day(chunk.document_id, chunk.version, found.asked.principal)
        return Source(evidence, day, found.rank(evidence.passage))

    def _finished(self, found: Retrieved, draft: Draft) -> Answer:
        search = {f"search.{stage}": value for stage, value in found.result.timings_ms.items()}
        nothing = None if draft.sentences else abstention(found)
        return Answer(
            answer=draft.text or ABSTENTION,
            status=draft.status,
            sentences=draft.sentences,
            citations=draft.citations,
            model=self._turns.signed(found, draft),
            usage=draft.usage,
            timings_ms={**found.timings, **draft.timings, "total": found.asked.elapsed(), **search},
            withheld=len(draft.withheld),
            abstention=nothing,
        )

    async def _ended(
        self, recorder: Recorder, searching: asyncio.Future[Retrieved], found: Retrieved | None, draft: Draft
    ) -> None:
        """Nothing runs on, and an answer whose asker left, or whose search, model or record failed, is closed as
        interrupted. Raises `AuditUnavailable`."""
        if not searching.done():
            searching.cancel()
        await asyncio.wait({searching})
        if not searching.cancelled():
            searching.exception()  # it was raised already, or nobody is there to be told
        if found is None:
            await recorder.interrupted(question_record(recorder.asked))
        else:
            await recorder.interrupted(audit_record(found, draft, self._finished(found, draft), self._recipe))
