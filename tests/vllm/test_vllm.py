"""The client and a real vLLM, with a tiny model and a made-up adapter."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from generation.errors import GeneratorRejected
from generation.llm.client import VLLM, OpenAIChatModel
from generation.types import ChatMessage, Delta
from infra.llm.vllm import VllmServer

SYSTEM = ChatMessage("system", "You answer from the passages and cite every sentence with the passage number.")
QUESTION = ChatMessage("user", "[1] The rent is 4,200 euros. [2] The landlord repairs the roof. How much is the rent?")
STORY = ChatMessage("user", "Write a very long story about the sea, the wind and a lighthouse.")
SECRET = "The password is swordfish."


@pytest.fixture(scope="module")
def loud(tmp_path_factory: pytest.TempPathFactory, peft_adapter: Callable[[Path, float], Path]) -> Path:
    return peft_adapter(tmp_path_factory.mktemp("adapters") / "loud", 0.5)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "vllm.log"


@pytest.fixture(scope="module")
def server(vllm_python: Path, base_folder: Path, loud: Path, log: Path) -> Iterator[VllmServer]:
    running = VllmServer(
        vllm_python,
        str(base_folder),
        "tiny",
        context_tokens=2048,
        adapters={"loud": loud},
        log_path=log,
        flags={"enforce-eager": True, "max-loras": 2, "enable-prefix-caching": True},
        environment={"VLLM_CPU_KVCACHE_SPACE": "1"},
    )
    began = time.monotonic()
    running.start()
    print(f"vLLM was ready after {time.monotonic() - began:.0f} s")
    yield running
    running.stop()


def client(server: VllmServer, adapter: str = "", **options: Any) -> OpenAIChatModel:
    return OpenAIChatModel(server.url, "tiny", adapter, **({"api_key": server.api_key, "dialect": VLLM} | options))


async def read(model: OpenAIChatModel, *messages: ChatMessage, **options: Any) -> list[Delta]:
    return [delta async for delta in model.stream(messages, **({"max_tokens": 24} | options))]


def text(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas)


def apart(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(abs(chance - other.get(token, 0.0)) for token, chance in one.items())


def metric(server: VllmServer, name: str) -> float:
    key = {"Authorization": f"Bearer {server.api_key}"}
    lines = httpx2.get(server.url.removesuffix("v1") + "metrics", headers=key, trust_env=False).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith((f"{name}{{", f"{name} ")))


async def eventually(true: Callable[[], bool], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not await asyncio.to_thread(true):
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.1)


async def test_a_reply_is_streamed_and_its_last_delta_carries_the_usage(server: VllmServer) -> None:
    deltas = await read(client(server), SYSTEM, QUESTION)
    assert len(deltas) > 10
    usage = deltas[-1].usage
    assert usage is not None
    assert usage.completion_tokens == 24
    assert usage.prompt_tokens > 30
    assert deltas[-1].cut
    assert text(deltas) == text(await read(client(server), SYSTEM, QUESTION))


async def test_a_stop_string_ends_the_reply_and_is_left_out(server: VllmServer) -> None:
    whole = text(await read(client(server), STORY))
    stopped = await read(client(server), STORY, stop=(whole[5:9],))
    assert text(stopped) == whole[: whole.index(whole[5:9])]
    assert not stopped[-1].cut


async def test_the_first_token_has_natural_probabilities(server: VllmServer) -> None:
    asked = [SYSTEM, ChatMessage("user", "Is water wet? Answer Yes or No.")]
    found = await client(server).first_token(asked, top=20)
    assert 0.3 < sum(found.values()) <= 1.0 + 1e-6
    assert text(await read(client(server), *asked, max_tokens=1)) == max(found, key=found.__getitem__)


async def test_an_adapter_answers_by_its_name_and_the_base_model_stays_as_it_is(server: VllmServer) -> None:
    plain = await client(server).first_token([SYSTEM, QUESTION])
    tuned = await client(server, "loud").first_token([SYSTEM, QUESTION])
    assert apart(plain, tuned) > 0.2
    assert apart(plain, await client(server).first_token([SYSTEM, QUESTION])) < 0.05


async def test_an_adapter_comes_and_goes_while_an_answer_is_written(server: VllmServer, loud: Path) -> None:
    with pytest.raises(GeneratorRejected, match="no such model"):
        await client(server, "late").first_token([QUESTION])
    await asyncio.to_thread(server.load, "late", loud)
    tuned = await client(server, "loud").first_token([SYSTEM, QUESTION])
    assert apart(tuned, await client(server, "late").first_token([SYSTEM, QUESTION])) < 0.05
    async with aclosing(client(server, "late").stream([STORY], max_tokens=60)) as deltas:
        first = await anext(deltas)
        await asyncio.to_thread(server.unload, "late")
        rest = [delta async for delta in deltas]
    assert first.text
    assert rest[-1].usage is not None
    with pytest.raises(GeneratorRejected, match="no such model"):
        await client(server, "late").first_token([QUESTION])


async def test_an_adapter_that_is_none_is_refused_with_the_reason(server: VllmServer, tmp_path: Path) -> None:
    with pytest.raises(GeneratorRejected, match="does not take the adapter none"):
        await asyncio.to_thread(server.load, "none", tmp_path)


async def test_a_reply_keeps_to_a_json_schema(server: VllmServer) -> None:
    properties = {"capital": {"enum": ["Paris", "Rome"]}, "large": {"type": "boolean"}}
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    asked = {
        "model": "tiny",
        "temperature": 0,
        "max_tokens": 60,
        "messages": [{"role": "user", "content": "What is the capital of France, and is it large?"}],
    }
    wanted = {"response_format": {"type": "json_schema", "json_schema": {"name": "city", "schema": schema}}}

    async def said(request: dict[str, Any]) -> str:
        key = {"Authorization": f"Bearer {server.api_key}"}
        async with httpx2.AsyncClient(trust_env=False, timeout=120, headers=key) as http:
            reply = await http.post(f"{server.url}/chat/completions", json=request)
        return str(reply.json()["choices"][0]["message"]["content"])

    found = json.loads(await said(asked | wanted))
    assert found.keys() == properties.keys()
    assert found["capital"] in {"Paris", "Rome"}
    with pytest.raises(json.JSONDecodeError):
        json.loads(await said(asked))


async def test_a_cached_prompt_is_for_those_of_the_same_salt_only(server: VllmServer) -> None:
    long = ChatMessage("user", "The tenant pays on the first day of the month. " * 60)

    async def hits(salt: str) -> float:
        """Tokens that came from the cache."""
        before, asked = (
            metric(server, "vllm:prefix_cache_hits_total"),
            metric(server, "vllm:prefix_cache_queries_total"),
        )
        await read(client(server), SYSTEM, long, max_tokens=1, cache_salt=salt)
        await eventually(lambda: metric(server, "vllm:prefix_cache_queries_total") > asked)
        return metric(server, "vllm:prefix_cache_hits_total") - before

    assert await hits("one") == 0
    assert await hits("one") > 500
    assert await hits("two") == 0
    assert await hits("two") > 500
    assert await hits("") == 0


async def test_closing_the_iterator_ends_the_request_on_the_server(server: VllmServer) -> None:
    def running() -> float:
        return metric(server, "vllm:num_requests_running")

    async with aclosing(client(server).stream([STORY], max_tokens=1900)) as deltas:
        assert (await anext(deltas)).text
        await eventually(lambda: running() == 1)
        began = metric(server, "vllm:generation_tokens_total")
    await eventually(lambda: running() == 0, within_s=5.0)
    written = metric(server, "vllm:generation_tokens_total") - began
    assert written < 900
    await asyncio.sleep(1.0)
    assert metric(server, "vllm:generation_tokens_total") - began - written < 5


async def test_a_wrong_key_and_a_prompt_that_is_too_long_are_refused(server: VllmServer) -> None:
    with pytest.raises(GeneratorRejected, match="key"):
        await read(client(server, api_key="wrong"), QUESTION)
    with pytest.raises(GeneratorRejected, match="2048"):
        await read(client(server), ChatMessage("user", "a b c " * 2000))


async def test_many_ask_at_once(server: VllmServer) -> None:
    questions = [ChatMessage("user", f"Name {n} fruits.") for n in range(2, 10)]
    replies = await asyncio.gather(*(read(client(server), SYSTEM, question) for question in questions))
    assert all(reply[-1].usage is not None for reply in replies)


def test_no_prompt_and_no_key_reach_the_log(server: VllmServer, log: Path) -> None:
    asyncio.run(read(client(server), ChatMessage("user", SECRET), max_tokens=2))
    written = log.read_text()
    assert "vllm" in written
    assert "swordfish" not in written
    assert server.api_key not in written


@pytest.mark.parametrize("path", ["v1/models", "metrics", "adapters", "invocations", "openapi.json"])
def test_nothing_answers_without_the_key(server: VllmServer, path: str) -> None:
    method = "POST" if path in {"adapters", "invocations"} else "GET"
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        address = server.url.removesuffix("v1") + path
        assert httpx2.request(method, address, headers=headers, json={}, trust_env=False).status_code == 401


def api_server(server: VllmServer) -> int:
    return server.pid or 0


def engine(server: VllmServer) -> int:
    """The process that computes: the largest that the server has started."""
    children = psutil.Process(server.pid).children(recursive=True)
    return int(max(children, key=lambda child: child.memory_info().rss).pid)


@pytest.mark.parametrize("killed", [api_server, engine])
async def test_a_killed_process_brings_the_server_back_as_it_was(
    server: VllmServer, killed: Callable[[VllmServer], int], loud: Path
) -> None:
    await asyncio.to_thread(server.load, "late", loud)
    first, address = server.pid, server.url
    everything = psutil.Process(first).children(recursive=True)
    before = await client(server).first_token([SYSTEM, QUESTION])
    os.kill(killed(server), signal.SIGKILL)
    await eventually(lambda: server.pid != first and server.healthy, within_s=600)
    assert server.url == address
    assert not [process for process in everything if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    assert apart(before, await client(server).first_token([SYSTEM, QUESTION])) < 0.05
    assert apart(before, await client(server, "loud").first_token([SYSTEM, QUESTION])) > 0.2
    assert apart(before, await client(server, "late").first_token([SYSTEM, QUESTION])) > 0.2
