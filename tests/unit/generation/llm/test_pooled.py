"""One client on several servers that speak HTTP: who is asked, and what becomes of a request whose server fails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from generation.errors import GenerationError, GeneratorRejected, GeneratorTimeout, GeneratorUnavailable
from generation.llm import pooled
from generation.llm.pooled import PooledChatModel
from generation.llm.replicas import Replica, Replicas, State
from generation.types import ChatMessage, Delta, Usage
from tests.replica_servers import PIECES, Scripted, running

ASK = [ChatMessage("system", "Be brief."), ChatMessage("user", "Hello?")]
WHOLE = [*(Delta(piece) for piece in PIECES), Delta("", Usage(7, 3))]


def pool(*servers: Scripted, timeout_s: float = 60.0, first_s: float | None = None) -> tuple[PooledChatModel, Replicas]:
    """The servers as a fleet has them that has looked at each."""
    found = Replicas([Replica(f"gpu{number}", server.url) for number, server in enumerate(servers)])
    for replica in found.all:
        found.back(replica)
    return PooledChatModel(found, "base", timeout_s=timeout_s, first_s=first_s), found


def preferring(found: Replicas, number: int) -> str:
    """A cache salt that prefers this server."""
    return next(key for key in map(str, range(1000)) if found.choose(key) is found.all[number])


async def read(model: PooledChatModel, salt: str) -> list[Delta]:
    return [delta async for delta in model.stream(ASK, max_tokens=9, stop=("END",), cache_salt=salt)]


async def eventually(true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


def outcomes(found: Replicas) -> dict[tuple[str, str], int]:
    return {(replica.name, str(outcome)): count for (replica, outcome), count in found.outcomes.items()}


async def test_a_request_is_what_one_server_would_be_sent() -> None:
    first, second = Scripted(), Scripted()
    with running(first, second):
        model, found = pool(first, second)
        for number, server in enumerate((first, second)):
            salt = preferring(found, number)
            assert await read(model, salt) == WHOLE
            assert [(one["model"], one["cache_salt"], one["stop"]) for one in server.replies] == [
                ("base", salt, ["END"])
            ]
            assert dict(await model.first_token(ASK, cache_salt=salt)).keys() == {PIECES[0]}
            assert [one["cache_salt"] for one in server.replies] == [salt, salt]
        await model.aclose()
    assert outcomes(found) == {("gpu0", "ok"): 2, ("gpu1", "ok"): 2}


async def test_a_server_that_is_killed_before_a_token_has_come_is_left_for_another() -> None:
    first, second = Scripted(gate=threading.Event()), Scripted()
    with running(first, second) as servers:
        model, found = pool(first, second)
        reading = asyncio.create_task(read(model, preferring(found, 0)))
        await eventually(first.begun.is_set)
        servers.kill(first)
        assert await reading == WHOLE
        assert len(second.replies) == 1
        assert found.all[0].state is State.OUT
        await model.aclose()
    assert outcomes(found) == {("gpu0", "moved"): 1, ("gpu1", "ok"): 1}


async def test_a_server_that_is_killed_amid_a_reply_is_an_error_and_nobody_else_is_asked() -> None:
    first, second = Scripted(waits_inside=threading.Event()), Scripted()
    with running(first, second) as servers:
        model, found = pool(first, second)
        salt = preferring(found, 0)
        reply = model.stream(ASK, max_tokens=9, cache_salt=salt)
        assert await anext(reply) == Delta(PIECES[0])
        servers.kill(first)
        with pytest.raises(GeneratorUnavailable):
            await anext(reply)
        assert second.replies == []
        assert await read(model, salt) == WHOLE  # the next one of that view
        await model.aclose()
    assert outcomes(found) == {("gpu0", "failed"): 1, ("gpu1", "ok"): 1}


async def test_a_reply_that_breaks_off_is_an_error() -> None:
    first, second = Scripted(breaks_after=2), Scripted()
    with running(first, second):
        model, found = pool(first, second)
        with pytest.raises(GeneratorUnavailable, match=r"broke off|cannot be reached"):
            await read(model, preferring(found, 0))
        await model.aclose()
    assert second.replies == []


async def test_a_request_is_moved_once_and_no_more() -> None:
    servers = [Scripted(status=500), Scripted(status=500), Scripted(status=500)]
    with running(*servers):
        model, _ = pool(*servers)
        with pytest.raises(GeneratorUnavailable, match="busy or loading"):
            await read(model, "view")
        assert sum(len(server.replies) for server in servers) == 2
        with pytest.raises(GeneratorUnavailable, match="busy or loading"):
            await model.first_token(ASK, cache_salt="view")
        with pytest.raises(GeneratorUnavailable, match="None of the 3"):
            await read(model, "view")
        with pytest.raises(GeneratorUnavailable, match="None of the 3"):
            await model.ping()
        await model.aclose()
    assert sum(len(server.replies) for server in servers) == 3


async def test_a_request_is_not_sent_twice_to_the_same_server() -> None:
    only = Scripted(status=500)
    with running(only):
        model, _ = pool(only)
        with pytest.raises(GeneratorUnavailable):
            await read(model, "view")
        await model.aclose()
    assert len(only.replies) == 1


@pytest.mark.parametrize("whole", [False, True])
async def test_a_server_that_hangs_is_left_for_another(whole: bool) -> None:
    first, second = Scripted(hangs=True), Scripted()
    with running(first, second):
        model, found = pool(first, second, first_s=0.2)
        salt = preferring(found, 0)
        if whole:
            assert await model.first_token(ASK, cache_salt=salt)
        else:
            assert await read(model, salt) == WHOLE
        await model.aclose()
    assert len(second.replies) == 1
    assert found.all[0].state is State.OUT
    assert "has begun no reply" in found.all[0].why


async def test_a_server_that_is_found_gone_meanwhile_is_waited_for_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooled, "_LOOK_S", 0.02)
    first, second = Scripted(hangs=True), Scripted()
    with running(first, second):
        model, found = pool(first, second, timeout_s=3600)
        reading = asyncio.create_task(read(model, preferring(found, 0)))
        await eventually(lambda: bool(first.replies))
        found.leave_out(found.all[0], GeneratorUnavailable("it answered no look"))
        assert await reading == WHOLE
        await model.aclose()


async def test_the_last_server_is_waited_for_to_the_end() -> None:
    only = Scripted(hangs=True)
    with running(only):
        model, _ = pool(only, timeout_s=1.0)
        with pytest.raises(GeneratorTimeout, match="within 1 s"):
            await read(model, "view")
        await model.aclose()


async def test_a_slow_server_is_not_left_out() -> None:
    slow, other = Scripted(waits_inside=threading.Event()), Scripted()
    with running(slow, other):
        model, found = pool(slow, other)
        reading = asyncio.create_task(read(model, preferring(found, 0)))
        await eventually(slow.begun.is_set)
        for _ in range(3):
            assert await read(model, preferring(found, 1)) == WHOLE
        assert slow.waits_inside is not None
        slow.waits_inside.set()
        assert await reading == WHOLE
        await model.aclose()
    assert outcomes(found) == {("gpu0", "ok"): 1, ("gpu1", "ok"): 3}


async def test_a_server_that_is_too_slow_with_what_it_has_begun_is_an_error_and_stays() -> None:
    slow, other = Scripted(waits_inside=threading.Event()), Scripted()
    with running(slow, other):
        model, found = pool(slow, other, timeout_s=8.0)
        with pytest.raises(GeneratorTimeout, match="within 8 s"):
            await read(model, preferring(found, 0))
        await model.aclose()
    assert found.all[0].state is State.IN
    assert other.replies == []


async def test_a_busy_server_gives_up_its_view_to_a_free_one() -> None:
    busy, free = Scripted(gate=threading.Event()), Scripted(gate=threading.Event())
    with running(busy, free):
        model, found = pool(busy, free)
        salt = preferring(found, 0)
        readings = [asyncio.create_task(read(model, salt)) for _ in range(6)]
        await eventually(lambda: len(busy.replies) + len(free.replies) == 6)
        assert (len(busy.replies), len(free.replies)) == (5, 1)
        for server in (busy, free):
            assert server.gate is not None
            server.gate.set()
        assert await asyncio.gather(*readings) == [WHOLE] * 6
        await model.aclose()


async def test_a_server_that_has_lost_the_adapter_is_left_for_one_that_has_it() -> None:
    without, having = Scripted(), Scripted(adapters={"tuned@1": "/a"})
    with running(without, having):
        _, found = pool(without, having)
        model = PooledChatModel(found, "base", "tuned@1", timeout_s=30)
        assert await read(model, preferring(found, 0)) == WHOLE
        await model.aclose()
    assert found.all[0].state is State.OUT


async def test_a_refusal_is_the_askers_and_leaves_nobody_out() -> None:
    first, second = Scripted(status=400), Scripted()
    with running(first, second):
        model, found = pool(first, second)
        with pytest.raises(GeneratorRejected, match="as told"):
            await read(model, preferring(found, 0))
        await model.aclose()
    assert second.replies == []
    assert [replica.state for replica in found.all] == [State.IN, State.IN]
    assert outcomes(found) == {("gpu0", "refused"): 1}


async def test_a_reader_who_leaves_ends_the_request_and_frees_its_place() -> None:
    first = Scripted(waits_inside=threading.Event())
    with running(first):
        model, found = pool(first)
        reply = model.stream(ASK, max_tokens=9, cache_salt="view")
        await anext(reply)
        assert found.all[0].under_way == 1
        await reply.aclose()
        assert found.all[0].under_way == 0
        await model.aclose()
    assert found.all[0].state is State.IN


async def test_a_server_that_computes_otherwise_is_told_of() -> None:
    told: list[tuple[str, str]] = []
    first = Scripted(fingerprint="vllm-0.33.0-00000000")
    with running(first):
        _, found = pool(first)
        model = PooledChatModel(found, "base", alike=lambda replica, computes: told.append((replica.name, computes)))
        await read(model, "view")
        await model.first_token(ASK)
        await model.aclose()
    assert told == [("gpu0", "vllm-0.33.0-00000000")] * 2


async def test_all_gone_is_a_foreseen_error() -> None:
    first, second = Scripted(), Scripted()
    with running(first, second) as servers:
        model, found = pool(first, second)
        for server in (first, second):
            servers.kill(server)
        for _ in range(2):
            with pytest.raises(GenerationError) as caught:
                await read(model, "view")
            assert caught.value.code == "generator_unavailable"
        await model.aclose()
    assert [replica.state for replica in found.all] == [State.OUT, State.OUT]
    assert outcomes(found) == {("gpu0", "moved"): 1, ("gpu1", "failed"): 1} or outcomes(found) == {
        ("gpu1", "moved"): 1,
        ("gpu0", "failed"): 1,
    }
