"""Several nodes of a Ray cluster on one machine, as the index is searched over them."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from api.wiring.cluster import shard
from infra.cluster.ray_hosts import RESOURCE, RayHosts
from retrieval.index.cluster.gathering import Gathering, Patience
from retrieval.index.cluster.legs import ClusterLegs


@dataclass
class RayNodes:
    """A Ray cluster on this machine with some nodes that hold segments of a folder, and search over them."""

    cluster: Any
    nodes: list[Any]
    hosts: RayHosts
    legs: ClusterLegs

    @classmethod
    @contextmanager
    def of(cls, count: int, root: Path) -> Iterator[RayNodes]:
        """So many nodes, each segment on two of them."""
        os.environ["RAY_raylet_start_wait_time_s"] = "180"  # noqa: SIM112  read when Ray is imported
        import ray
        from ray.cluster_utils import Cluster

        made: Any = Cluster()
        try:
            made.add_node(num_cpus=0, include_dashboard=False, **_ports())
            nodes = [
                made.add_node(num_cpus=1, resources={RESOURCE: 1}, node_name=f"host{at}", **_ports())
                for at in range(count)
            ]
            hosts = RayHosts(partial(shard, root), address=made.address)
            patience = Patience(copies=min(2, count), whole_s=120)
            try:
                yield cls(made, nodes, hosts, ClusterLegs(Gathering(hosts, patience), threads=1))
            finally:
                hosts.close()
        finally:
            ray.shutdown()
            made.shutdown()

    def kill(self) -> None:
        """The actor of the first node; Ray starts it again."""
        import ray

        ray.kill(self.hosts._actors["host0"], no_restart=False)

    def lose(self) -> None:
        """The last node, as if its machine had gone."""
        self.cluster.remove_node(self.nodes[-1], allow_graceful=False)


def _ports() -> dict[str, int]:
    """Free ones: a node that has to find its own waits for some processes first, and gives up on a busy machine."""
    names = ("metrics_agent_port", "runtime_env_agent_port", "dashboard_agent_listen_port", "metrics_export_port")
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
    found = {name: one.getsockname()[1] for name, one in zip(names, sockets, strict=True)}
    for one in sockets:
        one.close()
    return found
