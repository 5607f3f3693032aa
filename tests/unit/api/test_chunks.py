"""An answer in chunks of OpenAI's protocol."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest

from api.http.chunks import Reply, chunks
from generation.errors import GeneratorUnavailable
from generation.types import (
    Answer,
    Event,
    FinalEvent,
    ModelCard,
    Sentence,
    SentenceEvent,
    Status,
    StatusEvent,
    Verdict,
)

CARD = ModelCard("g", "", "e", "r", "j", "p", "s")
ODD = "a\u2028b\x85c\rd\ne"


def sentence(text: str, start: int, part: int = 0) -> Sentence:
    return Sentence(text, start, start + len(text), Verdict.ENTAILED, 1.0, (), part=part)


def answer(text: str, *sentences: Sentence) -> Answer:
    status = Status.ANSWERED if sentences else Status.ABSTAINED
    return Answer(text, status, sentences, (), CARD, audit_id="a1")


async def events(*steps: Event | float | Exception) -> AsyncGenerator[Event, None]:
    for step in steps:
        if isinstance(step, float):
            await asyncio.sleep(step)
        elif isinstance(step, Exception):
            raise step
        else:
            yield step


async def sent(*steps: Event | float | Exception, heartbeat_s: float = 5.0, **reply: Any) -> list[str]:
    wire = [part async for part in chunks(events(*steps), Reply("footnote", "Q?", **reply), heartbeat_s)]
    return [part.decode().removesuffix("\n\n") for part in wire]


def data(line: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(line.removeprefix("data: "))
    return read


def content(lines: list[str]) -> str:
    read = [data(line) for line in lines if line.startswith("data: {")]
    return "".join(choice["delta"].get("content", "") for one in read for choice in one["choices"])


async def test_the_pieces_are_the_answer_with_its_paragraphs() -> None:
    said = sentence("One.", 0, 1), sentence("Two.", 5, 1), sentence(ODD, 11, 2)
    whole = answer(f"One. Two.\n\n{ODD}", *said)
    lines = await sent(StatusEvent("searching"), *map(SentenceEvent, said), FinalEvent(whole))
    assert content(lines) == whole.answer
    assert all(len(line.splitlines()) == 1 for line in lines)
    assert lines[-1] == "data: [DONE]"


async def test_where_nothing_was_said_the_reason_is() -> None:
    lines = await sent(FinalEvent(answer("Nothing was found.")))
    assert content(lines) == "Nothing was found."
    assert data(lines[-2])["footnote"]["status"] == "abstained"


async def test_the_place_in_line_is_a_comment_which_clients_pass_over() -> None:
    lines = await sent(StatusEvent("waiting", 2), StatusEvent("searching"), FinalEvent(answer("Nothing was found.")))
    assert lines[1] == ": number 2 in line"
    assert content(lines) == "Nothing was found."


async def test_silence_is_filled_with_comments() -> None:
    lines = await sent(0.12, FinalEvent(answer("x")), heartbeat_s=0.03)
    assert lines.count(": heartbeat") >= 2
    assert data(lines[0])["choices"][0]["delta"] == {"role": "assistant", "content": ""}


async def test_after_an_error_nothing_is_said_to_be_done() -> None:
    lines = await sent(SentenceEvent(sentence("One.", 0)), GeneratorUnavailable("The model is gone."))
    assert data(lines[-1])["error"] == {
        "message": "The model is gone.", "type": "server_error", "code": "generator_unavailable",
    }  # fmt: skip
    assert data(lines[-1])["status"] == 503
    assert "finish_reason" not in lines[-1]


@pytest.mark.parametrize("heard", [1, 2])
async def test_a_reader_who_leaves_closes_the_answer(heard: int) -> None:
    closed = []

    async def answering() -> AsyncGenerator[Event, None]:
        try:
            yield StatusEvent("searching")
            yield SentenceEvent(sentence("One.", 0))
            await asyncio.sleep(60)
        finally:
            closed.append(True)

    running = answering()
    await anext(running)  # as the route does
    wire = chunks(running, Reply("footnote", "Q?"))
    for _ in range(heard):
        await anext(wire)
    await wire.aclose()  # type: ignore[attr-defined]
    assert closed == [True]


async def test_what_is_not_foreseen_tells_nothing_of_the_inside() -> None:
    lines = await sent(RuntimeError("secret"))
    assert "secret" not in "".join(lines)
    assert data(lines[-1])["error"]["code"] == "internal_error"


def test_every_answer_has_an_id_of_its_own() -> None:
    assert Reply("footnote", "Q?").id != Reply("footnote", "Q?").id
    whole = Reply("footnote", "Q?").whole(replace(answer("x"), withheld=2))
    assert (whole.footnote.withheld, whole.usage.total_tokens) == (2, 0)
