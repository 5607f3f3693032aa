"""A promoted adapter is taken over by a running service, with real llama.cpp and a real (tiny, made-up) adapter."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.bootstrap import Container
from api.wiring.language import GENERATOR_SLOT, SLOTS, Language
from generation.prompts import load_prompt
from generation.types import ChatMessage, Delta
from infra.models.manifest import Manifest
from infra.models.store import sha256_of
from infra.postgres.adapters import Adapter
from infra.settings import SettingsError, load_settings
from retrieval.types import Principal

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


class SlowService:
    """In the place of the answer service: writes, waits until it is told to go on, and asks once more."""

    def __init__(self, language: Language) -> None:
        self._language, self.go_on = language, asyncio.Event()

    async def stream(self, *_: object, **__: object) -> AsyncGenerator[Delta | Mapping[str, float], None]:
        async with aclosing(self._language.generator().stream(ASKED, max_tokens=20)) as deltas:
            async for delta in deltas:
                yield delta
        await self.go_on.wait()
        yield await self._language.generator().first_token(ASKED)


class Parts(Container):
    def _gate(self, language: Language) -> Any:
        return None

    def _service(self, language: Language, gate: Any) -> Any:
        return SlowService(language)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    home = tmp_path_factory.mktemp("home")
    with Parts(
        load_settings(home=home, generator=BASE, engine="llama.cpp", adapter="current", llm_timeout_s=120)
    ) as container:
        yield container


@pytest.fixture(scope="module")
def release(parts: Container) -> Adapter:
    """Added as `footnote adapters add` would."""
    path = parts.settings.home / "adapters" / "loud" / "adapter.gguf"
    gguf_adapter(path, 0.6)
    adapter = Adapter(
        "loud",
        BASE,
        Manifest.load().model(BASE).file("model.gguf").sha256,
        sha256_of(path),
        "1" * 64,
        load_prompt("cited").digest,
        "3" * 64,
        {},
    )
    parts.adapters.add(adapter)
    return adapter


async def chances(model: Any) -> Mapping[str, float]:
    return await model.first_token(ASKED)


def apart(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(abs(chance - other.get(token, 0.0)) for token, chance in one.items())


def pid(language: Language) -> int | None:
    """Of its llama.cpp, if that runs."""
    server = language._server
    return server.pid if server and server.healthy else None


async def eventually(true: Callable[[], bool], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)


async def test_a_promotion_is_taken_over_while_an_answer_is_written(parts: Container, release: Adapter) -> None:
    """The answer ends with the model that it began with, which ends with the last answer."""
    before = parts.language
    plain = await chances(parts.generator_model)
    assert parts.generator_model.adapter == ""
    assert not await asyncio.to_thread(parts.take_over)
    answer, other = (parts.answers.stream("?", Principal("ana")) for _ in range(2))
    first = [await anext(answer), await anext(other)]
    slow = parts.answer_service

    parts.adapters.promote("loud", None, {})
    assert await asyncio.to_thread(parts.take_over)

    assert parts.generator_model.adapter == f"loud@{release.gguf_sha256[:12]}"
    assert parts.language.prompt.name == "cited"
    assert apart(plain, await chances(parts.generator_model)) > 0.2
    for slot in set(SLOTS) - {GENERATOR_SLOT}:
        assert apart(plain, await chances(parts.language.base(slot))) < 0.02
    assert not await asyncio.to_thread(parts.take_over)

    connections = [model._client for model in before._models.values()]
    assert all(connection and not connection.is_closed() for connection in connections)
    await other.aclose()  # its asker has left
    await asyncio.sleep(0.5)
    assert pid(before)
    slow.go_on.set()
    *written, last = [item async for item in answer]
    assert (first[0].text, written[-1].usage is not None) == (first[1].text, True)
    assert apart(plain, last) < 0.02
    await eventually(lambda: pid(before) is None)
    await eventually(lambda: all(connection.is_closed() for connection in connections))
    assert pid(parts.language)


async def test_without_an_answer_under_way_the_old_one_ends_at_once(parts: Container, release: Adapter) -> None:
    before = parts.language
    assert before.adapter
    parts.adapters.rollback(BASE)
    assert await asyncio.to_thread(parts.take_over)
    assert parts.language.adapter is None
    assert pid(before) is None
    answer = parts.answers.stream("?", Principal("ana"))
    parts.answer_service.go_on.set()
    *_, last = [item async for item in answer]
    assert apart(last, await chances(parts.generator_model)) < 0.02


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


@pytest.mark.parametrize(
    ("changed", "says"), [("base_sha256", f"on another file of {BASE}"), ("prompt_sha256", "with another prompt")]
)
def test_a_running_service_goes_on_without_an_adapter_of_before(
    parts: Container, release: Adapter, changed: str, says: str
) -> None:
    """One whose base or prompt Footnote has changed since."""
    parts.adapters.add(replace(release, name=f"old-{changed[:4]}", **{changed: "5" * 64}))
    parts.adapters.promote(f"old-{changed[:4]}", None, {})
    in_use = parts.language
    with pytest.raises(SettingsError, match=rf"{says} .* Train it anew, choose another .* FOOTNOTE_ADAPTER=none"):
        parts.take_over()
    assert parts.language is in_use
    assert pid(in_use)
    assert says in str(parts.adapter_watch._attempt())
