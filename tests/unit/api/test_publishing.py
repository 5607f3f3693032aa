"""The background publisher: publishes what is due, outlives whatever fails, stops when told to."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from api.wiring.publishing import BackgroundPublisher, BackgroundPurge, publish_if_room
from ingest.errors import DiskFull
from retrieval.errors import IndexUnavailable


@dataclass
class Index:
    """Due until it is published; fails with the given errors first."""

    errors: list[Exception] = field(default_factory=list)
    published: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[int, float]] = field(default_factory=list)

    def due(self, rows: int, seconds: float) -> bool:
        self.asked.append((rows, seconds))
        if self.errors:
            raise self.errors.pop(0)
        return not self.published.is_set()

    def publish(self) -> bool:
        assert not self.published.is_set()
        self.published.set()
        return True


@pytest.fixture
def index() -> Index:
    return Index()


@pytest.fixture
def publisher(index: Index) -> Iterator[BackgroundPublisher]:
    publisher = BackgroundPublisher(index, rows=7, seconds=3.0, every=0.001)
    yield publisher
    publisher.stop()


def test_what_is_due_is_published_once(index: Index, publisher: BackgroundPublisher) -> None:
    publisher.start()
    assert index.published.wait(5)
    while len(index.asked) < 5:
        time.sleep(0.001)
    assert set(index.asked) == {(7, 3.0)}


def test_failures_are_logged_once_and_tried_again(
    index: Index, publisher: BackgroundPublisher, caplog: pytest.LogCaptureFixture
) -> None:
    index.errors = [IndexUnavailable("no room"), IndexUnavailable("no room"), OSError("gone"), KeyError("a mistake")]
    with caplog.at_level(logging.WARNING, "footnote"):
        publisher.start()
        assert index.published.wait(5)
    told = [record.getMessage() for record in caplog.records]
    assert [sum(word in line for line in told) for word in ("no room", "gone", "a mistake")] == [1, 1, 1]
    assert [record.exc_info is not None for record in caplog.records].count(True) == 1


def test_it_stops(index: Index, publisher: BackgroundPublisher) -> None:
    publisher.start()
    assert index.published.wait(5)
    publisher.stop()
    count = len(index.asked)
    time.sleep(0.02)
    assert len(index.asked) == count


def test_a_full_disk_does_not_keep_a_service_from_starting(caplog: pytest.LogCaptureFixture) -> None:
    class Full(Index):
        def publish(self) -> bool:
            raise DiskFull("The disk of segments is full.")

    with caplog.at_level(logging.WARNING, "footnote"):
        publish_if_room(Full())
    assert "The disk of segments is full." in caplog.text


def test_deleted_documents_are_purged_in_the_background() -> None:
    purged = threading.Event()
    work = BackgroundPurge(purged.set, every=0.001)
    work.start()
    assert purged.wait(5)
    work.stop()
