"""A service whose language model runs in vLLM: a promoted adapter comes to the running server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from api.bootstrap import Container
from api.wiring.adapter_in_use import held
from api.wiring.language import JUDGE_SLOT
from generation.prompts import load_prompt
from generation.types import ChatMessage
from infra.llm.vllm import VllmServer
from infra.models.manifest import Manifest
from infra.postgres.adapters import Adapter
from infra.settings import load_settings

BASE = "SmolLM2-135M-Instruct"
ASKED = [ChatMessage("system", "Answer briefly."), ChatMessage("user", "Name a fruit.")]


@pytest.fixture(scope="module")
def parts(
    vllm_python: Path, base_folder: Path, home: Path, peft_adapter: Callable[[Path, float], Path]
) -> Iterator[Container]:
    """With two adapters, added as `footnote adapters add` would."""
    settings = load_settings(
        home=home,
        engine="vllm",
        vllm_python=vllm_python,
        generator=BASE,
        adapter="current",
        llm_url="",
        context_tokens=1024,
        llm_timeout_s=30,
        vllm={"enforce-eager": True, "max-loras": 2, "max-lora-rank": 8},
    )
    base, prompt = Manifest.load().model(BASE).file("model.gguf").sha256, load_prompt("cited").digest
    with Container(settings) as container:
        for name, scale in (("loud", 0.5), ("louder", 0.8)):
            folder = peft_adapter(settings.home / "adapters" / name, scale)
            digest = held(folder)["adapter_model.safetensors"]
            container.adapters.add(Adapter(name, BASE, base, "1" * 64, digest, prompt, "3" * 64, {}))
        yield container


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


async def chances(model: Any) -> Mapping[str, float]:
    found: Mapping[str, float] = await model.first_token(ASKED)
    return found


def apart(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(abs(chance - other.get(token, 0.0)) for token, chance in one.items())


async def test_promotions_are_taken_over_by_the_running_server_while_an_answer_is_written(parts: Container) -> None:
    plain = await chances(parts.generator_model)
    assert parts.generator_model.adapter == ""
    server = parts.host._server if parts.host else None
    assert isinstance(server, VllmServer)
    pid = server.pid
    under_way = parts.generator_model.stream(ASKED, max_tokens=100)
    first = await anext(under_way)

    parts.adapters.promote("loud", None, {})
    began = time.monotonic()
    assert await asyncio.to_thread(parts.take_over)
    print(f"an adapter was taken over in {time.monotonic() - began:.2f} s")
    loud = parts.language
    assert parts.language.prompt.name == "cited"
    tuned = await chances(parts.generator_model)
    assert apart(plain, tuned) > 0.2
    assert apart(plain, await chances(parts.language.base(JUDGE_SLOT))) < 0.05
    rest = [delta async for delta in under_way]
    assert first.text
    assert rest[-1].usage is not None

    parts.adapters.promote("louder", None, {})
    with loud.in_use():  # by an answer that began with it
        assert await asyncio.to_thread(parts.take_over)
        assert parts.generator_model.adapter.startswith("louder@")
        assert apart(tuned, await chances(parts.generator_model)) > 0.01
        assert apart(tuned, await chances(loud.generator())) < 0.05
    assert server.pid == pid
    assert not await asyncio.to_thread(parts.take_over)
