"""One question from search to record: every sentence passes the gate before it ships.

Read `AnswerService.stream` first, then the stages below it, in their order. Stages return values (run.py beside this):
`Retrieved` is made once, and each further piece of a reply, check or sentence makes another `Draft`.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import date

from generation.answering.abstaining import abstention
from generation.answering.drafting import AnswerOptions, Drafting
from generation.answering.guarding import guarded
from generation.answering.languages import left_aside, unmeasured
from generation.answering.recording import Recorder, audit_record, question_record
from generation.answering.routing import Router
from generation.answering.run import Asked, Draft, Retrieved
from generation.answering.shipping import news
from generation.answering.strangers import without_strangers
from generation.answering.strictness import STRICTER, stricter_of, told
from generation.answering.telling import assumed, cautions, outcome
from generation.answering.turns import Turns
from generation.prompts import Prompt
from generation.protocols import (
    AuditLog,
    ChatModel,
    ContextBuilder,
    Gate,
    InstructionDetector,
    Labels,
    Search,
    Selector,
    VersionText,
)
from generation.types import (
    Answer,
    Event,
    FinalEvent,
    FollowUp,
    ModelCard,
    RetrievalEvent,
    SourceText,
    StatusEvent,
    Strict,
    Strictness,
    Version,
)
from ingest.languages import foreign
from retrieval.types import EVERYTHING, ChunkText, Filter, Principal

__all__ = ["AnswerOptions", "AnswerService"]


class AnswerService:
    """Answers questions as a stream of events; the last one, `FinalEvent`, comes after the audit record. Without a
    `selector` no answer opens with a quotation; without a `detector` nothing is taken for an instruction. `strict`:
    what it withholds beside what the gate withholds; `stricter`: where that is asked for."""

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
        release: str | None = None,
        purpose: str | None = None,
        strict: Strict | None = None,
        stricter: Strict = STRICTER,
        router: Router | None = None,
        labels: Labels | None = None,
        selector: Selector | None = None,
        detector: InstructionDetector | None = None,
    ) -> None:
        self._search, self._detector = search, detector
        self._context = context
        self._versions = versions
        self._audit = audit
        self._turns = Turns(model, prompt, card, router, labels)
        self._options = options or AnswerOptions()
        self._drafting = Drafting(self._turns, gate, versions, self._options, selector)
        # For the record: the settings that decide an answer, the release that they are, and for what it is asked
        self._recipe = {name: value for name, value in (recipe or {}).items() if name != "strictness"}
        self._strict, self._stricter = strict, stricter
        self._by = {"recipe": self._recipe | told(strict), "release": release, "purpose": purpose}

    def recorded_in(self, audit: AuditLog) -> AnswerService:
        """The same, whose records go there."""
        other = copy.copy(self)
        other._audit = audit
        return other

    def strictly(self) -> AnswerService:
        """The same, as strict as it may be asked to be, and never less strict than it is."""
        return self.held_to(stricter_of(self._strict, self._stricter))

    def held_to(self, strict: Strict | None) -> AnswerService:
        """The same, as strict as that and no more: to give an answer again."""
        other = copy.copy(self)
        other._strict, other._by = strict, {**self._by, "recipe": self._recipe | told(strict)}
        return other

    async def answer(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        follow_up: FollowUp | None = None,
        asked_again: str = "",
    ) -> Answer:
        """The whole answer at once."""
        asking = self.stream(question, principal, as_of, only, follow_up=follow_up, asked_again=asked_again)
        async with aclosing(asking) as events:
            async for event in events:
                if isinstance(event, FinalEvent):
                    return event.answer
        raise AssertionError("the stream ended without a final event")

    async def stream(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        follow_up: FollowUp | None = None,
        asked_again: str = "",
    ) -> AsyncGenerator[Event, None]:
        """Events in order: retrieve, route, quote, write, gate, ship, tell conflicts, finish, record. Whatever was
        shipped is recorded, even if the asker leaves, or the model or the first attempt at a record fails.

        `as_of`: answer from the versions in force on that day instead of the newest. `only`: as if there were no other
        documents. `follow_up`: what the question was put together from, for the record, as is `asked_again`,
        the id of an earlier answer to it: neither changes anything else.
        """
        asked, draft = Asked(question, principal, as_of, only, follow_up, asked_again, self._strict), Draft()
        found: Retrieved | None = None
        recorder = Recorder(self._audit, asked, self._by, self._turns.card)
        searching = asyncio.ensure_future(self._retrieved(asked))  # meanwhile: without its first row nothing is told
        try:
            await recorder.opened()
            yield StatusEvent("searching")
            found = await searching
            titles = tuple(part.title for part in found.parts if part.title)
            yield RetrievalEvent(len(found.context.passages), found.titles, titles, found.sources)
            if any(part.context.passages for part in found.parts):
                draft = replace(draft, tries=await self._turns.first(found))
                yield StatusEvent("writing")
                async with aclosing(self._drafting.drafts(found, draft)) as drafts:
                    async for longer in drafts:
                        await recorder.shipping(draft, longer)
                        events, draft = news(draft, longer), longer
                        for event in events:
                            yield event
            answer = self._finished(found, draft)
            yield FinalEvent(
                replace(answer, audit_id=await recorder.close(audit_record(found, draft, answer, self._by)))
            )
        finally:
            await asyncio.shield(self._ended(recorder, searching, found, draft))

    async def _retrieved(self, asked: Asked) -> Retrieved:
        """Search, context, and the full text of every version that the context quotes."""
        limit = self._options.passages_searched
        result = await self._search.search(asked.question, asked.principal, limit, as_of=asked.as_of, only=asked.only)
        searched = asked.elapsed()
        read: dict[Version, SourceText | None] = {}

        async def whole(chunk: ChunkText) -> SourceText | None:
            version = chunk.document_id, chunk.version
            if version not in read:
                read[version] = await self._versions.text(*version, asked.principal)
            return read[version]

        shown = await without_strangers(result, whole)
        context = await self._context.build(result.asked, shown, asked.principal)
        texts = {}
        for passage in context.passages:
            if text := await whole(passage.chunk):
                texts[passage.marker] = text
        readable = tuple(passage for passage in context.passages if passage.marker in texts)
        timings = {"search": searched, "context": asked.elapsed()}
        context = replace(context, passages=readable)
        guard = await asyncio.to_thread(guarded, asked.question, context, self._detector)
        timings["guard"] = asked.elapsed()
        texts = guard.warned(context, texts)
        spoken = foreign(asked.question)
        return Retrieved(asked, result, context, texts, timings, spoken, unmeasured(context, texts), guard)

    def _finished(self, found: Retrieved, draft: Draft) -> Answer:
        search = {f"search.{stage}": value for stage, value in found.result.timings_ms.items()}
        known, unsure = outcome(found, draft), cautions(draft.citations)
        return Answer(
            answer=draft.text or known.explanation,
            status=known.status,
            sentences=draft.sentences,
            citations=draft.citations,
            model=self._turns.signed(found, draft),
            usage=draft.usage,
            timings_ms={**found.timings, **draft.timings, "total": found.asked.elapsed(), **search},
            withheld=len(draft.withheld),
            abstention=None if draft.sentences else abstention(found),
            why=known.why,
            explanation=known.explanation,
            parts=known.parts,
            assumed=assumed(found, draft),
            cautions=(*unsure, *found.guard.cautions(found.context, unsure)),
            left_aside=left_aside(found),
            strictness=Strictness.STRICT if found.asked.strict else Strictness.USUAL,
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
            await recorder.interrupted(audit_record(found, draft, self._finished(found, draft), self._by))
