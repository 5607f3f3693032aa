"""One question from search to record: every sentence passes the gate before it ships."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, replace
from datetime import date

from generation.citations import Evidence, resolve
from generation.claims import SentenceStream, claim_text, markers
from generation.errors import UnresolvedCitation
from generation.faithfulness import Decision, Gate
from generation.prompts import Prompt
from generation.protocols import AuditLog, ChatModel, ContextBuilder, Search, VersionText
from generation.types import (
    Answer,
    Citation,
    CitationEvent,
    Event,
    FinalEvent,
    Judgement,
    ModelCard,
    RetrievalEvent,
    Sentence,
    SentenceEvent,
    Status,
    StatusEvent,
    Usage,
    Verdict,
    Withheld,
)
from ingest.types import LineBox
from retrieval.types import Context, Passage, Principal, SearchResult

ABSTENTION = "The documents that you may read do not hold a supported answer to this question."
_REFUSAL = re.compile(
    r"\s*(?:not found|i (?:do not|don[’']t) know|(?:the|these) (?:provided |given )?sources? (?:do|does) not|"
    r"no (?:information|answer|mention)|there is no (?:information|mention))",
    re.IGNORECASE,
)
_SOURCE_MARKER = re.compile(r"\[(\d{1,3}(?:\s*[,;-]\s*\d{1,3})*)\]")


@dataclass(frozen=True, slots=True)
class AnswerOptions:
    """`max_tokens` to generate, `max_sentences` to ship, `passages_searched` hits that the context is built from."""

    max_tokens: int = 200
    max_sentences: int = 5
    passages_searched: int = 8


@dataclass
class _Run:
    """What one answer has come to so far."""

    question: str
    principal: Principal
    as_of: date | None
    started: float = field(default_factory=time.perf_counter)
    result: SearchResult | None = None
    context: Context = field(default_factory=lambda: Context(()))
    texts: dict[int, tuple[str, Sequence[LineBox]]] = field(default_factory=dict)
    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    timings: dict[str, float] = field(default_factory=dict)

    def mark(self, name: str) -> None:
        """Milliseconds from the start to the first time that `name` happens."""
        self.timings.setdefault(name, round((time.perf_counter() - self.started) * 1000, 1))

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def status(self) -> Status:
        if not self.sentences:
            return Status.ABSTAINED
        return Status.PARTIAL if self.withheld else Status.ANSWERED


class AnswerService:
    """Answers questions as a stream of events; the last one, `FinalEvent`, comes after the audit record."""

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
    ) -> None:
        self._search = search
        self._context = context
        self._model = model
        self._gate = gate
        self._versions = versions
        self._audit = audit
        self._prompt = prompt
        self._card = card
        self._options = options or AnswerOptions()
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
        run = _Run(question, principal, as_of)
        recorded = False
        try:
            yield StatusEvent("searching")
            await self._retrieve(run)
            yield RetrievalEvent(len(run.context.passages), _titles(run.context))
            if run.context.passages:
                yield StatusEvent("writing")
                async with aclosing(self._write(run)) as events:
                    async for event in events:
                        yield event
            answer = self._finish(run)
            recorded = True
            audit_id = await asyncio.shield(self._audit.append(self._record(run, answer)))
            yield FinalEvent(replace(answer, audit_id=audit_id))
        finally:
            if run.sentences and not recorded:
                record = self._record(run, self._finish(run)) | {"interrupted": True}
                await asyncio.shield(self._audit.append(record))

    async def _retrieve(self, run: _Run) -> None:
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
        run.context = Context(tuple(readable))
        run.mark("context")

    async def _write(self, run: _Run) -> AsyncGenerator[Event, None]:
        """Generates, gates and ships sentence by sentence."""
        assert run.result is not None
        documents = {marker: text for marker, (text, _) in run.texts.items()}
        seen: set[str] = set()
        async with aclosing(self._sentences(run)) as sentences:
            async for sentence in sentences:
                if _REFUSAL.match(sentence) and not markers(sentence):
                    break
                if sentence in seen:
                    continue
                seen.add(sentence)
                decision = await self._gate.check(
                    sentence, run.context, documents, run.result.query, opening=not run.sentences
                )
                for event in self._ship(run, decision):
                    yield event
                if len(seen) >= self._options.max_sentences:
                    break
        run.mark("written")

    async def _sentences(self, run: _Run) -> AsyncGenerator[str, None]:
        """The generator's sentences as they complete."""
        assert run.result is not None
        sources = "\n\n".join(_rendered(passage) for passage in run.context.passages)
        messages = self._prompt.messages(sources=sources, question=run.result.query)
        collected, cut = SentenceStream(), False
        deltas = self._model.stream(
            messages, max_tokens=self._options.max_tokens, stop=("\nQuestion:",), cache_salt=run.result.snapshot
        )
        async with aclosing(deltas) as stream:
            async for delta in stream:
                run.mark("first_token")
                run.usage = delta.usage or run.usage
                cut = delta.cut
                for sentence in collected.feed(delta.text):
                    yield sentence
        for sentence in collected.finish():
            if cut:
                judgement = Judgement(Verdict.NEUTRAL, 0.0, "length", "cut off by the token limit")
                run.withheld.append(Withheld(claim_text(sentence), judgement))
            else:
                yield sentence

    def _ship(self, run: _Run, decision: Decision) -> list[Event]:
        """The events of a sentence that passed; a sentence that did not, or does not resolve, is withheld."""
        if not decision.judgement.passed:
            run.withheld.append(Withheld(decision.text, decision.judgement))
            return []
        shipped = len(run.citations)
        try:
            cited = [self._cite(run, evidence) for evidence in decision.evidence]
        except UnresolvedCitation as error:
            del run.citations[shipped:]
            judgement = replace(decision.judgement, stage="citation", reason=str(error))
            run.withheld.append(Withheld(decision.text, judgement))
            return []
        new = run.citations[shipped:]
        start = len(run.text) + (1 if run.sentences else 0)
        sentence = Sentence(
            text=decision.text,
            start=start,
            end=start + len(decision.text),
            verdict=decision.judgement.verdict,
            support=round(decision.judgement.support, 4),
            citations=tuple(dict.fromkeys(citation.id for citation in cited)),
        )
        run.sentences.append(sentence)
        run.mark("first_sentence")
        return [*(CitationEvent(citation) for citation in new), SentenceEvent(sentence)]

    def _cite(self, run: _Run, evidence: Evidence) -> Citation:
        """The citation for this evidence: the one already there for the same words, or a new one."""
        text, lines = run.texts[evidence.passage.marker]
        citation = resolve(evidence, len(run.citations) + 1, text, lines)
        for known in run.citations:
            if replace(known, id=citation.id) == citation:
                return known
        run.citations.append(citation)
        return citation

    def _finish(self, run: _Run) -> Answer:
        run.mark("total")
        search = run.result.timings_ms if run.result else {}
        return Answer(
            answer=run.text or ABSTENTION,
            status=run.status,
            sentences=tuple(run.sentences),
            citations=tuple(run.citations),
            model=replace(self._card, snapshot=run.result.snapshot if run.result else ""),
            usage=run.usage,
            timings_ms={**run.timings, **{f"search.{stage}": value for stage, value in search.items()}},
        )

    def _record(self, run: _Run, answer: Answer) -> dict[str, object]:
        """Everything from which the answer can be replayed and examined."""
        return {
            "principal": f"user:{run.principal.user}",
            "groups": sorted(run.principal.groups),
            "question": run.question,
            "as_of": run.as_of.isoformat() if run.as_of else None,
            "search": {
                "clues": [asdict(clue) for clue in run.result.clues] if run.result else [],
                "parts": run.result.parts if run.result else (),
                "hypothesis": run.result.hypothesis if run.result else "",
            },
            "recipe": self._recipe,
            "answer": asdict(answer),
            "withheld": [asdict(item) for item in run.withheld],
            "context": [
                {
                    "marker": passage.marker,
                    "document_id": passage.chunk.document_id,
                    "version": passage.chunk.version,
                    "content_sha256": passage.chunk.content_sha256,
                    "start": passage.start,
                    "end": passage.end,
                }
                for passage in run.context.passages
            ],
            "hits": [{"chunk_id": hit.chunk.chunk_id, **hit.scores} for hit in (run.result.hits if run.result else ())],
        }


def _titles(context: Context) -> tuple[str, ...]:
    return tuple(dict.fromkeys(passage.chunk.title for passage in context.passages))


def _rendered(passage: Passage) -> str:
    """A passage as the model sees it: heading and text under its marker.

    What looks like one of our markers is put in round brackets.
    """
    parts = (passage.chunk.heading, passage.chunk.table_header, passage.text)
    text = "\n".join(part for part in parts if part)
    return f"[{passage.marker}] " + _SOURCE_MARKER.sub(r"(\1)", text)
