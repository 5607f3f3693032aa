"""Several vLLM servers as one home of the language model: alike or refused, looked after, and given adapters."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.wiring import hosting
from api.wiring.adapter_in_use import AdapterInUse, held
from api.wiring.fleet import Fleet
from api.wiring.hosting import Host, hosted
from generation.errors import GeneratorRejected, GeneratorUnavailable
from generation.llm.replicas import Load, Replica, State
from generation.types import ChatMessage
from infra.llm.runtime_adapters import RunningVllm
from infra.models.manifest import Manifest
from infra.models.store import ModelStore
from infra.settings import Settings, SettingsError, load_settings
from tests.replica_servers import PIECES, Scripted, running

ASK = [ChatMessage("user", "Hello?")]


def settings(*servers: Scripted, **more: str) -> Settings:
    return load_settings(
        **{"llm_url": ",".join(server.url for server in servers), "llm_model": "base", "adapter": "none", **more}
    )


@contextmanager
def home(*servers: Scripted, **more: str) -> Iterator[Host]:
    with hosted(settings(*servers, **more), ModelStore(Path("/nowhere"), Manifest.load()), lambda text: None) as host:
        assert host is not None
        yield host


@contextmanager
def fleet(*servers: Scripted) -> Iterator[Fleet]:
    """Started, and looked at by the test alone."""
    found = Fleet({f"gpu{n}": RunningVllm(server.url, "") for n, server in enumerate(servers)}, ["base"], every=3600)
    found.start()
    try:
        yield found
    finally:
        found.stop()


def eventually(true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")


def states(found: Fleet) -> list[State]:
    return [replica.state for replica in found.replicas.all]


def due(replica: Replica) -> None:
    """Its pause is over."""
    replica.due_at = 0.0


@pytest.fixture
def adapter(tmp_path: Path) -> AdapterInUse:
    for name in ("adapter_model.safetensors", "adapter_config.json"):
        (tmp_path / name).write_bytes(b"{}")
    return AdapterInUse("tuned", held(tmp_path)["adapter_model.safetensors"], tmp_path)


async def test_servers_that_are_alike_answer_as_one() -> None:
    first, second = Scripted(), Scripted()
    with running(first, second), home(first, second) as host:
        model = host.client()
        for number in range(20):
            assert "".join([one.text async for one in model.stream(ASK, max_tokens=9, cache_salt=str(number))]) == "".join(PIECES)  # fmt: skip
        await model.ping()
        await model.aclose()
    assert min(len(first.replies), len(second.replies)) > 0
    assert len(first.replies) + len(second.replies) == 20


@pytest.mark.parametrize(
    ("other", "adapter", "says"),
    [
        (Scripted(root="/models/other"), "none", r"not alike.*base = /models/base .*base = /models/other"),
        (Scripted(fingerprint="vllm-0.31.0-abcdef12"), "none", r"not alike.*vllm-0\.32\.0.*vllm-0\.31\.0"),
        (Scripted(fingerprint="vllm-0.32.0-tp2-00000000"), "none", "not alike.*tp2"),
        (Scripted(model="llama"), "none", "does not serve base"),
        (Scripted(fingerprint=""), "none", "does not tell which vLLM it is"),
        (Scripted(adapters={"ours": "/other"}), "ours", "not alike.*ours = /adapters/ours on base.*ours = /other"),
        (Scripted(), "ours", "not alike.*ours"),
    ],
)
def test_what_is_not_alike_is_refused_at_the_start(other: Scripted, adapter: str, says: str) -> None:
    first = Scripted(adapters={"ours": "/adapters/ours"})
    refused = pytest.raises(SettingsError, match=rf"FOOTNOTE_LLM_URL: .*{says}")
    with running(first, other), refused, home(first, other, adapter=adapter):
        pass


def test_one_server_is_asked_nothing_at_the_start() -> None:
    only = Scripted(model="llama")
    with running(only), home(only) as host:
        assert host.fleet is None
    assert only.asked == []


def test_other_servers_than_vllm_cannot_be_compared() -> None:
    with pytest.raises(SettingsError, match="FOOTNOTE_LLM_PROTOCOL=vllm"):
        hosting.another_host(load_settings(llm_url="http://a/v1,http://b/v1", llm_model="base", llm_protocol="openai"))


def test_a_server_that_is_away_at_the_start_comes_in_later(caplog: pytest.LogCaptureFixture) -> None:
    first, second = Scripted(), Scripted()
    with running(first, second) as servers:
        servers.kill(second)
        with caplog.at_level(logging.INFO, "footnote"), fleet(first, second) as found:
            away = found.replicas.all[1]
            assert states(found) == [State.IN, State.OUT]
            servers.start(second, int(second.url.split(":")[2].split("/")[0]))
            found.look(away)
            assert away.state is State.OUT  # its pause is not over
            due(away)
            found.look(away)
            assert states(found) == [State.IN, State.IN]
    assert "gpu1 is left out" in caplog.text
    assert "gpu1 is asked" in caplog.text


def test_where_none_is_there_at_the_start_the_service_starts_all_the_same() -> None:
    first, second = Scripted(), Scripted(root="/models/other")
    with running(first, second) as servers:
        for server in (first, second):
            servers.kill(server)
        with fleet(first, second) as found:
            with pytest.raises(GeneratorUnavailable, match="None of the 2"):
                asyncio.run(found.client("base", "", 30.0).first_token(ASK))
            for server, replica in zip((first, second), found.replicas.all, strict=True):
                servers.start(server, int(server.url.split(":")[2].split("/")[0]))
                due(replica)
                found.look(replica)
            assert states(found) == [State.IN, State.OTHER]


def test_a_server_that_comes_back_as_another_model_is_left_out() -> None:
    first, second = Scripted(), Scripted()
    with running(first, second), fleet(first, second) as found:
        looked_at = found.replicas.all[1]
        second.root = "/models/other"
        found.look(looked_at)
        assert looked_at.state is State.OTHER
        assert "/models/other" in looked_at.why
        due(looked_at)
        found.look(looked_at)
        assert looked_at.state is State.OTHER
        second.root = first.root
        due(looked_at)
        found.look(looked_at)
        assert looked_at.state is State.IN


async def test_a_server_that_replies_as_another_version_is_left_out() -> None:
    """Started anew between two looks."""
    first, second = Scripted(), Scripted()
    with running(first, second), fleet(first, second) as found:
        second.fingerprint = "vllm-0.33.0-abcdef12"
        model = found.client("base", "", 30.0)
        for number in range(20):
            await model.first_token(ASK, cache_salt=str(number))
        assert states(found) == [State.IN, State.OTHER]
        assert len(second.replies) == 1
        due(found.replicas.all[1])
        found.look(found.replicas.all[1])
        assert states(found) == [State.IN, State.OTHER]
        await model.aclose()


def test_a_server_that_does_not_speak_is_not_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.llm.runtime_adapters._SAY_S", 0.3)
    first, second = Scripted(), Scripted()
    with running(first, second), fleet(first, second) as found:
        second.hangs = True
        replica = found.replicas.all[1]
        found.replicas.leave_out(replica, GeneratorUnavailable("hung"))
        due(replica)
        found.look(replica)
        assert replica.state is State.OUT


def test_one_look_may_go_unanswered_and_no_second_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.llm.runtime_adapters._LOOK_S", 0.3)
    first, second = Scripted(), Scripted()
    with running(first, second), fleet(first, second) as found:
        replica = found.replicas.all[1]
        second.deaf = True
        found.look(replica)
        assert replica.state is State.IN
        found.look(replica)
        assert replica.state is State.OUT


def test_a_refused_connection_is_enough() -> None:
    first, second = Scripted(), Scripted()
    with running(first, second) as servers, fleet(first, second) as found:
        servers.kill(second)
        found.look(found.replicas.all[1])
        assert states(found) == [State.IN, State.OUT]


def test_what_a_server_has_to_do_is_heard_and_told() -> None:
    first, second = Scripted(metrics=(3, 2)), Scripted()
    with running(first, second), fleet(first, second) as found:
        for replica in found.replicas.all:
            found.look(replica)
        assert [replica.told for replica in found.replicas.all] == [Load(3, 2), None]
        assert found.requests() == {
            ("gpu0", "own"): 0, ("gpu0", "running"): 3, ("gpu0", "waiting"): 2, ("gpu1", "own"): 0,
        }  # fmt: skip
        model = found.client("base", "", 30.0)
        asyncio.run(model.first_token(ASK))
        found.replicas.leave_out(found.replicas.all[0], GeneratorUnavailable("gone"))
        assert found.up() == {("gpu0",): 0.0, ("gpu1",): 1.0}
        assert found.replies() == {("gpu1", "ok"): 1}


def test_they_are_looked_after_while_the_service_runs() -> None:
    first, second = Scripted(metrics=(0, 0)), Scripted(metrics=(7, 0))
    with running(first, second) as servers, home(first, second) as host:
        assert host.fleet is not None
        found = host.fleet
        eventually(lambda: found.replicas.all[1].told == Load(7, 0))
        servers.kill(second)
        eventually(lambda: states(found) == [State.IN, State.OUT])
        servers.start(second, int(second.url.split(":")[2].split("/")[0]))
        eventually(lambda: states(found) == [State.IN, State.IN])


def test_an_adapter_comes_to_every_server_and_goes_from_each(adapter: AdapterInUse) -> None:
    first, second = Scripted(), Scripted()
    with running(first, second), home(first, second) as host:
        host.take(adapter)
        assert first.adapters == second.adapters == {adapter.pinned: str(adapter.path)}
        host.leave(adapter)
        assert first.adapters == second.adapters == {}


def test_what_a_server_had_before_is_left_to_it(adapter: AdapterInUse) -> None:
    first, second = Scripted(adapters={adapter.pinned: "/theirs"}), Scripted()
    with running(first, second), home(first, second) as host:
        host.take(adapter)
        host.leave(adapter)
    assert (first.adapters.keys(), second.adapters.keys()) == ({adapter.pinned}, set())


def test_a_server_that_has_lost_it_gets_it_again(adapter: AdapterInUse) -> None:
    first, second = Scripted(), Scripted()
    with running(first, second), home(first, second) as host:
        host.take(adapter)
        second.adapters.clear()
        host.restore()
        assert second.adapters.keys() == {adapter.pinned}


def test_a_server_that_was_away_gets_it_before_it_is_asked(adapter: AdapterInUse) -> None:
    first, second = Scripted(), Scripted()
    with running(first, second) as servers, fleet(first, second) as found:
        servers.kill(second)
        host = Host(found, "base", 30.0)
        host.take(adapter)
        assert states(found) == [State.IN, State.OUT]
        servers.start(second, int(second.url.split(":")[2].split("/")[0]))
        due(found.replicas.all[1])
        found.look(found.replicas.all[1])
        assert states(found) == [State.IN, State.IN]
        assert second.adapters.keys() == {adapter.pinned}
        host.leave(adapter)
        assert first.adapters == second.adapters == {}


def test_an_adapter_that_one_does_not_take_is_taken_from_all(adapter: AdapterInUse) -> None:
    first, second = Scripted(), Scripted(takes_adapters=False)
    with running(first, second), home(first, second) as host:
        with pytest.raises(GeneratorRejected, match="--enable-lora"):
            host.take(adapter)
        assert first.adapters == second.adapters == {}


def test_an_adapter_for_nobody_is_unavailable(adapter: AdapterInUse) -> None:
    first, second = Scripted(), Scripted()
    with running(first, second) as servers, fleet(first, second) as found:
        for server in (first, second):
            servers.kill(server)
        with pytest.raises(GeneratorUnavailable, match="None of the 2"):
            Host(found, "base", 30.0).take(adapter)
