"""Two real vLLM as one home of the language model."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from api.wiring.adapter_in_use import AdapterInUse, held
from api.wiring.hosting import Host, hosted
from generation.llm.client import OpenAIChatModel
from generation.types import ChatMessage, Delta
from infra.llm.vllm import VllmServer
from infra.models.manifest import Manifest
from infra.models.store import ModelStore, default_cache_dir
from infra.settings import load_settings

BASE = "SmolLM2-135M-Instruct"
ASKED = [ChatMessage("system", "Answer briefly."), ChatMessage("user", "Name a fruit.")]


@pytest.fixture(scope="module")
def host(vllm_python: Path, base_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """As `FOOTNOTE_VLLM_REPLICAS=2` starts them, which also finds them alike."""
    settings = load_settings(
        home=tmp_path_factory.mktemp("home"), engine="vllm", vllm_python=vllm_python, generator=BASE, adapter="none",
        llm_url="", context_tokens=1024, llm_timeout_s=300, vllm_replicas=2,
        vllm={"enforce-eager": True, "max-num-seqs": 8, "max-loras": 2, "max-lora-rank": 8},
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VLLM_CPU_KVCACHE_SPACE", "1")
        store = ModelStore(default_cache_dir(), Manifest.load())
        with hosted(settings, store, lambda text: None) as found:
            assert found is not None
            yield found


async def test_both_say_the_same_also_with_an_adapter(
    host: Host, tmp_path: Path, peft_adapter: Callable[[Path, float], Path]
) -> None:
    folder = peft_adapter(tmp_path / "loud", 0.5)
    loud = AdapterInUse("loud", held(folder)["adapter_model.safetensors"], folder)
    await asyncio.to_thread(host.take, loud)
    assert host.fleet is not None
    first, second = host.fleet.replicas.all
    said = []
    for adapter in ("", loud.pinned):
        both = [OpenAIChatModel(one.url, BASE, adapter, one.api_key, timeout_s=300) for one in (first, second)]
        chances = [await model.first_token(ASKED) for model in both]
        assert chances[0] == pytest.approx(chances[1], abs=1e-3)
        assert both[0].fingerprint == both[1].fingerprint != ""
        said.append(chances[0])
        for model in both:
            await model.aclose()
    assert said[0] != pytest.approx(said[1], abs=0.05)
    await asyncio.to_thread(host.leave, loud)


async def test_one_may_be_killed(host: Host) -> None:
    fleet = host.fleet
    assert fleet is not None
    model = host.client()
    killed, server = next(iter(fleet._servers.items()))
    assert isinstance(server, VllmServer)
    salt = next(key for key in map(str, range(1000)) if fleet.replicas.choose(key) is killed)
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)  # it takes the request and says nothing
    reading = asyncio.create_task(whole(model.stream(ASKED, max_tokens=8, cache_salt=salt)))
    await eventually(lambda: bool(killed.under_way))
    os.kill(pid, signal.SIGKILL)
    assert await reading
    began = time.monotonic()
    await eventually(lambda: killed in fleet.replicas.there)
    print(f"a killed replica was asked again after {time.monotonic() - began:.0f} s")
    assert await whole(model.stream(ASKED, max_tokens=8, cache_salt=salt))
    await model.aclose()


async def whole(stream: AsyncIterator[Delta]) -> str:
    return "".join([delta.text async for delta in stream])


async def eventually(true: Callable[[], bool]) -> None:
    for _ in range(6000):
        if true():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not happen")
