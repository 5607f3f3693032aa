"""A promoted release is taken over by a running service, and given up again, with real llama.cpp."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from api.bootstrap import Container
from api.wiring import weights
from api.wiring.language import Language
from generation.types import ChatMessage, Delta
from infra.postgres.errors import ReleaseRefused
from infra.postgres.releases import Release
from infra.settings import RELEASABLE, Settings, SettingsError, load_settings, overlaid
from retrieval.types import Principal

SMALL, OTHER = "SmolLM2-135M-Instruct", "Qwen2.5-Coder-0.5B-Instruct"
ASKED = [ChatMessage("user", "Name a fruit.")]


class Service:
    """In the place of the answer service: writes, and waits until it is told to go on."""

    def __init__(self, parts: Parts, language: Language) -> None:
        self.release, self.passages = parts.chosen.release, parts.context_options.passages
        self._language, self.go_on = language, asyncio.Event()

    async def stream(self, *_: object, **__: object) -> AsyncGenerator[Delta | str | None, None]:
        async with aclosing(self._language.generator().stream(ASKED, max_tokens=4)) as deltas:
            async for delta in deltas:
                yield delta
        await self.go_on.wait()
        await self._language.generator().first_token(ASKED)
        yield self.release


class Parts(Container):
    def _gate(self, language: Language) -> Any:
        return None

    def _service(self, language: Language, gate: Any) -> Any:
        return Service(self, language)


@pytest.fixture
def parts(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Container]:
    for name, value in {"GENERATOR": SMALL, "ENGINE": "llama.cpp", "ADAPTER": "current", "PASSAGES": "7"}.items():
        monkeypatch.setenv(f"FOOTNOTE_{name}", value)
    own = weights.gguf

    def gguf(settings: Settings, folder: weights.Folder) -> Path:
        """One small model under both names: which one it is does not matter here."""
        return own(overlaid(settings, {"generator": SMALL}), folder)

    monkeypatch.setattr(weights, "gguf", gguf)
    with Parts(load_settings(home=tmp_path_factory.mktemp("home"), llm_timeout_s=120)) as container:
        vars(container).update(embedder=None, index=None, names=None)
        yield container


def propose(parts: Container, name: str, **changes: Any) -> None:
    settings = {setting: getattr(parts.settings, setting) for setting in RELEASABLE} | {"adapter": "none"}
    parts.releases.add(Release(name, settings | changes, {}, "0" * 64, "operator"), {})


def pid(language: Language) -> int | None:
    server = language._server
    return server.pid if server and server.healthy else None  # type: ignore[attr-defined]


async def test_the_language_model_stays_where_it_is_the_same(parts: Container) -> None:
    propose(parts, "r1", passages=3)
    first = parts.in_use.now()
    assert (first.release, parts.answer_service.passages) == (None, 7)  # type: ignore[attr-defined]
    assert not await asyncio.to_thread(parts.take_over)
    answer = parts.answers.stream("?", Principal("ana"))
    await anext(answer)

    parts.releases.promote("r1", "operator", {})
    assert await asyncio.to_thread(parts.take_over)

    now = parts.in_use.now()
    assert (now.release, now.service.passages) == ("r1", 3)  # type: ignore[attr-defined]
    assert now.language is first.language
    assert not await asyncio.to_thread(parts.take_over)
    first.service.go_on.set()  # type: ignore[attr-defined]
    assert [one async for one in answer][-1] is None  # it ended by what it began with
    assert parts.deployed.context_options.passages == 3
    assert parts.context_options.passages == 7


async def test_another_generator_is_a_second_engine_and_the_first_ends_with_its_last_answer(parts: Container) -> None:
    propose(parts, "r1")
    propose(parts, "r2", generator=OTHER)
    parts.releases.promote("r1", "operator", {})
    first = parts.in_use.now()
    answer = parts.answers.stream("?", Principal("ana"))
    await anext(answer)
    parts.releases.promote("r2", "operator", {})
    assert await asyncio.to_thread(parts.take_over)
    assert (parts.in_use.now().release, parts.generator_model.name) == ("r2", OTHER)
    assert pid(first.language)
    first.service.go_on.set()  # type: ignore[attr-defined]
    assert [one async for one in answer][-1] == "r1"
    for _ in range(200):
        if pid(first.language) is None:
            break
        await asyncio.sleep(0.05)
    assert pid(first.language) is None

    parts.releases.rollback("operator", {"reason": "worse"})
    assert await asyncio.to_thread(parts.take_over)
    assert (parts.in_use.now().release, parts.generator_model.name) == ("r1", SMALL)
    parts.releases.rollback("operator", {})
    assert await asyncio.to_thread(parts.take_over)
    assert parts.in_use.now().release is None


async def test_a_service_goes_on_where_what_was_promoted_cannot_be_used(parts: Container) -> None:
    propose(parts, "r1", passages=3)
    propose(parts, "r2", adapter="gone")
    propose(parts, "r3", passages=0)
    parts.releases.promote("r1", "operator", {})
    before = parts.in_use.now()
    for name, says in (("r2", "no adapter 'gone'"), ("r3", "FOOTNOTE_PASSAGES")):
        parts.releases.promote(name, "operator", {})
        assert says in str(parts.adapter_watch._attempt())
        assert parts.in_use.now() is before
    parts.releases.rollback("operator", {})
    parts.releases.rollback("operator", {})
    assert not await asyncio.to_thread(parts.take_over)


async def test_an_answer_is_given_by_another_release_beside(parts: Container) -> None:
    """As a replay asks for it."""
    propose(parts, "r1", passages=3)
    propose(parts, "r2", generator=OTHER)
    parts.releases.promote("r1", "operator", {})
    now = parts.in_use.now()
    with parts.answering_by("r1") as found:
        assert found is now
    with parts.answering_by(None) as found:
        assert (found.release, found.language, found.service.passages) == (None, now.language, 7)  # type: ignore[attr-defined]
    with parts.answering_by("r2") as found:
        assert (found.release, found.language.generator().name) == ("r2", OTHER)
        assert pid(found.language)
    assert pid(found.language) is None
    assert pid(now.language)
    with parts.answering_by("gone") as found:
        assert found is now


def test_an_option_of_the_command_goes_before_the_release(parts: Container) -> None:
    propose(parts, "r1", passages=3)
    parts.releases.promote("r1", "operator", {})
    home = parts.settings.home
    with Container(load_settings(home=home, passages=5, hyde="always")) as other:
        chosen = other.deploying.now().current
        assert (chosen.release, chosen.settings.passages, chosen.settings.hyde) == (None, 5, "always")
    with Container(load_settings(home=home, passages=3)) as other:
        assert other.deploying.now().current.release == "r1"
    with Container(load_settings(home=home, release="none")) as other:
        assert (other.deploying.now().current.release, other.deployed is other) == (None, True)
    with (
        Container(load_settings(home=home, release="r9")) as other,
        pytest.raises(ReleaseRefused, match="release 'r9'"),
    ):
        other.deploying.now()


def test_a_process_that_names_a_release_tries_no_candidate(parts: Container) -> None:
    propose(parts, "r1", passages=3)
    propose(parts, "r2", passages=4)
    parts.releases.begin("r2", "canary", "operator", {}, share=0.2)
    now = parts.deploying.now()
    assert (now.current.release, now.trial and (now.trial.chosen.release, now.trial.share)) == (None, ("r2", 0.2))
    with Container(load_settings(home=parts.settings.home, release="r1")) as other:
        named = other.deploying.now()
        assert (named.current.release, named.trial) == ("r1", None)


def test_a_vllm_is_not_exchanged_while_it_serves(parts: Container) -> None:
    propose(parts, "r1", engine="vllm")
    parts.releases.promote("r1", "operator", {})
    vars(parts)["_hosted_by"] = parts.settings
    with pytest.raises(SettingsError, match="Start the service again"):
        parts.in_use.now()
