"""Accesses wait for the trail in batches: none is lost while it can be written, none is taken where it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from api.wiring import accesses as module
from api.wiring.accesses import AccessLog
from generation.errors import AuditUnavailable, AuditUnsealed

READ = {"action": "read_text", "principal": "user:ana", "shown": [{"document_id": "d", "version": 1}]}


class Trail:
    """`append_now`: keeps records, or raises `error`."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.error: Exception | None = None

    def __call__(self, record: Mapping[str, Any]) -> str:
        if self.error is None or isinstance(self.error, AuditUnsealed):
            self.records.append(dict(record))
        if self.error is not None:
            raise self.error
        return "id"

    @property
    def accesses(self) -> list[dict[str, Any]]:
        return [access for record in self.records for access in record["accesses"]]


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def trail() -> Trail:
    return Trail()


@pytest.fixture
def log(trail: Trail) -> AccessLog:
    return AccessLog(trail)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def add(log: AccessLog, **told: object) -> None:
    asyncio.run(asyncio.wait_for(log.add({**READ, **told}), 0.1))


def test_many_accesses_are_one_record(log: AccessLog, trail: Trail) -> None:
    log.flush()
    assert trail.records == []
    for number in range(3):
        add(log, number=number)
    log.flush()
    log.flush()
    assert len(trail.records) == 1
    assert [access["number"] for access in trail.accesses] == [0, 1, 2]
    assert all(access["at"] for access in trail.accesses)


def test_what_waits_is_written_at_the_end(log: AccessLog, trail: Trail) -> None:
    log.start()
    add(log)
    log.stop()
    assert len(trail.accesses) == 1


def test_the_writer_writes_by_itself(trail: Trail) -> None:
    log = AccessLog(trail, every=0.001)
    log.start()
    add(log)
    for _ in range(2000):
        if trail.records:
            break
        asyncio.run(asyncio.sleep(0.005))
    assert len(trail.accesses) == 1
    log.stop()


def test_while_the_trail_cannot_be_written_reads_wait_and_then_are_refused(
    log: AccessLog, trail: Trail, clock: Clock
) -> None:
    trail.error = AuditUnavailable("no disk")
    add(log, number=0)
    with pytest.raises(AuditUnavailable):
        log.flush()
    clock.now += module.WAIT_S
    add(log, number=1)
    clock.now += 0.01
    with pytest.raises(TimeoutError):  # it waits: more than a second of reads is never at stake
        add(log, number=2)
    clock.now += module.REFUSE_S
    with pytest.raises(AuditUnavailable, match="nothing is shown"):
        add(log, number=3)
    trail.error = None
    log.flush()
    add(log, number=4)
    log.flush()
    assert [access["number"] for access in trail.accesses] == [0, 1, 4]


def test_a_full_buffer_takes_nothing_more(trail: Trail) -> None:
    log = AccessLog(trail, most=4)
    add(log)
    add(log)
    with pytest.raises(TimeoutError):
        add(log)
    log.flush()
    add(log)


def test_long_addresses_take_room(trail: Trail) -> None:
    log = AccessLog(trail, most=30)
    told = {"action": "list_documents", "principal": "user:ana", "asked": [["q", "x" * 200]] * 30}
    asyncio.run(asyncio.wait_for(log.add(told), 0.1))
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(log.add(told), 0.1))


def test_what_a_search_is_narrowed_to_takes_room(trail: Trail) -> None:
    log = AccessLog(trail, most=30)
    narrowed = {"documents": ["d" * 100] * 40, "since": "2026-11-30"}
    told = {"action": "search", "principal": "user:ana", "query": "rent", "filter": narrowed}
    asyncio.run(asyncio.wait_for(log.add(told), 0.1))
    with pytest.raises(TimeoutError):
        add(log)


def test_what_is_written_but_not_sealed_is_not_written_again(log: AccessLog, trail: Trail) -> None:
    add(log)
    trail.error = AuditUnsealed("no head", row_id="id")
    log.flush()
    trail.error = None
    log.flush()
    assert len(trail.accesses) == 1


def test_a_flood_of_strangers_takes_no_room_and_is_counted(log: AccessLog, trail: Trail) -> None:
    def refuse(key_id: str) -> None:
        told = {"action": "search", "refused": "not_authenticated", "key_id": key_id, "address": "10.0.0.1"}
        asyncio.run(asyncio.wait_for(log.add(told), 0.1))

    for _ in range(500):
        refuse("one")
    for number in range(500):
        refuse(f"guess {number}")
    log.flush()
    refuse("one")
    log.flush()
    assert len(trail.accesses) <= module.MOST // 100
    assert sum(access["times"] for access in trail.accesses) == 1001
    assert trail.accesses[0]["times"] == 500


def test_large_batches_are_several_records(log: AccessLog, trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH", 4)
    for number in range(5):
        add(log, number=number)
    log.flush()
    assert [len(record["accesses"]) for record in trail.records] == [2, 2, 1]
    assert [access["number"] for access in trail.accesses] == [0, 1, 2, 3, 4]
