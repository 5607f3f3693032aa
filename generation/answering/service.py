"""One question from search to record: every sentence passes the gate before it ships."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date

from generation.answering.abstaining import ABSTENTION, abstention, refuses
from generation.answering.conflicts import Source, at_odds, differing
from generation.answering.recording import audit_record
from generation.answering.routing import Router
from generation.answering.run import Run
from generation.answering.shipping import ship
from generation.answering.turns import Turns, used
from generation.errors import GenerationError
from generation.gate.claims import SentenceStream, claim_text, markers
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
    Withheld,
)
from retrieval.types import Context, Principal


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
        """Events in order. Whatever was shipped is recorded, even if the asker leaves or the model fails.

        `as_of`: answer from the versions in force on that day instead of the newest.
        """
        run = Run(question, principal, as_of)
        recorded = False
        try:
            yield StatusEvent("searching")
            await self._retrieve(run)
            yield RetrievalEvent(len(run.context.passages), _titles(run.context))
            if run.context.passages:
                await self._turns.first(run)
                yield StatusEvent("writing")
                async with aclosing(self._write(run)) as events:
                    async for event in events:
                        yield event
            answer = self._finish(run)
            recorded = True
            audit_id = await asyncio.shield(self._audit.append(audit_record(run, answer, self._recipe)))
            yield FinalEvent(replace(answer, audit_id=audit_id))
        finally:
            if (run.sentences or run.tries) and not recorded:
                record = audit_record(run, self._finish(run), self._recipe) | {"interrupted": True}
                await asyncio.shield(self._audit.append(record))

    async def _retrieve(self, run: Run) -> None:
        """Search, context, and the full text of every version that the context quotes."""
        limit = self._options.passages_searched
        result = await self._search.search(run.question, run.principal, limit, as_of=run.as_of)
        run.result = result
        run.mark("search")
        context = await self._context.build(result.query, result, run.principal)
        readable = []
        for passage in context.passages:
            text = await self._versions.text(passage.chunk.document_id, passage.chunk.version, run.principal)
            if text is not None:
                readable.append(passage)
                run.texts[passage.marker] = text
        run.context = replace(context, passages=tuple(readable))
        run.mark("context")

    async def _write(self, run: Run) -> AsyncGenerator[Event, None]:
        """What the chosen model writes and the gate passes; if that is nothing, a larger tier may try once. Before it,
        the sentence of the context that answers, where the selector is sure of one."""
        async with aclosing(self._quoted_first(run)) as events:
            async for event in events:
                yield event
        async with aclosing(self._written(run)) as events:
            async for event in events:
                yield event
        if self._turns.second(run):
            try:
                async with aclosing(self._written(run)) as events:
                    async for event in events:
                        yield event
            except GenerationError as error:
                if run.sentences:
                    raise
                run.tries[-1].failed = error.code  # the first try's abstention stands
        run.mark("written")

    async def _quoted_first(self, run: Run) -> AsyncGenerator[Event, None]:
        """The sentence of the context that answers, where the selector is sure of one."""
        assert run.result is not None
        selector = self._selector
        quotation = opening(run.context, run.documents) if selector else None
        if selector is None or quotation is None:
            return
        heading = quotation.source.passage.chunk.heading
        sure = await asyncio.to_thread(selector.answers, run.result.query, quotation.text, heading)
        if sure < self._options.quote_from:
            run.opening = (
                quotation,
                Judgement(Verdict.NEUTRAL, sure, Stage.SELECTOR, "does not surely answer the question"),
            )
            return
        decision = await self._check(run, quotation.cited, opening=True)
        events, judgement = ship(run, decision, Note.QUOTED)
        run.opening = quotation, judgement
        for event in events:
            yield event
        for event in await self._contradicted(run, decision) if events else ():
            yield event

    async def _written(self, run: Run) -> AsyncGenerator[Event, None]:
        """Generates, gates and ships sentence by sentence."""
        seen: set[str] = set()
        async with aclosing(self._sentences(run)) as sentences:
            async for sentence in sentences:
                if refuses(sentence) and not markers(sentence):
                    break
                if sentence in seen or run.says(claim_text(sentence)):
                    continue
                seen.add(sentence)
                decision, events = await self._gated(run, sentence)
                for event in events:
                    yield event
                for event in await self._contradicted(run, decision) if events else ():
                    yield event
                if len(seen) >= self._options.max_sentences:
                    break

    async def _gated(self, run: Run, sentence: str) -> tuple[Decision, list[Event]]:
        """The decision on a sentence, and its events; none if it is withheld, or says what was quoted."""
        decision = await self._check(run, sentence, opening=not run.opened)
        run.opened |= decision.judgement.passed
        if decision.judgement.passed and run.quotes(decision.evidence):
            run.left_out.append(decision.text)
            return decision, []
        events, judgement = ship(run, decision, Note.MOVED if decision.moved else Note.NONE)
        if not events:
            run.withheld.append(Withheld(decision.text, judgement))
        return decision, events

    async def _check(self, run: Run, sentence: str, *, opening: bool) -> Decision:
        assert run.result is not None
        question, before = run.result.query, run.before
        decision = await self._gate.check(
            sentence, run.context, run.documents, question, opening=opening, before=before
        )
        run.checks.extend(decision.checks)
        return decision

    async def _contradicted(self, run: Run, decision: Decision) -> list[Event]:
        """After a shipped sentence: a sentence that says so if another source contradicts it, once for each pair of
        documents."""
        other = await self._gate.conflict(decision, run.context)
        said = at_odds(decision.evidence, other) if other else None
        if other is None or said is None:
            return []
        pair = frozenset(evidence.passage.chunk.document_id for evidence in (said, other))
        if pair in run.differing:
            return []
        run.differing.add(pair)
        return ship(run, differing(await self._dated(run, said), await self._dated(run, other)), Note.CONFLICT)[0]

    async def _dated(self, run: Run, evidence: Evidence) -> Source:
        chunk = evidence.passage.chunk
        day = await self._versions.day(chunk.document_id, chunk.version, run.principal)
        return Source(evidence, day, run.rank(evidence.passage))

    async def _sentences(self, run: Run) -> AsyncGenerator[str, None]:
        """The generator's sentences as they complete."""
        assert run.result is not None
        model, prompt = self._turns.writer(run)
        messages = prompt.messages(sources=sources(run.context.passages), question=run.result.query)
        collected, cut = SentenceStream(), False
        deltas = model.stream(
            messages, max_tokens=self._options.max_tokens, stop=("\nQuestion:",), cache_salt=run.result.snapshot
        )
        async with aclosing(deltas) as stream:
            async for delta in stream:
                run.mark("first_token")
                used(run, delta)
                cut = delta.cut
                for sentence in collected.feed(delta.text):
                    yield sentence
        for sentence in collected.finish():
            if cut and run.says(claim_text(sentence)):
                continue  # a loop of what has shipped: nothing is lost
            if cut:
                judgement = Judgement(Verdict.NEUTRAL, 0.0, Stage.LENGTH, "cut off by the token limit or in a loop")
                run.withheld.append(Withheld(claim_text(sentence), judgement))
            else:
                yield sentence

    def _finish(self, run: Run) -> Answer:
        nothing = None if run.sentences else abstention(run)
        run.mark("total")
        search = run.result.timings_ms if run.result else {}
        return Answer(
            answer=run.text or ABSTENTION,
            status=run.status,
            sentences=tuple(run.sentences),
            citations=tuple(run.citations),
            model=self._turns.signed(run),
            usage=run.usage,
            timings_ms={**run.timings, **{f"search.{stage}": value for stage, value in search.items()}},
            withheld=len(run.withheld),
            abstention=nothing,
        )


def _titles(context: Context) -> tuple[str, ...]:
    return tuple(dict.fromkeys(passage.chunk.title for passage in context.passages))
