"""The exchange of adapters: what is under way keeps its language model, and nothing of a former one stays."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.bootstrap import Container
from api.wiring.adapter_in_use import AdapterInUse
from api.wiring.deployment import Chosen, Wanted
from api.wiring.in_use import Answering, InUse
from api.wiring.language import Language
from evals.systems.in_process import HashEmbedder
from evals.systems.memory_store import Content, MemoryStore
from generation.types import ChatMessage, Delta
from infra.settings import load_settings
from retrieval.index.access import AccessIndex
from retrieval.types import Principal

ANA = Principal("ana", frozenset({"legal"}))


class Imagining:
    """A `ChatModel` that begins a passage, and goes on when it is told to."""

    name, adapter = "m", ""

    def __init__(self) -> None:
        self.began, self.go_on = asyncio.Event(), asyncio.Event()

    async def stream(self, messages: Sequence[ChatMessage], **_: Any) -> AsyncGenerator[Delta, None]:
        yield Delta("The rent is ")
        self.began.set()
        await self.go_on.wait()
        yield Delta("500 euros.")

    async def aclose(self) -> None:
        pass


class CountingHost:
    """In the place of `api.wiring.hosting.Host`: which adapters are in use."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.model = Imagining()

    def client(self, adapter: str = "") -> Imagining:
        return self.model

    def take(self, adapter: AdapterInUse) -> None:
        self.taken.append(adapter.name)

    def leave(self, adapter: AdapterInUse) -> None:
        self.taken.remove(adapter.name)


class Promoted:
    """In the place of `PostgresAdapters`: `name` is promoted, and the server has it by this name."""

    name = "v1"

    def current(self, base: str) -> Any:
        return SimpleNamespace(name=self.name)

    def all(self) -> Sequence[Any]:
        return ()


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Any]:
    """The wiring of one process over documents in memory, its language model on a server that is not there."""
    settings = load_settings(
        home=tmp_path, llm_url="http://gpu.test/v1", llm_model="m", adapter="current", hyde="always", release="none"
    )
    embedder = HashEmbedder(8)
    store = MemoryStore(embedder)
    store.add_version("lease.txt", Content("Lease", ("The rent is 500 euros.",)), ANA.tokens, date(2020, 1, 1))
    with Container(settings) as container:
        made: Any = container
        made.host, made.adapters = CountingHost(), Promoted()
        made.chunks, made.embedder, made.reranker, made.answer_reranker = store, embedder, None, None
        made.index = AccessIndex(store, store, tmp_path / "segments", dimension=8)
        yield made


async def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def test_a_retired_language_leaves_nothing_behind(parts: Any) -> None:
    former = []
    for number in range(2, 6):
        former.append(weakref.ref(parts.language))
        parts.adapters.name = f"v{number}"
        assert parts.take_over()
    assert parts.host.taken == ["v5"]
    gc.collect()
    assert [language() for language in former] == [None] * 4
    parts.close()
    assert parts.host.taken == []


async def test_a_search_keeps_its_language_until_the_hypothesis_is_whole(parts: Any) -> None:
    parts.language  # noqa: B018
    searching = asyncio.create_task(parts.search.search("What is the rent?", ANA, 3))
    await asyncio.wait_for(parts.host.model.began.wait(), 10)
    parts.adapters.name = "v2"
    assert await asyncio.to_thread(parts.take_over)
    assert parts.host.taken == ["v1", "v2"]
    parts.host.model.go_on.set()
    assert (await searching).hypothesis == "The rent is 500 euros."
    await eventually(lambda: parts.host.taken == ["v2"])


async def test_an_answer_imagines_with_the_language_that_it_began_with(
    parts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def base(language: Any, slot: int) -> Imagining:
        asked.append(language.adapter.name)
        return parts.host.model

    monkeypatch.setattr(Language, "base", base)
    parts.host.model.go_on.set()
    search = parts.answer_search_by(parts.language)
    parts.adapters.name = "v2"
    assert await asyncio.to_thread(parts.take_over)
    await search.search("What is the rent?", ANA, 3)
    await parts.search.search("What is the rent?", ANA, 3)
    assert asked == ["v1", "v2"]


async def test_an_end_in_the_middle_of_an_answer_stops_its_language_too(parts: Any) -> None:
    with parts.in_use.held():
        parts.adapters.name = "v2"
        assert await asyncio.to_thread(parts.take_over)
        assert parts.host.taken == ["v1", "v2"]
        parts.close()
        assert parts.host.taken == []


def test_an_exchange_that_comes_after_the_end_starts_nothing_for_good(tmp_path: Path) -> None:
    host, names, stack = CountingHost(), iter(["v1", "v2"]), ExitStack()

    settings = load_settings(home=tmp_path, release="none")

    def start(wanted: Wanted, _: object) -> Answering:
        if wanted.adapter == AdapterInUse("v2"):
            stack.close()  # while it was being started
        language = Language(settings, Path, wanted.adapter, print, host)  # type: ignore[arg-type]
        language.start()
        return Answering(wanted, language, *[lambda *_: None] * 3)  # type: ignore[list-item]

    in_use = InUse(lambda: Wanted(Chosen(None, settings), AdapterInUse(next(names))), start, stack)
    in_use.now()
    assert not in_use.take_over()
    assert host.taken == []
