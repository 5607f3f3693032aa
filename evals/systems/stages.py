"""A question asked of the service as it serves, and everything that its stages made of it."""

from __future__ import annotations

import json
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from api.bootstrap import Container
from generation.prompts import sources
from generation.types import Answer, FinalEvent, Note, SentenceEvent
from retrieval.types import ChunkText, Context, Principal, SearchResult

OURS = {Note.QUOTED, Note.CONFLICT}  # sentences that the generator did not write


@dataclass(frozen=True, slots=True)
class Words:
    """What stands at one place: the document's source, the 1-based page on which it begins, the text."""

    source: str
    page: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Staged:
    """`hits`: what search found, best first. `shown`: the passages in the prompt, each as the generator reads it.
    `drafted`: all that was written or quoted before the gate. Seconds until the generator's own first sentence shipped,
    the first of any kind, and the end."""

    answer: Answer
    hits: tuple[Words, ...]
    shown: tuple[Words, ...]
    drafted: tuple[str, ...]
    withheld: tuple[dict[str, Any], ...]
    own_seconds: float | None
    first_seconds: float | None
    seconds: float


class Watch:
    """Stands before the context builder of an installation and keeps what goes in and comes out.

    It must be made before the installation answers its first question.
    """

    def __init__(self, parts: Container) -> None:
        self._parts, self._inner = parts, parts.context_builder
        self._result: SearchResult | None = None
        self._contexts: list[Context] = []
        vars(parts)["context_builder"] = self  # where the cached property keeps its value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def build(self, query: str, result: SearchResult, principal: Principal, **more: Any) -> Context:
        context = await self._inner.build(query, result, principal, **more)
        self._result = self._result or result
        self._contexts.append(context)
        return context

    async def asked(self, question: str, asker: Principal) -> Staged:
        """Asks; raises what the answer service raises."""
        self._result, self._contexts = None, []
        started = time.perf_counter()
        own = first = None
        answer: Answer | None = None
        async with aclosing(self._parts.answers.stream(question, asker)) as events:
            async for event in events:
                spent = round(time.perf_counter() - started, 3)
                if isinstance(event, SentenceEvent):
                    first = spent if first is None else first
                    own = spent if own is None and event.sentence.note not in OURS else own
                if isinstance(event, FinalEvent):
                    answer, seconds = event.answer, spent
        if answer is None:
            raise AssertionError("the stream ended without a final event")
        closing, *_ = self._parts.audit.show(answer.audit_id)
        record = json.loads(closing.record)
        return Staged(
            answer=answer,
            hits=self._hits(),
            shown=self._shown(),
            drafted=_drafted(answer, record),
            withheld=tuple(
                {"text": item["text"], "stage": item["judgement"]["stage"], "reason": item["judgement"]["reason"]}
                for item in _withheld(record)
            ),
            own_seconds=own,
            first_seconds=first,
            seconds=seconds,
        )

    def _hits(self) -> tuple[Words, ...]:
        return tuple(_words(hit.chunk) for hit in self._result.hits) if self._result else ()

    def _shown(self) -> tuple[Words, ...]:
        return tuple(
            Words(passage.chunk.source, passage.chunk.page, sources([passage]))
            for context in self._contexts
            for passage in context.passages
        )


def _words(chunk: ChunkText) -> Words:
    return Words(chunk.source, chunk.page, f"{chunk.table_header or ''}\n{chunk.text}".strip())


def _withheld(record: dict[str, Any]) -> list[dict[str, Any]]:
    tried = [item for tries in record.get("routing", ()) for item in tries.get("withheld", ())]
    return [*tried, *record["withheld"]]


def _drafted(answer: Answer, record: dict[str, Any]) -> tuple[str, ...]:
    opening = record.get("opening")
    texts = [
        *([opening["text"]] if opening else []),
        *(sentence.text for sentence in answer.sentences if sentence.note is not Note.CONFLICT),
        *(item["text"] for item in _withheld(record)),
        *record.get("left_out", ()),
    ]
    return tuple(dict.fromkeys(texts))
