"""Search over many hosts finds what one finds, bit for bit, whatever becomes of them; or it fails, and leaves nothing
out."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evals.systems.in_process import HashEmbedder, HashReranker, Models, Process
from evals.systems.memory_store import Content, MemoryStore
from retrieval.errors import IndexUnavailable, SegmentMissing
from retrieval.index.cluster.gathering import Gathering, Patience
from retrieval.index.cluster.legs import ClusterLegs
from retrieval.index.cluster.placement import assigned, copies_of
from retrieval.index.find import find
from retrieval.index.legs import Ranking, ranked
from retrieval.index.view import make_view
from retrieval.types import Principal
from tests.hosts import QUESTION, SEGMENTS, VECTOR, HostsHere, assert_same, published, searched, view_of

HOSTS = ["anna", "bella", "cleo"]
MODELS = Models(HashEmbedder(dimension=4), HashReranker())


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("segments"))


def legs(hosts: HostsHere, **patience: Any) -> ClusterLegs:
    return ClusterLegs(Gathering(hosts, Patience(**patience)), threads=1)


def as_set(found: Ranking) -> set[tuple[Any, ...]]:
    return set(zip(found.ids.tolist(), found.documents.tolist(), found.scores.tolist(), strict=True))


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("here", [0, 1, SEGMENTS])
def test_hosts_find_what_one_process_finds(root: Path, count: int, here: int) -> None:
    for seed in range(4):
        view, asked = view_of(root, seed, here=here), legs(HostsHere(HOSTS[:count], root))
        for k in (1, 2, 10, 500):
            assert_same(searched(asked, view, k), find(view, VECTOR, QUESTION, k))
            one, other = asked.ranked(view, QUESTION, k), ranked(view, QUESTION, k)
            assert (as_set(one), one.idf, one.floor) == (as_set(other), other.idf, other.floor)
        assert asked.languages(view) == view.languages


def test_a_view_of_nothing_is_searched(root: Path) -> None:
    view = make_view([], [], "d")
    assert_same(searched(legs(HostsHere(HOSTS, root)), view), find(view, VECTOR, QUESTION, 10))


def test_each_segment_is_asked_of_once_a_pass_and_all_hosts_work(root: Path) -> None:
    hosts = HostsHere(HOSTS, root)
    asked, view = legs(hosts), view_of(root, here=0)
    searched(asked, view)  # tells the hosts what is visible
    hosts.asked.clear()
    searched(asked, view)
    names = sorted(name for _, segments in hosts.asked for name in segments)
    assert names == sorted(2 * [part.segment.name for part in view.segments])
    assert {host for host, _ in hosts.asked} == set(HOSTS)


def test_another_view_is_never_answered_from_what_a_host_remembers(root: Path) -> None:
    asked = legs(HostsHere(HOSTS, root))
    for seed in (0, 1, 0, 2, 1):
        view = view_of(root, seed)
        assert_same(searched(asked, view), find(view, VECTOR, QUESTION, 10))


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_a_host_that_remembers_less_than_a_view_answers(root: Path, monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    monkeypatch.setattr("retrieval.index.cluster.shard._SIGHTS_KEPT", kept)
    hosts, view = HostsHere(["anna"], root), view_of(root, here=0)
    asked = legs(hosts, whole_s=3)
    for _ in range(2):
        assert_same(searched(asked, view), find(view, VECTOR, QUESTION, 10))
    assert len(hosts.asked) <= 2 * 2 * 3  # of two searches each pass is asked thrice at most


@pytest.mark.parametrize("lost", [["anna"], ["bella"], ["anna", "cleo"]])
def test_what_a_lost_host_had_others_search(root: Path, lost: list[str]) -> None:
    hosts, view = HostsHere(HOSTS, root), view_of(root)
    hosts.dead |= set(lost)
    assert_same(searched(legs(hosts), view), find(view, VECTOR, QUESTION, 10))
    assert hosts.doubted <= set(lost)


def test_a_host_that_goes_between_the_passes_changes_nothing(root: Path) -> None:
    hosts, view = HostsHere(HOSTS, root), view_of(root)

    def lose(host: str) -> None:
        if len(hosts.asked) > 4:
            hosts.dead.add("bella")

    hosts.before = lose
    asked = legs(hosts)
    for _ in range(3):
        assert_same(searched(asked, view), find(view, VECTOR, QUESTION, 10))
    assert hosts.doubted == {"bella"}


def test_searches_wait_until_a_host_is_back(root: Path) -> None:
    hosts, view = HostsHere(HOSTS, root), view_of(root)
    hosts.doubted |= set(HOSTS)
    threading.Timer(0.3, hosts.doubted.clear).start()
    assert_same(searched(legs(hosts), view), find(view, VECTOR, QUESTION, 10))


def test_without_hosts_a_search_fails_and_leaves_nothing_out(root: Path) -> None:
    hosts = HostsHere(HOSTS, root)
    hosts.dead |= set(HOSTS)
    with pytest.raises(IndexUnavailable, match="never left out"):
        searched(legs(hosts, whole_s=0.3), view_of(root))


@pytest.fixture
def slow(root: Path) -> Iterator[tuple[HostsHere, threading.Event]]:
    """One host does not answer until the event is set."""
    hosts, release = HostsHere(HOSTS, root, threads=8), threading.Event()
    hosts.before = lambda host: release.wait(30) if host == "bella" else None
    yield hosts, release
    release.set()


def test_others_are_asked_beside_a_slow_host(root: Path, slow: tuple[HostsHere, threading.Event]) -> None:
    hosts, release = slow
    view, asked = view_of(root, here=0), legs(hosts, hedge_s=0.05, whole_s=60)
    assert_same(searched(asked, view), find(view, VECTOR, QUESTION, 10))
    assert "bella" in {host for host, _ in hosts.asked}
    assert not release.is_set()


def test_slow_hosts_are_asked_twice_about_a_segment_and_no_more(root: Path) -> None:
    """Where all are slow, as under load, asking each again and again would make them slower."""
    hosts, view, release = HostsHere(HOSTS, root, threads=64), view_of(root, here=0), threading.Event()
    hosts.before = lambda host: release.wait(30)
    with pytest.raises(IndexUnavailable):
        searched(legs(hosts, hedge_s=0.05, whole_s=1.0), view)
    release.set()
    asked = [name for _, segments in hosts.asked for name in segments]
    assert max(asked.count(name) for name in asked) == 2


def test_a_slow_host_that_answers_first_counts_once(root: Path) -> None:
    hosts = HostsHere(HOSTS, root, threads=8)
    hosts.before = lambda host: time.sleep(0.02)
    view, asked = view_of(root, here=0), legs(hosts, hedge_s=0.0)
    for _ in range(5):
        assert_same(searched(asked, view), find(view, VECTOR, QUESTION, 10))


def test_a_segment_that_one_host_cannot_open_another_can(root: Path, tmp_path: Path) -> None:
    hosts, view = HostsHere(HOSTS, root), view_of(root)
    hosts.shards["cleo"] = HostsHere(["cleo"], tmp_path).shards["cleo"]
    assert_same(searched(legs(hosts), view), find(view, VECTOR, QUESTION, 10))
    assert not hosts.doubted


def test_a_segment_that_nobody_can_open_is_named(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "segments"
    shutil.copytree(root, copy)
    view = view_of(copy)
    shutil.rmtree(copy / "segment-2")
    with pytest.raises(SegmentMissing) as raised:
        searched(legs(HostsHere(HOSTS, copy)), view)
    assert raised.value.names == ("segment-2",)


def test_when_a_host_goes_only_what_it_held_moves() -> None:
    names = [f"segment-{number}" for number in range(200)]
    before = {name: copies_of(name, HOSTS, 1) for name in names}
    after = {name: copies_of(name, ["anna", "cleo"], 1) for name in names}
    assert {name for name in names if before[name] != after[name]} == {n for n in names if before[n] == ["bella"]}
    assert 40 < sum(before[name] == ["bella"] for name in names) < 95


def test_hosts_have_about_as_many_rows_to_look_through() -> None:
    rows = [(f"segment-{number}", 1 + number * 1000) for number in range(40)]
    chosen = assigned(rows, [HOSTS] * len(rows), 2)
    load = {host: sum(count for (_, count), one in zip(rows, chosen, strict=True) if one == host) for host in HOSTS}
    assert max(load.values()) < 1.25 * min(load.values())
    assert all(host in copies_of(name, HOSTS, 2) for (name, _), host in zip(rows, chosen, strict=True))


@pytest.mark.parametrize("how", ["gone", "written anew"])
def test_search_goes_on_without_segments_that_no_host_can_open(tmp_path: Path, how: str) -> None:
    """A process that has not heard that they were written anew, and one whose files are damaged."""
    store = MemoryStore(MODELS.embedder)
    for number in range(4):
        content = Content("Lease", (f"rent of unit {number}", "fee notice"))
        store.add_version(f"files/{number}.txt", content, frozenset({"group:legal"}), date(2024, 1, 1))
    hosts = HostsHere(HOSTS, tmp_path)
    asked, other = Process(store, tmp_path, MODELS, legs=legs(hosts)), Process(store, tmp_path, MODELS)
    asked.index.publish()
    ana = Principal("ana", frozenset({"legal"}))
    expected = other.search.search_now("rent notice", ana, 5)
    asked.index.view(ana)
    if how == "gone":
        for folder in tmp_path.glob("segment-*"):
            shutil.rmtree(folder)
    else:
        other.index.compact()
    found = asked.search.search_now("rent notice", ana, 5)
    assert (found.hits, found.snapshot) == (expected.hits, expected.snapshot)
    assert len(found.hits) == 5
