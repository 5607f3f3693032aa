"""Several vLLM that Footnote starts, with a stand-in for vLLM itself."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api.bootstrap import Container
from api.wiring.adapter_in_use import AdapterInUse
from api.wiring.hosting import Host, hosted
from api.wiring.readiness import checks
from generation.errors import GeneratorUnavailable
from generation.protocols import ChatModel
from generation.types import ChatMessage
from infra.llm.vllm import VllmServer
from infra.models.manifest import Manifest
from infra.models.store import ModelStore
from infra.postgres.pool import Pool
from infra.settings import load_settings
from tests.integration.vllm_stand_in import eventually, peft, served, written
from tests.replica_servers import PIECES, Scripted, running

ASK = [ChatMessage("user", "Hello?")]


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("stand-in"))


@pytest.fixture
def two(stand_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Started as the settings say."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5,6,7")
    monkeypatch.setattr("infra.llm.vllm._NOT_THEIRS", set())
    monkeypatch.setenv("PYTHONPATH", str(stand_in))
    settings = load_settings(
        home=tmp_path / "home", engine="vllm", generator="base", vllm_model=str(tmp_path), vllm_python=sys.executable,
        vllm_replicas=2, vllm={"tensor-parallel-size": 2}, adapter="none", llm_url="",
    )  # fmt: skip
    with hosted(settings, ModelStore(tmp_path, Manifest.load()), lambda text: None) as host:
        assert host is not None
        yield host


def test_several_are_started_each_on_its_gpus_and_each_is_watched(two: Host, tmp_path: Path) -> None:
    fleet = two.fleet
    assert fleet is not None
    first, second = (server for server in fleet._servers.values() if isinstance(server, VllmServer))
    sees = [Path(f"/proc/{server.pid}/environ").read_text().split("\0") for server in (first, second)]
    assert [next(one for one in found if one.startswith("CUDA_")) for found in sees] == [
        "CUDA_VISIBLE_DEVICES=4,5", "CUDA_VISIBLE_DEVICES=6,7",
    ]  # fmt: skip
    assert (tmp_path / "home/logs/vllm-1.log").exists()
    assert (tmp_path / "home/logs/vllm-2.log").exists()
    tuned = AdapterInUse("tuned", peft(tmp_path / "tuned"), tmp_path / "tuned")
    two.take(tuned)
    assert served(first) == served(second) == {"base", tuned.pinned}
    before = first.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    eventually(lambda: first.pid != before and first.healthy)
    eventually(lambda: fleet.up() == {("1",): 1.0, ("2",): 1.0})
    assert served(first) == {"base", tuned.pinned}
    two.leave(tuned)
    assert served(first) == served(second) == {"base"}


async def said(model: ChatModel, salt: str) -> str:
    return "".join([delta.text async for delta in model.stream(ASK, max_tokens=9, cache_salt=salt)])


async def test_a_service_asks_several_tells_of_each_and_can_do_without_one(
    tmp_path: Path, fresh_database: Pool
) -> None:
    first, second = Scripted(), Scripted()
    with running(first, second) as servers:
        address = f"{first.url},{second.url}"
        settings = load_settings(home=tmp_path, llm_url=address, llm_model="base", adapter="none", threads=2)
        with Container(settings) as parts:
            parts.pool = fresh_database
            assert "footnote_replica_up{" not in parts.telemetry.scrape().decode()
            model = await asyncio.to_thread(lambda: parts.generator_model)
            ready = checks(parts.catalog, parts.in_use, parts.audit)["generator"]
            await ready()
            names = [urlsplit(one.url).netloc for one in (first, second)]
            for one in range(20):
                assert await said(model, str(one)) == "".join(PIECES)
            told = parts.telemetry.scrape().decode()
            for name in names:
                assert f'footnote_replica_up{{replica="{name}"}} 1.0' in told
                assert f'footnote_replica_replies_total{{outcome="ok",replica="{name}"}}' in told
            servers.kill(first)
            for one in range(20):
                assert await said(model, str(one)) == "".join(PIECES)
            told = parts.telemetry.scrape().decode()
            assert f'footnote_replica_up{{replica="{names[0]}"}} 0.0' in told
            await ready()
            servers.kill(second)
            with pytest.raises(GeneratorUnavailable):
                await model.first_token(ASK)
            with pytest.raises(GeneratorUnavailable, match="None of the 2"):
                await ready()


def test_all_of_several_end_where_one_does_not_start(
    stand_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[VllmServer] = []
    start = VllmServer.start

    def second_fails(server: VllmServer) -> None:
        started.append(server)
        if server._devices == {"CUDA_VISIBLE_DEVICES": "1"}:
            raise GeneratorUnavailable("no such GPU")
        start(server)

    monkeypatch.setattr(VllmServer, "start", second_fails)
    monkeypatch.setattr("infra.llm.vllm._NOT_THEIRS", set())
    monkeypatch.setenv("PYTHONPATH", str(stand_in))
    settings = load_settings(
        home=tmp_path, engine="vllm", generator="base", vllm_model=str(tmp_path), vllm_python=sys.executable,
        vllm_gpus="0;1", adapter="none", llm_url="",
    )  # fmt: skip
    store = ModelStore(tmp_path, Manifest.load())
    with pytest.raises(GeneratorUnavailable, match="no such GPU"), hosted(settings, store, lambda text: None):
        pass
    assert len(started) == 2
    assert not any(server.healthy for server in started)
