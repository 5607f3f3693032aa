"""Hosts of the index on a Ray cluster: one actor on each living node that offers the resource `footnote_shard`."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from typing import Any, Protocol

from retrieval.errors import HostLost, IndexUnavailable, SegmentMissing
from retrieval.protocols import Sight

RESOURCE = "footnote_shard"
_NAMESPACE = "footnote"
_LOOK_S = 1.0
_PING_S = 5.0
_AT_ONCE = 8  # requests that an actor works on

log = logging.getLogger(__name__)


class Shard(Protocol):
    def ask(self, sights: Sequence[Sight], request: Any) -> Any: ...


class _Actor:
    """What runs on a node. A missing segment is a reply: whoever asks tells it from a node that is gone."""

    def __init__(self, made: Callable[[], Shard]) -> None:
        self._shard = made()

    def ask(self, sights: Sequence[Sight], request: object) -> Any:
        try:
            return self._shard.ask(sights, request)
        except SegmentMissing as error:
            return _Missing(str(error), error.names)

    def ping(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Missing:
    reason: str
    names: tuple[str, ...]


class RayHosts:
    """`retrieval.index.cluster.protocols.Hosts`. A node that comes is used, and one that goes is not, within some
    seconds; a search that asked a lost one asks others meanwhile.

    `shard` makes what a node runs; it is sent there, and Footnote is installed there too. `address`: of the cluster,
    "auto" for the one that this machine is a node of. `name`: of these actors, which all processes that search the same
    index share. Raises `IndexUnavailable` where there is no cluster.
    """

    def __init__(self, shard: Callable[[], Shard], *, address: str = "auto", name: str = "index") -> None:
        import ray

        self._ray: Any = ray
        self._shard, self._name = shard, name
        self._lock = threading.Lock()
        self._actors: dict[str, Any] = {}
        self._doubted: set[str] = set()
        self._stop = threading.Event()
        if not ray.is_initialized():
            try:
                ray.init(address=address, namespace=_NAMESPACE, log_to_driver=False, configure_logging=False)
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise IndexUnavailable(
                    f"There is no Ray cluster at {address}: {error}.",
                    hint="Start a node on this machine: `ray start --address=HEAD:6379`, see docs/cluster.md.",
                ) from error
        self._look()
        self._thread = threading.Thread(target=self._follow, name="footnote-hosts", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops looking for nodes; the actors stay for others."""
        self._stop.set()
        self._thread.join()

    def living(self) -> Sequence[str]:
        with self._lock:
            return sorted(self._actors.keys() - self._doubted)

    def doubt(self, host: str) -> None:
        with self._lock:
            self._doubted.add(host)

    def ask(self, host: str, sights: Sequence[Sight], request: object) -> Future[Any]:
        reply = Future[Any]()
        with self._lock:
            actor = self._actors.get(host)
        if actor is None:
            reply.set_exception(HostLost(f"The node {host} is gone."))
            return reply

        def told(done: Future[Any]) -> None:
            error = done.exception()
            if error is not None:
                reply.set_exception(self._lost(host, error))
            elif isinstance(found := done.result(), _Missing):
                reply.set_exception(SegmentMissing(found.reason, found.names))
            else:
                reply.set_result(found)

        try:
            actor.ask.remote(list(sights), request).future().add_done_callback(told)
        except self._ray.exceptions.RayError as error:
            reply.set_exception(self._lost(host, error))
        return reply

    def _lost(self, host: str, error: BaseException) -> BaseException:
        """An error of the program itself stays what it is."""
        gone = self._ray.exceptions.RayError
        if isinstance(error, gone) and not isinstance(error, self._ray.exceptions.RayTaskError):
            return HostLost(f"The node {host} does not answer: {type(error).__name__}.")
        return error

    def _follow(self) -> None:
        while not self._stop.wait(_LOOK_S):
            try:
                self._look()
            except Exception:  # noqa: BLE001  the cluster's head may be away for a while
                log.warning("The nodes of the cluster cannot be listed now.")

    def _look(self) -> None:
        """Which nodes there are, and an actor on each; those in doubt are asked whether they answer again."""
        nodes = {name: node for name, node in self._nodes().items() if node["Resources"].get(RESOURCE, 0) > 0}
        with self._lock:
            known = dict(self._actors)
        actors = {name: known.get(name) or self._actor(node["NodeID"]) for name, node in nodes.items()}
        with self._lock:
            self._actors = actors
            doubted = self._doubted & actors.keys()
        back = {host for host in doubted if self._answers(actors[host])}
        with self._lock:
            self._doubted = (self._doubted & actors.keys()) - back

    def _nodes(self) -> dict[str, Any]:
        """Living nodes by name; those that share one by their id."""
        living = [node for node in self._ray.nodes() if node["Alive"]]
        names = Counter(node["NodeName"] for node in living)
        return {node["NodeName"] if names[node["NodeName"]] == 1 else node["NodeID"]: node for node in living}

    def _actor(self, node: str) -> Any:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        return (
            self._ray.remote(_Actor)
            .options(
                name=f"footnote-{self._name}-{node}",
                namespace=_NAMESPACE,
                get_if_exists=True,
                lifetime="detached",
                max_restarts=-1,
                max_concurrency=_AT_ONCE,
                num_cpus=0,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node_id=node, soft=False),
            )
            .remote(self._shard)
        )

    def _answers(self, actor: Any) -> bool:
        try:
            actor.ping.remote().future().result(timeout=_PING_S)
        except (self._ray.exceptions.RayError, Late):
            return False
        return True
