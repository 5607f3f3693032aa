"""The client against a scripted server on the loopback interface: what it sends, and how it reads what goes wrong."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from generation.errors import GenerationError, GeneratorRejected, GeneratorUnavailable
from generation.llm import client as llm
from generation.llm.client import LLAMA_CPP, PLAIN, VLLM, Dialect, OpenAIChatModel
from generation.llm.loops import TAIL, loops
from generation.types import ChatMessage, Delta, Usage

ASK = [ChatMessage("system", "Be brief."), ChatMessage("user", "Hello?")]
Answerer = Callable[[dict[str, Any], asyncio.StreamWriter], Awaitable[None]]


def events(*chunks: dict[str, Any], done: bool = True) -> bytes:
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks] + (["data: [DONE]\n\n"] if done else [])
    return "".join(lines).encode()


def piece(text: str, finish: str | None = None) -> dict[str, Any]:
    return {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}  # fmt: skip


USAGE = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}}  # fmt: skip
REPLY = events(piece("Good "), piece("day.", "stop"), USAGE)


@asynccontextmanager
async def scripted(*bodies: bytes | None, status: int = 200) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """A server that answers the n-th request with the n-th body (None: hangs up); yields its URL and the requests."""
    seen: list[dict[str, Any]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = int(head.partition("content-length:")[2].split()[0])
        seen.append(json.loads(await reader.readexactly(size)))
        body = bodies[len(seen) - 1]
        if body is not None:
            kind = "text/event-stream" if body.startswith(b"data:") else "application/json"
            writer.write(f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n".encode() + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", seen


async def read(model: OpenAIChatModel, salt: str = "") -> list[Delta]:
    try:
        return [delta async for delta in model.stream(ASK, max_tokens=9, stop=("END",), cache_salt=salt)]
    finally:
        await model.aclose()


async def test_a_reply_is_text_and_then_usage() -> None:
    async with scripted(REPLY) as (url, _):
        assert await read(OpenAIChatModel(url, "m")) == [Delta("Good "), Delta("day."), Delta("", Usage(7, 2))]


async def test_a_server_that_tells_no_usage_has_used_nobody_knows_what() -> None:
    async with scripted(events(piece("Good "), piece("day.", "stop"))) as (url, _):
        assert (await read(OpenAIChatModel(url, "m")))[-1] == Delta("", None)


@pytest.mark.parametrize(
    ("dialect", "extra"),
    [(PLAIN, {}), (VLLM, {"top_k": 1, "cache_salt": "view"}), (Dialect(cache_salt=True), {"cache_salt": "view"})],
)
async def test_decoding_is_greedy_and_extra_fields_go_only_to_servers_that_take_them(
    dialect: Dialect, extra: dict[str, Any]
) -> None:
    async with scripted(REPLY, REPLY) as (url, seen):
        await read(OpenAIChatModel(url, "base", "tuned", dialect=dialect), salt="view")
        await read(OpenAIChatModel(url, "base", dialect=dialect))
    common = {"messages": [{"role": m.role, "content": m.content} for m in ASK], "temperature": 0, "seed": 0, "max_tokens": 9, "stop": ["END"], "stream": True, "stream_options": {"include_usage": True}}  # fmt: skip
    assert seen[0] == common | {"model": "tuned"} | extra
    assert seen[1] == common | {"model": "base"} | {k: v for k, v in extra.items() if k != "cache_salt"}


async def test_llama_cpp_is_primed_with_the_system_message_alone() -> None:
    primed = json.dumps({"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": []}).encode()
    async with scripted(primed, REPLY, primed, REPLY) as (url, seen):
        model = OpenAIChatModel(url, "m", dialect=LLAMA_CPP, id_slot=1, lora_scale=0.0)
        await read(model)
        await read(model)
    assert [request["messages"][0]["content"] for request in seen] == ["Be brief."] * 4
    assert [request["messages"][1]["content"] for request in seen] == ["~", "Hello?", "~", "Hello?"]
    assert [request["cache_prompt"] for request in seen] == [False, True, True, True]
    assert all(request["id_slot"] == 1 and request["lora"] == [{"id": 0, "scale": 0.0}] for request in seen)


async def test_after_a_reply_llama_cpp_is_primed_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.llm.client._REST_S", 0.0)
    primed = json.dumps({"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": []}).encode()
    async with scripted(primed, REPLY, primed, REPLY, primed) as (url, seen):
        model = OpenAIChatModel(url, "m", dialect=LLAMA_CPP)
        for asked, more in ((ASK, 3), (ASK, 5)):
            async for _ in model.stream(asked, max_tokens=9):
                pass
            for _ in range(1000):
                if len(seen) == more:
                    break
                await asyncio.sleep(0.01)
        await model.aclose()
    assert [request["messages"][1]["content"] for request in seen] == ["~", "Hello?", "~", "Hello?", "~"]


async def test_a_model_in_a_loop_is_stopped_though_nobody_reads_on() -> None:
    """It holds the turn of all others until it ends."""
    hung_up = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 X\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        try:
            while True:
                writer.write(events(piece("thousand "), done=False))
                await writer.drain()
                await asyncio.sleep(0.001)
        except ConnectionError:
            hung_up.set()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        model = OpenAIChatModel(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", "m")
        stream = model.stream(ASK, max_tokens=9)
        first = await anext(stream)
        await asyncio.wait_for(hung_up.wait(), 10.0)
        rest = [delta async for delta in stream]
        await model.aclose()
    assert first == Delta("thousand ")
    assert rest[-1] == Delta("", None, cut=True)


@pytest.mark.parametrize(
    ("text", "loop"),
    [
        ("It was " + "ten " * 9, False),
        ("It was " + "ten " * 10, True),
        ("The fee is due [1]. " * 3, False),
        ("The fee is due [1]. " * 4, True),
        ("| 1 | 2 | 3 | 4 |\n| 1 | 2 | 5 | 4 |\n" * 2, False),
        ("Signed: " + "_" * 80, False),
        ("Total " + "." * 80, False),
        ("| a | b |\n" + "--- | " * 20, False),
    ],
)
def test_a_loop_is_the_same_words_many_times(text: str, loop: bool) -> None:
    assert loops(text) is loop
    before = "".join(chr(ord("a") + number % 23) for number in range(700))
    assert loops((before + text)[-TAIL:]) is loop


async def test_a_hang_up_before_anything_came_is_tried_once_more() -> None:
    async with scripted(None, REPLY) as (url, seen):
        assert (await read(OpenAIChatModel(url, "m")))[-1].usage == Usage(7, 2)
        assert len(seen) == 2
    async with scripted(None, None, REPLY) as (url, seen):
        with pytest.raises(GeneratorUnavailable):
            await read(OpenAIChatModel(url, "m"))
        assert len(seen) == 2


async def test_a_reply_that_breaks_off_is_an_error_and_is_not_asked_for_again() -> None:
    async with scripted(events(piece("Half"), done=False)) as (url, seen):
        with pytest.raises(GeneratorUnavailable, match="broke off"):
            await read(OpenAIChatModel(url, "m"))
        assert len(seen) == 1


@pytest.mark.parametrize(
    ("status", "error", "says"),
    [
        (400, GeneratorRejected, "words of the server"),
        (401, GeneratorRejected, "key"),
        (404, GeneratorRejected, "no such model"),
    ],
)
async def test_a_refusal_is_not_tried_again(status: int, error: type[GenerationError], says: str) -> None:
    body = json.dumps({"error": {"message": "words of the server", "code": status}}).encode()
    async with scripted(body, status=status) as (url, seen):
        with pytest.raises(error, match=says):
            await read(OpenAIChatModel(url, "m"))
        assert len(seen) == 1


async def test_a_page_of_another_program_is_told_on_one_line() -> None:
    page = b"<html>\n<h1>Error</h1>\n" + b"<p>long</p>\n" * 200 + b"</html>"
    async with scripted(page, page, status=501) as (url, _):
        with pytest.raises(GeneratorUnavailable) as caught:
            await read(OpenAIChatModel(url, "m"))
    assert "<html> <h1>Error</h1>" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


async def test_an_error_event_inside_a_stream_keeps_its_status() -> None:
    for code, error in ((400, GeneratorRejected), (500, GeneratorUnavailable)):
        async with scripted(events(piece("Half"), {"error": {"message": "oh", "code": code}})) as (url, _):
            with pytest.raises(error, match="oh"):
                await read(OpenAIChatModel(url, "m"))


async def test_the_import_of_the_client_is_not_held_against_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    made = OpenAIChatModel._connected

    def slowly(model: OpenAIChatModel) -> Any:
        time.sleep(1.2)
        return made(model)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"object": "list", "data": []}'
        writer.write(b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    monkeypatch.setattr(OpenAIChatModel, "_connected", slowly)
    monkeypatch.setattr(llm, "_PING_S", 1.0)
    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        model = OpenAIChatModel(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", "m")
        await model.ping()
        await model.aclose()


async def test_a_dead_address_is_unavailable_within_five_seconds() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(GeneratorUnavailable, match=f"127.0.0.1:{port}"):
            await read(OpenAIChatModel(f"http://127.0.0.1:{port}/v1", "m"))
    assert time.monotonic() - began < 5.0
