"""An answer in OpenAI's protocol: as one completion, or streamed in chunks, sentence by sentence after the gate."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal

from fastapi.sse import format_sse_event

from api.http.compatible import error_of
from api.http.problems import problem_of
from api.http.schemas.completions import (
    Annotation,
    Chunk,
    ChunkChoice,
    Completion,
    CompletionChoice,
    CompletionMessage,
    CompletionUsage,
    Delta,
    FootnoteOut,
)
from api.http.streaming import HEARTBEAT_S, LINE_ENDS, Over, never, paced
from generation.types import Answer, Event, FinalEvent, Sentence, SentenceEvent, StatusEvent

_HEARTBEAT = b": heartbeat\n\n"  # a comment, which no client hears
_DONE = format_sse_event(data_str="[DONE]")


@dataclass(frozen=True, slots=True)
class Reply:
    """What all that is sent of one answer has in common; `question`: as it was typed. `ignored`: what of the
    request changed nothing; `page`: the address of the web page, "" if there is none; `with_usage`: the last chunk
    tells the tokens."""

    model: str
    question: str
    ignored: Sequence[str] = ()
    page: str = ""
    with_usage: bool = False
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def told(self, answer: Answer) -> FootnoteOut:
        return FootnoteOut.of(answer, self.question, self.ignored)

    def whole(self, answer: Answer) -> Completion:
        message = CompletionMessage(
            content=answer.answer, annotations=Annotation.each_of(answer, self.page), citations=answer.citations
        )
        return Completion(
            id=self.id,
            created=self.created,
            model=self.model,
            choices=[CompletionChoice(message=message)],
            usage=CompletionUsage.of(answer.usage),
            footnote=self.told(answer),
        )

    def chunk(
        self,
        delta: Delta | None,
        *,
        finish_reason: Literal["stop"] | None = None,
        usage: CompletionUsage | None = None,
        footnote: FootnoteOut | None = None,
    ) -> bytes:
        """A chunk with that delta; with None, one without choices."""
        choices = [] if delta is None else [_choice(delta, finish_reason)]
        kind: Literal["chat.completion.chunk"] = "chat.completion.chunk"
        made = Chunk(id=self.id, object=kind, created=self.created, model=self.model, choices=choices)
        if self.with_usage:
            made.usage = usage
        if footnote is not None:
            made.footnote = footnote
        return format_sse_event(data_str=made.model_dump_json(exclude_unset=True).translate(LINE_ENDS))


def _choice(delta: Delta, finish_reason: Literal["stop"] | None) -> ChunkChoice:
    """With every field that OpenAI's has."""
    return ChunkChoice(index=0, delta=delta, logprobs=None, finish_reason=finish_reason)


async def chunks(
    events: AsyncGenerator[Event, None], reply: Reply, heartbeat_s: float = HEARTBEAT_S, *, over: Over = never
) -> AsyncIterator[bytes]:
    """The answer's chunks in UTF-8, then `[DONE]`. What breaks it off is an object `error`, and nothing after it."""
    said: list[Sentence] = []
    try:
        async with aclosing(events), aclosing(paced(events, heartbeat_s, over)) as beats:
            yield reply.chunk(Delta(role="assistant", content=""))
            async for event in beats:
                if event is None:
                    yield _HEARTBEAT
                elif isinstance(event, StatusEvent) and event.place:
                    yield f": number {event.place} in line\n\n".encode()  # as no client hears either
                elif isinstance(event, SentenceEvent):
                    yield reply.chunk(Delta(content=_blank(said, event.sentence) + event.sentence.text))
                    said.append(event.sentence)
                elif isinstance(event, FinalEvent):
                    for last in _ending(event.answer, reply, said):
                        yield last
    except Exception as error:  # noqa: BLE001 - whatever happens, the reader is told in the stream's own form
        problem = problem_of(error)
        told = problem.model_copy(update={"error": error_of(problem)})
        yield format_sse_event(data_str=told.model_dump_json(exclude_none=True).translate(LINE_ENDS))
        return
    yield _DONE


def _blank(said: Sequence[Sentence], sentence: Sentence) -> str:
    """What stands between a sentence and the one before: a blank, or an empty line before another part."""
    if not said:
        return ""
    return " " if sentence.start - said[-1].end == 1 else "\n\n"


def _ending(answer: Answer, reply: Reply, said: Sequence[Sentence]) -> list[bytes]:
    """Where nothing was said, why not; then citations and what else there is to tell, and the usage."""
    sent = [] if said else [reply.chunk(Delta(content=answer.answer))]
    cited = Delta(annotations=Annotation.each_of(answer, reply.page), citations=answer.citations)
    sent.append(reply.chunk(cited, finish_reason="stop", footnote=reply.told(answer)))
    if reply.with_usage:
        sent.append(reply.chunk(None, usage=CompletionUsage.of(answer.usage)))
    return sent
