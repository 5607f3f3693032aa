"""Answers that go on without a reader, and those who follow them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.http.running import NoRoomToRun, Running, State, TooManyRunning
from api.http.running_events import Following
from api.http.running_memory import Bounds, InMemory
from api.http.streaming import never
from generation.errors import GeneratorUnavailable
from generation.types import (
    Answer,
    Event,
    FinalEvent,
    ModelCard,
    RetrievalEvent,
    SourceVersion,
    Status,
    StatusEvent,
    Turn,
)
from ingest.errors import NotAuthenticated
from retrieval.types import Numbering, Principal

ANA = Principal("ana", frozenset({"legal"}))
FOUND = RetrievalEvent(1, ("Lease",), sources=(SourceVersion("d1", 1, "Lease", "v1"),))
FINAL = FinalEvent(Answer("Said.", Status.ANSWERED, (), (), ModelCard(*"gaerjps"), conversation=Turn("c", 2)))
Sent = tuple[str, dict[str, Any]]


@dataclass
class Work:
    """An answer whose events are handed out one by one; notes how it ended."""

    given: asyncio.Queue[Event | Exception | None] = field(default_factory=asyncio.Queue)
    ended: str = ""

    def give(self, *events: Event | Exception | None) -> None:
        for event in events:
            self.given.put_nowait(event)

    async def events(self) -> AsyncGenerator[Event, None]:
        try:
            while (event := await self.given.get()) is not None:
                if isinstance(event, Exception):
                    raise event
                yield event
            self.ended = "whole"
        finally:
            await asyncio.sleep(0)  # as a record is written
            self.ended = self.ended or "broken off"


@dataclass
class Numbers:
    """Which versions may be read now."""

    versions: dict[str, Mapping[int, str]] = field(default_factory=lambda: {"d1": {1: "v1"}})

    def of(self, principal: Principal, document_ids: Any) -> Numbering:
        return Numbering({id_: self.versions.get(id_, {}) for id_ in document_ids})


@dataclass
class Place:
    """Where one answer runs."""

    bounds: Bounds = field(default_factory=Bounds)
    work: Work = field(default_factory=Work)
    numbers: Numbers = field(default_factory=Numbers)

    def __post_init__(self) -> None:
        self.running = Running(InMemory(self.bounds))

    async def begin(self, owner: str = "user:ana") -> str:
        self.work.give(StatusEvent("waiting", 1))
        return await self.running.begin(owner, "Why?", "new", self.work.events())

    def follow(
        self, id_: str, after: int = 0, reader: Callable[[], Principal] = lambda: ANA, **how: Any
    ) -> AsyncGenerator[bytes, None]:
        numbers: Any = self.numbers
        following = Following(self.running.store, numbers, id_, reader, after, **how)
        events: Any = following.events(how.pop("over", never))
        return events  # type: ignore[no-any-return]


def parsed(sent: bytes) -> list[Sent]:
    found = []
    for block in sent.decode().split("\n\n"):
        if block:
            fields = dict(line.split(": ", 1) for line in block.split("\n"))
            data = json.loads(fields["data"])
            assert int(fields["id"]) == data["seq"]
            found.append((fields["event"], data))
    return found


async def read(events: AsyncGenerator[bytes, None]) -> list[Sent]:
    async with asyncio.timeout(10):  # what is not ended by mistake
        return [event async for sent in events for event in parsed(sent)]


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_two_readers_follow_one_answer_from_its_beginning() -> None:
    place = Place()
    id_ = await place.begin()
    first = asyncio.create_task(read(place.follow(id_)))
    place.work.give(StatusEvent("searching"), FOUND)
    await settled()
    second = asyncio.create_task(read(place.follow(id_)))
    place.work.give(FINAL, None)
    told = await first
    assert told == await second
    assert [(kind, data["seq"]) for kind, data in told] == [
        ("status", 1), ("status", 2), ("retrieval", 3), ("final", 4), ("done", 5),
    ]  # fmt: skip
    assert [data.get("running") for _, data in told[:2]] == [id_, ""]
    assert await read(place.follow(id_)) == told  # after its end, too


async def test_a_reader_that_comes_again_goes_on_without_gap_or_repetition() -> None:
    place = Place()
    id_ = await place.begin()
    place.work.give(StatusEvent("searching"), FOUND)
    seen: list[Sent] = []
    async with aclosing(place.follow(id_)) as lost:
        while len(seen) < 2:
            seen += parsed(await anext(lost))
    place.work.give(StatusEvent("writing"), FINAL, None)
    await settled()
    seen += await read(place.follow(id_, seen[-1][1]["seq"]))
    assert [data["seq"] for _, data in seen] == list(range(1, 7))
    assert seen == await read(place.follow(id_))
    assert await read(place.follow(id_, 6)) == []
    assert await read(place.follow(id_, 77)) == seen  # no number of this answer


async def test_it_goes_on_and_is_kept_when_nobody_follows() -> None:
    place = Place()
    id_ = await place.begin()
    reader = place.follow(id_)
    await anext(reader)
    await reader.aclose()
    place.work.give(FINAL, None)
    await settled()
    assert place.work.ended == "whole"
    (answer,) = await place.running.store.of("user:ana")
    assert (answer.state, answer.conversation, answer.turn, answer.stage) == (State.DONE, "c", 2, "")
    assert answer.ended_at is not None


async def test_the_list_tells_how_it_stands() -> None:
    place = Place()
    await place.begin()
    (answer,) = await place.running.store.of("user:ana")
    assert (answer.question, answer.conversation, answer.stage, answer.place) == ("Why?", "new", "waiting", 1)
    place.work.give(StatusEvent("writing"))
    await settled()
    (answer,) = await place.running.store.of("user:ana")
    assert (answer.stage, answer.place, answer.state) == ("writing", 0, State.RUNNING)


async def test_it_is_stopped_from_elsewhere_and_its_readers_are_told() -> None:
    place = Place()
    id_ = await place.begin()
    reader = asyncio.create_task(read(place.follow(id_)))
    await settled()
    assert not await place.running.stop(id_, "user:otto")
    assert await place.running.stop(id_, "user:ana")
    assert place.work.ended == "broken off"  # before who stops it is told so
    told = await reader
    assert [kind for kind, _ in told] == ["status", "error", "done"]
    assert told[1][1]["problem"]["code"] == "answer_stopped"
    (answer,) = await place.running.store.of("user:ana")
    assert answer.state is State.STOPPED
    assert await place.running.stop(id_, "user:ana")  # which forgets it
    assert await place.running.store.of("user:ana") == []


async def test_what_is_closed_meanwhile_is_sent_to_nobody() -> None:
    place = Place()
    id_ = await place.begin()
    place.work.give(FOUND)
    reader = place.follow(id_)
    while parsed(await anext(reader))[-1][0] != "retrieval":
        pass
    place.numbers.versions["d1"] = {}
    assert [(kind, data.get("problem", {}).get("code")) for kind, data in await read(place.follow(id_))] == [
        ("error", "answer_closed"), ("done", None),
    ]  # fmt: skip
    place.work.give(StatusEvent("writing"))  # and nothing more of it to who followed before
    assert [data["seq"] for _, data in await read(reader)] == [2, 2]


async def test_a_credential_that_holds_no_longer_ends_the_reading_alone() -> None:
    place = Place()
    id_ = await place.begin()
    holds = [True]

    def reader() -> Principal:
        if not holds[0]:
            raise NotAuthenticated("It has ended.")
        return ANA

    following = place.follow(id_, 0, reader, ask_s=0.0)
    await anext(following)
    holds[0] = False
    place.work.give(FINAL, None)
    told = await read(following)
    assert [(kind, data.get("problem", {}).get("code")) for kind, data in told] == [
        ("error", "not_authenticated"), ("done", None),
    ]  # fmt: skip
    assert place.work.ended == "whole"


async def test_another_persons_is_as_if_it_were_not_there() -> None:
    place = Place()
    id_ = await place.begin()
    told = await read(place.follow(id_, 0, lambda: Principal("otto", frozenset({"legal"}))))
    assert [data.get("problem", {}).get("code") for _, data in told] == ["not_found", None]
    assert await place.running.store.of("user:otto") == []


async def test_silence_is_filled_with_heartbeats_that_move_no_reader() -> None:
    place = Place()
    id_ = await place.begin()
    events = place.follow(id_, heartbeat_s=0.01)
    assert [parsed(await anext(events))[0][0] for _ in range(3)] == ["status", "heartbeat", "heartbeat"]
    assert parsed(await anext(events))[0] == ("heartbeat", {"seq": 1})
    place.work.give(FINAL, None)
    rest = [(kind, data["seq"]) for kind, data in await read(events) if kind != "heartbeat"]
    assert rest == [("final", 2), ("done", 3)]


async def test_an_error_before_the_first_event_is_told_to_who_asks_and_nothing_is_kept() -> None:
    place = Place()
    place.work.give(GeneratorUnavailable("the model is gone"))
    with pytest.raises(GeneratorUnavailable):
        await place.running.begin("user:ana", "Why?", "new", place.work.events())
    await settled()
    assert await place.running.store.of("user:ana") == []


async def test_a_later_error_is_an_event() -> None:
    place = Place()
    id_ = await place.begin()
    place.work.give(GeneratorUnavailable("the model is gone"))
    told = await read(place.follow(id_))
    assert [kind for kind, _ in told] == ["status", "error", "done"]
    assert told[1][1]["problem"]["code"] == "generator_unavailable"
    assert (await place.running.store.of("user:ana"))[0].state is State.FAILED


async def test_what_goes_on_when_the_service_stops_is_broken_off() -> None:
    place = Place()
    running = asyncio.create_task(place.running.run())
    id_ = await place.begin()
    reader = asyncio.create_task(read(place.follow(id_)))
    await settled()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert place.work.ended == "broken off"
    assert [data.get("problem", {}).get("code") for _, data in await reader] == [None, "service_stopping", None]


async def test_readers_are_told_when_the_service_stops() -> None:
    place = Place()
    id_ = await place.begin()

    async def over() -> None:
        await asyncio.sleep(0.02)

    following = Following(place.running.store, Any, id_, lambda: ANA)  # type: ignore[arg-type]
    told = [event async for sent in following.events(over) for event in parsed(sent)]
    assert [data.get("problem", {}).get("code") for _, data in told] == [None, "service_stopping", None]


async def test_one_person_and_all_have_so_many_and_what_has_ended_makes_room() -> None:
    place = Place(Bounds(each=2, in_all=3))
    first = await place.begin()
    place.work.give(None)
    await settled()
    others = [Work() for _ in range(4)]
    for work in others:
        work.give(StatusEvent("waiting"))

    async def begin(owner: str) -> str:
        return await place.running.begin(owner, "Why?", "new", others.pop().events())

    await begin("user:ana")
    second = await begin("user:ana")  # in the place of the one that has ended
    assert next(one.id for one in await place.running.store.of("user:ana")) == second
    assert await place.running.store.find(first, "user:ana") is None
    refused = Work()
    with pytest.raises(TooManyRunning):
        await place.running.begin("user:ana", "Why?", "new", refused.events())
    await begin("user:otto")
    with pytest.raises(NoRoomToRun):
        await begin("user:otto")


async def test_what_is_kept_has_so_many_bytes() -> None:
    long = RetrievalEvent(1, ("x" * 1000,))
    place = Place(Bounds(answer_bytes=1500))
    id_ = await place.begin()
    place.work.give(long, long)
    told = await read(place.follow(id_))
    assert [kind for kind, _ in told] == ["status", "retrieval", "error", "done"]
    assert told[2][1]["problem"]["code"] == "no_room_to_run"
    assert place.work.ended == "broken off"
    place = Place(Bounds(bytes_in_all=1500))
    first = await place.begin()
    place.work.give(long, None)
    await settled()
    place.work = Work()
    second = await place.begin()
    place.work.give(long)
    await settled()
    found = await place.running.store.of("user:ana")
    assert [one.id for one in found] == [second]
    assert first != second


async def test_what_has_ended_is_forgotten_after_a_while() -> None:
    place = Place(Bounds(kept_s=0.02))
    id_ = await place.begin()
    place.work.give(None)
    await settled()
    assert await place.running.store.find(id_, "user:ana")
    await asyncio.sleep(0.1)
    assert await place.running.store.find(id_, "user:ana") is None
