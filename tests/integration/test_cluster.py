"""The index on two nodes of a real Ray cluster: what one process finds, also while an actor or a node is lost."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.wiring.cluster import shard
from infra.cluster.ray_hosts import RESOURCE, RayHosts
from retrieval.errors import IndexUnavailable
from retrieval.index.cluster.gathering import Gathering, Patience
from retrieval.index.cluster.legs import ClusterLegs
from retrieval.index.find import find
from tests.hosts import QUESTION, VECTOR, assert_same, published, searched, view_of

_TRIES = 3  # to start the nodes on a busy machine


@dataclass
class Nodes:
    cluster: Any
    hosts: RayHosts
    root: Path
    running: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str) -> None:
        node = self.cluster.add_node(num_cpus=1, resources={RESOURCE: 1}, node_name=name, **ports())
        self.running[name] = node

    def lose(self, name: str) -> None:
        self.cluster.remove_node(self.running.pop(name), allow_graceful=False)

    def legs(self, **patience: Any) -> ClusterLegs:
        return ClusterLegs(Gathering(self.hosts, Patience(**patience)), threads=1)


def ports() -> dict[str, int]:
    """Free ones: a node that has to find its own waits for some processes first, and gives up on a busy machine."""
    names = ("metrics_agent_port", "runtime_env_agent_port", "dashboard_agent_listen_port", "metrics_export_port")
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
    found = {name: one.getsockname()[1] for name, one in zip(names, sockets, strict=True)}
    for one in sockets:
        one.close()
    return found


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    os.environ["RAY_raylet_start_wait_time_s"] = "180"  # noqa: SIM112  read when Ray is imported
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    root = published(tmp_path_factory.mktemp("segments"))
    for last in reversed(range(_TRIES)):
        cluster = Cluster()
        try:
            cluster.add_node(num_cpus=0, include_dashboard=False, **ports())
            made = Nodes(cluster, None, root)  # type: ignore[arg-type]
            for name in ("anna", "bella"):
                made.add(name)
            break
        except Exception:
            cluster.shutdown()
            if not last:
                raise
    made.hosts = RayHosts(partial(shard, root), address=cluster.address)
    try:
        yield made
    finally:
        made.hosts.close()
        ray.shutdown()
        cluster.shutdown()


def until(holds: Any, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.timeout(600)
def test_two_nodes_find_what_one_process_finds(nodes: Nodes) -> None:
    assert nodes.hosts.living() == ["anna", "bella"]
    for seed in range(10):
        view, legs = view_of(nodes.root, seed), nodes.legs(whole_s=120)
        for k in (1, 10, 500):
            assert_same(searched(legs, view, k), find(view, VECTOR, QUESTION, k))
        assert legs.languages(view) == view.languages


@pytest.mark.timeout(600)
def test_searches_go_on_while_an_actor_and_then_a_node_is_lost(nodes: Nodes) -> None:
    """Each search is right or waits; none is lost. What is lost is there again in the end."""
    ray = pytest.importorskip("ray")
    legs = nodes.legs(whole_s=120)
    views = [view_of(nodes.root, seed) for seed in range(5)]
    expected = [find(view, VECTOR, QUESTION, 10) for view in views]
    searches, wrong, over = [0], list[Exception](), threading.Event()

    def search() -> None:
        while not over.is_set():
            at = searches[0] % len(views)
            try:
                assert_same(searched(legs, views[at]), expected[at])
            except Exception as error:  # noqa: BLE001  told at the end
                wrong.append(error)
                return
            searches[0] += 1

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        until(lambda: searches[0] > 20)
        ray.kill(nodes.hosts._actors["anna"], no_restart=False)
        seen = searches[0]
        until(lambda: searches[0] > seen + 20)
        nodes.lose("bella")
        until(lambda: nodes.hosts.living() == ["anna"])
        seen = searches[0]
        until(lambda: searches[0] > seen + 20)
        nodes.add("bella")
        until(lambda: nodes.hosts.living() == ["anna", "bella"])
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not wrong


def test_where_there_is_no_cluster_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    monkeypatch.setattr("ray.is_initialized", lambda: False)
    monkeypatch.setattr("ray.init", lambda **_: (_ for _ in ()).throw(ConnectionError("refused")))
    with pytest.raises(IndexUnavailable, match=r"no Ray cluster at 127\.0\.0\.1:1"):
        RayHosts(partial(shard, Path("nowhere")), address="127.0.0.1:1")
