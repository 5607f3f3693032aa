"""The service's watch over connectors: rights at each look, whatever else is going on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from api.wiring.watching import BackgroundSync, pause
from ingest.syncing.protocols import SourceUnavailable
from ingest.syncing.types import Connector, Facts, KnownItem
from tests.integration.connectors.conftest import RULES

HR = '[[rule]]\npath = "hr/**"\nallow = ["group:hr"]'


@pytest.fixture
def watched(office: Any) -> Iterator[Any]:
    office.connector = type(office.connector)(
        "share", "folder", {"path": str(office.root)}, str(office.mapping), None, 0.01
    )
    office.state.add(office.connector)
    office.state.finish("share", "", {}, changed=False)  # synced once
    office.watcher = BackgroundSync(office.state, lambda connector: office.of())
    yield office
    office.watcher.stop()


def until(watched: Any, holds: Callable[[], bool]) -> None:
    """Looks until it holds."""
    for _ in range(400):
        watched.watcher.look()
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never held")


def test_nothing_is_looked_at_before_the_first_sync(office: Any) -> None:
    office.added()
    office.write("legal/lease.txt")
    looked: list[str] = []

    def sync(connector: Any) -> Any:
        looked.append(connector.name)
        return office.of()

    watcher = BackgroundSync(office.state, sync)
    try:
        assert office.of().plan().contents  # as --dry-run does
        watcher.look()
        time.sleep(0.2)
        assert (looked, office.state.get("share").begun) == ([], False)
        office.state.put(
            "share", [KnownItem("legal/lease.txt", "", Facts(), frozenset({"group:legal"}), settled=False)]
        )
        assert office.state.get("share").begun  # a first sync that a kill cut off is gone on with
        until_seen = time.monotonic() + 20
        while office.seen("ana", "legal") != ["legal/lease.txt"]:
            assert time.monotonic() < until_seen
            watcher.look()
            time.sleep(0.05)
    finally:
        watcher.stop()


def test_what_has_not_begun_is_not_waited_for_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.wiring.watching._STOP_S", 250.0)
    two = [Connector(name, "folder", {}, "", begun=True) for name in ("first", "second")]
    begun = threading.Event()

    def sync(connector: Any) -> Any:
        begun.set()
        while "second" not in watcher._narrowing or not watcher._narrowing["second"].cancelled():
            time.sleep(0.01)
        raise SourceUnavailable("gone")

    watcher: Any = BackgroundSync(SimpleNamespace(list=lambda: two), sync)  # type: ignore[arg-type]
    watcher.look()
    assert begun.wait(60)
    stopping = threading.Thread(target=watcher.stop, daemon=True)
    stopping.start()
    stopping.join(60)
    assert not stopping.is_alive()


def test_files_come_and_go_by_themselves(watched: Any) -> None:
    path = watched.write("legal/lease.txt")
    until(watched, lambda: watched.seen("ana", "legal") == ["legal/lease.txt"])
    path.unlink()
    watched.write("legal/other.txt", "other")
    until(watched, lambda: watched.seen("ana", "legal") == ["legal/other.txt"])


def test_rights_are_taken_away_while_a_long_ingestion_runs(watched: Any) -> None:
    watched.write("legal/lease.txt")
    until(watched, lambda: watched.seen("ana", "legal") == ["legal/lease.txt"])
    reading, go_on = threading.Event(), threading.Event()

    def slow(name: str) -> None:
        reading.set()
        assert go_on.wait(60)

    watched.work.before = slow
    watched.write("legal/large.txt", "large")
    until(watched, reading.is_set)
    watched.rules(HR)
    try:
        until(watched, lambda: watched.seen("ana", "legal") == [])
        assert not go_on.is_set()
    finally:
        go_on.set()
    until(watched, lambda: all(one.settled for one in watched.state.items("share").values()))
    assert watched.seen("ana", "legal") == []


def test_a_broken_mapping_hides_at_the_second_look_and_comes_back(
    watched: Any, caplog: pytest.LogCaptureFixture
) -> None:
    watched.write("legal/lease.txt")
    until(watched, lambda: watched.seen("ana", "legal") == ["legal/lease.txt"])
    good = watched.mapping.read_text()
    looks: list[str] = []
    real = watched.state.finish

    def finish(name: str, problem: str, summary: Any, *, changed: bool) -> None:
        looks.append(problem)
        if len(looks) == 1:
            assert watched.seen("ana", "legal") == ["legal/lease.txt"]
        real(name, problem, summary, changed=changed)

    until(watched, lambda: watched.watcher._fetching["share"].done())
    time.sleep(0.1)
    watched.state.finish = finish
    watched.rules("[[rule")
    with caplog.at_level(logging.WARNING, "footnote"):
        until(watched, lambda: watched.seen("ana", "legal") == [])
    assert len([record for record in caplog.records if "no TOML" in record.message]) == 1
    assert "no TOML" in watched.state.get("share").problem
    watched.work.parsed = 0
    watched.rules(good)
    until(watched, lambda: watched.seen("ana", "legal") == ["legal/lease.txt"])
    assert watched.work.parsed == 0


def test_a_connector_that_cannot_be_set_up_stops_no_other(watched: Any, caplog: pytest.LogCaptureFixture) -> None:
    watched.state.add(type(watched.connector)("broken", "folder", {}, "nowhere", None, 0.01))
    watched.state.finish("broken", "", {}, changed=False)

    def sync(connector: Any) -> Any:
        if connector.name == "broken":
            raise OSError("not to be had")
        return watched.of()

    watched.watcher = BackgroundSync(watched.state, sync)
    watched.write("legal/lease.txt")
    until(watched, lambda: watched.seen("ana", "legal") == ["legal/lease.txt"])
    assert any("broken" in record.message and "not to be had" in record.message for record in caplog.records)


def test_what_is_held_back_is_told_once(watched: Any, caplog: pytest.LogCaptureFixture) -> None:
    path = watched.write("legal/lease.txt")
    until(watched, lambda: watched.seen("ana", "legal") == ["legal/lease.txt"])
    path.unlink()
    until(watched, lambda: any("--confirm" in record.message for record in caplog.records))
    for _ in range(5):
        watched.watcher.look()
        time.sleep(0.05)
    assert len([record for record in caplog.records if "--confirm" in record.message]) == 1
    assert watched.seen("ana", "legal") == ["legal/lease.txt"]


class Hanging:
    """A source that answers nothing until it is let go, perhaps after it failed some times."""

    def __init__(self, fails: int = 0) -> None:
        self.fails, self.asked, self.go_on = fails, threading.Semaphore(0), threading.Event()

    def listing(self, known: Any, wanted: Any) -> Any:
        if self.fails:
            self.fails -= 1
            raise SourceUnavailable("away")
        self.asked.release()
        self.go_on.wait(120)
        raise SourceUnavailable("away")

    def close(self) -> None: ...


@pytest.mark.parametrize("fails", [0, 1])
def test_sources_that_hang_keep_no_other_connector_waiting(watched: Any, fails: int) -> None:
    path = watched.write("legal/lease.txt")
    watched.write("legal/other.txt", "other")
    until(watched, lambda: len(watched.seen("ana", "legal")) == 2)
    hanging = Hanging(fails * 16)

    def sync(connector: Any) -> Any:
        made = watched.of(hanging if connector.name.startswith("hangs") else None)
        made.connector = connector
        return made

    for number in range(16):
        watched.state.add(type(watched.connector)(f"hangs-{number}", "folder", {}, str(watched.mapping), None, 0.01))
        watched.state.finish(f"hangs-{number}", "", {}, changed=False)  # as after a first sync
    watched.watcher.stop()
    watched.watcher = BackgroundSync(watched.state, sync)
    try:
        hung: list[bool] = []
        until(watched, lambda: hung.append(hanging.asked.acquire(blocking=False)) or sum(hung) == 16)
        path.unlink()
        until(watched, lambda: watched.seen("ana", "legal") == ["legal/other.txt"])
        assert not hanging.go_on.is_set()
    finally:
        hanging.go_on.set()


def test_what_the_rules_take_away_waits_for_no_source(watched: Any) -> None:
    watched.write("legal/lease.txt")
    until(watched, lambda: watched.seen("ana", "legal") == ["legal/lease.txt"])
    hanging = Hanging()
    watched.watcher.stop()
    watched.watcher = BackgroundSync(watched.state, lambda connector: watched.of(hanging))
    try:
        until(watched, lambda: hanging.asked.acquire(blocking=False))
        watched.rules(HR)
        until(watched, lambda: watched.seen("ana", "legal") == [])
        watched.rules(RULES)
        time.sleep(0.05)
        watched.watcher.look()
        assert watched.seen("ana", "legal") == []
        watched.rules("[[rule")
        until(watched, lambda: "no TOML" in watched.state.get("share").problem)
    finally:
        hanging.go_on.set()


def test_a_source_that_fails_is_looked_at_more_rarely_and_by_threads_of_its_own(watched: Any) -> None:
    assert [pause(20.0, failures) for failures in (0, 1, 2, 50)] == [0, 20, 40, 40]
    assert pause(300.0, 9) == 0
    watched.watcher.stop()
    watched.watcher = BackgroundSync(watched.state, lambda connector: watched.of(Hanging(100)))
    until(watched, lambda: watched.watcher._failures.get("share", 0) >= 3)
    assert watched.watcher._retriers._threads


def test_an_item_that_fails_is_logged_without_its_name(watched: Any, caplog: pytest.LogCaptureFixture) -> None:
    watched.write("legal/\x1b[2Jbad.pdf", "no PDF")
    with caplog.at_level(logging.WARNING, "footnote"):
        until(watched, lambda: any("an item failed" in record.message for record in caplog.records))
    assert "bad" not in "".join(str(vars(record)) for record in caplog.records)
