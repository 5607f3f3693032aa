"""A promoted adapter is taken over by a running service, with real llama.cpp and a real (tiny, made-up) adapter."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.bootstrap import Container
from api.language import HYDE_SLOT, JUDGE_SLOT, RELEVANCE_SLOT
from generation.prompts import load_prompt
from generation.types import ChatMessage
from infra.models.store import sha256_of
from infra.postgres.adapters import Adapter
from infra.settings import SettingsError, load_settings

BASE = "SmolLM2-135M-Instruct"
ASKED = [ChatMessage("system", "Answer briefly."), ChatMessage("user", "Name a fruit.")]
WIDTH, RANK = 576, 2


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf_adapter(path: Path, scale: float) -> None:
    """A GGUF (version 3) with a LoRA of one matrix of SmolLM2's: enough to change what it says."""
    random = np.random.default_rng(0)
    tensors = {
        "blk.15.attn_output.weight.lora_a": random.normal(size=(RANK, WIDTH)) * scale,
        "blk.15.attn_output.weight.lora_b": random.normal(size=(WIDTH, RANK)) * scale,
    }
    strings = {"general.architecture": "llama", "general.type": "adapter", "adapter.type": "lora"}
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(strings) + 1)
    for key, value in strings.items():
        head += text(key) + struct.pack("<I", 8) + text(value)
    head += text("adapter.lora.alpha") + struct.pack("<If", 6, float(RANK))
    data = b""
    for name, values in tensors.items():
        rows, columns = values.shape
        head += text(name) + struct.pack("<IQQIQ", 2, columns, rows, 0, len(data))
        data += values.astype("<f4").tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + b"\0" * (-len(head) % 32) + data)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    home = tmp_path_factory.mktemp("home")
    with Container(load_settings(home=home, generator=BASE, adapter="current", llm_timeout_s=30)) as container:
        yield container


@pytest.fixture(scope="module")
def release(parts: Container) -> Adapter:
    """Added as `footnote adapters add` would."""
    path = parts.settings.home / "adapters" / "loud" / "adapter.gguf"
    gguf_adapter(path, 0.6)
    adapter = Adapter(
        "loud",
        BASE,
        "0" * 64,
        sha256_of(path),
        "1" * 64,
        "2" * 64,
        "3" * 64,
        {"prompts": {"judge": load_prompt("judge").digest, "relevance": "4" * 64}},
    )
    parts.adapters.add(adapter)
    return adapter


async def chances(model: Any) -> Mapping[str, float]:
    return await model.first_token(ASKED)


def apart(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(abs(chance - other.get(token, 0.0)) for token, chance in one.items())


async def test_a_promotion_is_taken_over_while_an_answer_is_written(parts: Container, release: Adapter) -> None:
    before = parts.language
    plain = await chances(parts.generator_model)
    assert parts.generator_model.adapter == ""
    assert not await asyncio.to_thread(parts.take_over)
    under_way = parts.generator_model.stream(ASKED, max_tokens=60)
    first = await anext(under_way)

    parts.adapters.promote("loud", None, {})
    assert await asyncio.to_thread(parts.take_over)

    assert parts.generator_model.adapter == f"loud@{release.gguf_sha256[:12]}"
    assert parts.language.prompt.name == "cited"
    assert apart(plain, await chances(parts.generator_model)) > 0.2
    assert apart(plain, await chances(parts.language.base(HYDE_SLOT))) < 0.02
    assert apart(plain, await chances(parts.language.checker(RELEVANCE_SLOT, "relevance"))) < 0.02
    assert apart(plain, await chances(parts.language.checker(JUDGE_SLOT, "judge"))) > 0.2
    rest = [delta async for delta in under_way]
    assert first.text
    assert rest[-1].usage is not None
    assert not await asyncio.to_thread(parts.take_over)

    await before.generator().aclose()
    before.close()


async def test_a_damaged_adapter_is_not_loaded(parts: Container, release: Adapter) -> None:
    path = parts.settings.home / "adapters" / "quiet" / "adapter.gguf"
    gguf_adapter(path, 0.1)
    parts.adapters.add(replace(release, name="quiet", gguf_sha256=sha256_of(path)))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    parts.adapters.promote("quiet", None, {})
    in_use = parts.language
    with pytest.raises(SettingsError, match="damaged"):
        parts.take_over()
    assert parts.language is in_use
