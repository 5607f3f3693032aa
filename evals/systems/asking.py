"""One question through the answer service, as the HTTP API and `footnote ask` put it, with the clock running."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from api.bootstrap import Container
from generation.types import Answer, FinalEvent, SentenceEvent
from retrieval.types import Principal


@dataclass(frozen=True, slots=True)
class Setup:
    """What decides the answers besides questions and documents: results of one setup are never mixed with others.

    Args:
        judge: who checks: the trained judge, and the base model with the prompts of its questions.
        engine: what computes, as `api.wiring.answering.engine` names it.
        recipe: by each part of the service's recipe, which is the same with any adapter, the first 12 digits of the
            sha256 (hex) of what stands there; "code": of the service's own.
    """

    generator: str
    adapter: str
    prompt: str
    judge: str
    engine: str
    recipe: Mapping[str, str]

    @classmethod
    def of(cls, parts: Container) -> Setup:
        return cls(**parts.setup)


@dataclass(frozen=True, slots=True)
class Timed:
    """An answer, seconds to its first sentence (None if it has none) and to its end, the gate stages that withheld
    sentences, one entry a sentence, and where tiers share the work: the one that wrote last, and what all of its tries
    cost, in the unit of the tiers' file (None where one has no price)."""

    answer: Answer
    first_seconds: float | None
    seconds: float
    withheld: tuple[str, ...]
    tier: str = ""
    cost: float | None = None


async def timed(
    parts: Container,
    question: str,
    asker: Principal,
    *,
    earlier: Sequence[str] = (),
    clock: Callable[[], float] = time.perf_counter,
) -> Timed:
    """Asks, after `earlier` questions of the same asker; raises what the answer service raises."""
    started = clock()
    first: float | None = None
    async with aclosing(parts.answers.stream(question, asker, earlier=earlier)) as events:
        async for event in events:
            if isinstance(event, SentenceEvent) and first is None:
                first = round(clock() - started, 3)
            if isinstance(event, FinalEvent):
                seconds = round(clock() - started, 3)
                record = _record(parts, event.answer.audit_id)
                withheld = tuple(item["judgement"]["stage"] for item in record["withheld"])
                return Timed(event.answer, first, seconds, withheld, *_tier(record.get("routing") or ()))
    raise AssertionError("the stream ended without a final event")


def _record(parts: Container, audit_id: str) -> Mapping[str, Any]:
    """The closing one, the only place that knows."""
    row, *_ = parts.audit.show(audit_id)
    found: Mapping[str, Any] = json.loads(row.record)
    return found


def _tier(tries: Sequence[Mapping[str, Any]]) -> tuple[str, float | None]:
    if not tries:
        return "", None
    costs = [one["cost"] for one in tries]
    return tries[-1]["decision"]["tier"], None if None in costs else sum(costs)
