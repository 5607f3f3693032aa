"""Replies are remembered by everything that decides them, and the clock says what asking would have taken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from evals.systems.memo import Clock, Memo, MemoDiffers, RememberedModel
from generation.errors import GeneratorUnavailable
from generation.llm.client import OPENVINO, OpenAIChatModel
from generation.types import ChatMessage, Delta, Usage

PROMPT = (ChatMessage("system", "Be brief."), ChatMessage("user", "What is the rent?"))
PAUSE = 0.03


class Scripted(OpenAIChatModel):
    """Says `words`, a word after each pause; counts what it is asked."""

    def __init__(self, words: Sequence[str] = ("The ", "rent ", "is ", "400."), broken: bool = False) -> None:
        super().__init__("http://nobody.invalid/v1", "scripted")
        self.words, self.broken = words, broken
        self.asked: list[str] = []

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        self.asked.append("stream")
        for word in self.words:
            await asyncio.sleep(PAUSE)
            yield Delta(word)
        if self.broken:
            raise GeneratorUnavailable("gone")
        yield Delta("", Usage(7, len(self.words)))

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        self.asked.append("first_token")
        return {"Yes": 0.75, "No": 0.25}

    async def states(self, messages: Sequence[ChatMessage], since: str) -> Sequence[float]:
        self.asked.append("states")
        return [0.5, -1.0]


def remembered(memo: Memo, real: OpenAIChatModel, **decided: object) -> RememberedModel:
    async def ready() -> OpenAIChatModel:
        return real

    told = {"engine": "openvino 1", "weights": "aa", "adapter": "", **decided}
    return RememberedModel(memo, told, ready, name="scripted", adapter="", dialect=OPENVINO)


async def said(
    model: RememberedModel, prompt: Sequence[ChatMessage] = PROMPT, **asked: Any
) -> tuple[str, Usage | None]:
    text, usage = "", None
    async for delta in model.stream(prompt, **{"max_tokens": 16, **asked}):
        text, usage = text + delta.text, delta.usage
    return text, usage


async def test_the_same_request_is_asked_once_also_by_another_process(tmp_path: Path) -> None:
    real = Scripted()
    for at in range(2):
        memo = Memo(tmp_path / "memo.sqlite")
        model = remembered(memo, real)
        assert await said(model) == ("The rent is 400.", Usage(7, 4))
        assert await model.first_token(PROMPT) == {"Yes": 0.75, "No": 0.25}
        assert await model.states(PROMPT, "rent") == [0.5, -1.0]
        assert (memo.asked, memo.remembered) == ((3, 0), (0, 3))[at]
        memo.close()
    assert real.asked == ["stream", "first_token", "states"]
    assert (tmp_path / "memo.sqlite").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "other",
    [
        {"max_tokens": 17},
        {"stop": ("\n",)},
        {"prompt": (PROMPT[0], ChatMessage("user", "What is the rent? "))},
        {"prompt": (ChatMessage("user", "Be brief."), PROMPT[1])},
        {"engine": "llama.cpp 1"},
        {"engine": "openvino 2"},
        {"weights": "bb"},
        {"adapter": "cited@1"},
        {"repeat": 1},
    ],
)
async def test_whatever_decides_a_reply_and_is_changed_is_asked_anew(tmp_path: Path, other: dict[str, Any]) -> None:
    real, file = Scripted(), tmp_path / "memo.sqlite"
    await said(remembered(Memo(file), real))
    asked = {name: other.pop(name) for name in ("max_tokens", "stop", "prompt") if name in other}
    memo = Memo(file, repeat=other.pop("repeat", 0))
    await said(remembered(memo, real, **other), **asked)
    assert (memo.asked, memo.remembered) == (1, 0)
    assert len(real.asked) == 2


async def test_methods_are_told_apart() -> None:
    real, memo = Scripted(), Memo(None)
    model = remembered(memo, real)
    await model.states(PROMPT, "rent")
    await model.states(PROMPT, "The rent")
    await model.first_token(PROMPT, top=5)
    await model.first_token(PROMPT, top=6)
    assert real.asked == ["states", "states", "first_token", "first_token"]


async def test_the_clock_adds_what_the_model_took(tmp_path: Path) -> None:
    file, real = tmp_path / "memo.sqlite", Scripted()
    await said(remembered(Memo(file), real))
    memo = Memo(file)
    started, wall = memo.clock.now(), time.perf_counter()
    await said(remembered(memo, real))
    told, spent = memo.clock.now() - started, time.perf_counter() - wall
    assert told >= 4 * PAUSE
    assert memo.clock.added > 0
    assert spent < told
    slower = Memo(file)
    slower.clock.slower = 2.0
    started = slower.clock.now()
    await said(remembered(slower, real))
    assert slower.clock.now() - started >= 8 * PAUSE


def test_what_is_done_meanwhile_is_not_added() -> None:
    clock = Clock()
    started = clock.now()
    clock.reached(started, 5.0)
    assert clock.now() - started == pytest.approx(5.0, abs=0.5)
    clock.reached(started, 3.0)  # it had come by then
    assert clock.now() - started == pytest.approx(5.0, abs=0.5)


async def test_a_reply_that_was_left_is_read_on_by_who_wants_more() -> None:
    memo, real = Memo(None), Scripted()
    model = remembered(memo, real)
    stream = model.stream(PROMPT, max_tokens=16)
    assert (await anext(stream)).text == "The "
    await stream.aclose()
    assert await said(model) == ("The rent is 400.", Usage(7, 4))
    assert await said(model) == ("The rent is 400.", Usage(7, 4))
    assert real.asked == ["stream", "stream"]


async def test_a_model_that_says_something_else_is_told() -> None:
    memo = Memo(None)
    stream = remembered(memo, Scripted()).stream(PROMPT, max_tokens=16)
    await anext(stream)
    await stream.aclose()
    with pytest.raises(MemoDiffers):
        await said(remembered(memo, Scripted(("A ", "rent."))))
    assert (await said(remembered(memo, Scripted(("A ", "rent.")))))[0] == "A rent."


async def test_what_failed_is_not_remembered() -> None:
    memo = Memo(None)
    with pytest.raises(GeneratorUnavailable):
        await said(remembered(memo, Scripted(broken=True)))
    whole = Scripted()
    assert (await said(remembered(memo, whole)))[0] == "The rent is 400."
    assert whole.asked == ["stream"]


def test_the_service_has_no_memo(tmp_path: Path) -> None:
    """What serves asks the model itself."""
    from api.bootstrap import Container
    from api.wiring.language import Language
    from evals.systems.remembered import Remembered, RememberedLanguage
    from infra.settings import load_settings

    settings = load_settings(
        home=tmp_path, release="none", llm_url="http://127.0.0.1:9/v1", llm_model="m", adapter="none"
    )
    memo = Memo(None)
    with Container(settings) as served, Remembered(settings, print, memo) as measured:
        assert type(served._language(None)) is Language
        language = measured._language(None)
        assert isinstance(language, RememberedLanguage)
        language.start()
        model = language.generator()
        assert isinstance(model, RememberedModel)
        assert model.name == "m"
        other = RememberedLanguage(
            settings.model_copy(update={"llm_url": "http://127.0.0.1:10/v1"}), lambda: Path(), None, print,
            measured.host, memo,
        )  # fmt: skip
        assert language.decided(None) != other.decided(None)
