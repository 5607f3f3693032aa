"""Several vLLM servers of one model: that they are alike, have the adapters in use, and which of them answer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Protocol

from api.wiring.background import Background
from generation.errors import GenerationError, GeneratorRejected, GeneratorUnavailable
from generation.llm.client import VLLM
from generation.llm.pooled import PooledChatModel
from generation.llm.replicas import Load, Outcome, Replica, Replicas, State
from infra.llm.runtime_adapters import RunningVllm, Served
from infra.settings import SettingsError
from ingest.errors import FootnoteError

log = logging.getLogger("footnote")

LOOK_S = 1.0
_MISSES = 2  # looks in a row that may go unanswered; a connection that is refused may not


class Server(Protocol):
    """Of infra.llm: `VllmServer`, `RunningVllm`."""

    @property
    def url(self) -> str: ...

    @property
    def api_key(self) -> str: ...

    def load(self, name: str, folder: Path) -> bool: ...

    def unload(self, name: str) -> None: ...

    def has_lost(self, name: str) -> bool: ...


class Fleet:
    """Loads and unloads adapters at several servers as `Server` does at one.

    Args:
        servers: by the names that they have in logs and metrics.
        asked_for: what they have to serve alike: the base model, and an adapter that they hold by its name.
        every: seconds between two looks at a server.
    """

    def __init__(self, servers: Mapping[str, Server], asked_for: Sequence[str], *, every: float = LOOK_S) -> None:
        self._servers = {Replica(name, server.url, server.api_key): server for name, server in servers.items()}
        self.replicas = Replicas(tuple(self._servers), changed=_changed, ended=_ended)
        self._asked_for = asked_for
        self._alike: Served | None = None
        self._adapters: dict[str, Path] = {}
        self._ours: set[tuple[Replica, str]] = set()  # adapters that were not there before us
        self._misses: dict[Replica, int] = {}
        self._lock = threading.RLock()
        self._looking = [
            Background("footnote-replica", partial(self.look, replica), "A server was not looked at", every=every)
            for replica in self._servers
        ]

    def start(self) -> None:
        """Asks each what it is, and looks after them from now on. Raises `SettingsError` where two are not alike or one
        is not what it should be; what cannot be reached is left out."""
        found = compared(list(self._servers), self._asked_for)
        self._alike = agreed(found)
        for replica, told in found.items():
            if isinstance(told, Served):
                self.replicas.back(replica)
            else:
                self.replicas.leave_out(replica, told)
                _changed(replica, told)
        for background in self._looking:
            background.start()

    def stop(self) -> None:
        with ThreadPoolExecutor(len(self._looking)) as threads:
            list(threads.map(Background.stop, self._looking))

    def client(self, model: str, adapter: str, timeout_s: float) -> PooledChatModel:
        return PooledChatModel(
            self.replicas, model, adapter, timeout_s=timeout_s, dialect=VLLM, alike=self._computes_alike
        )

    # Adapters, as at one server

    def load(self, name: str, folder: Path) -> bool:
        """To each that answers; the others get it when they are back. Raises `GeneratorRejected` where one does not
        take it, `GeneratorUnavailable` where none is there."""
        with self._lock:
            self._adapters[name] = folder
            try:
                for replica in self.replicas.there:
                    self._give(replica, name, folder)
                self.replicas.choose()
            except GenerationError:
                self.unload(name)
                raise
        return True

    def unload(self, name: str) -> None:
        """From each that had it from us."""
        with self._lock:
            self._adapters.pop(name, None)
            for replica in [one for one, known in self._ours if known == name]:
                self._ours.discard((replica, name))
                try:
                    self._servers[replica].unload(name)
                except GeneratorUnavailable as error:
                    self.replicas.leave_out(replica, error)

    def has_lost(self, name: str) -> bool:
        """Whether one that is asked lacks it."""
        return any(self._lacks(replica, name) for replica in self.replicas.there)

    def _lacks(self, replica: Replica, name: str) -> bool:
        try:
            return self._servers[replica].has_lost(name)
        except GeneratorUnavailable as error:
            self.replicas.leave_out(replica, error)
            return False

    def _give(self, replica: Replica, name: str, folder: Path) -> None:
        try:
            if self._servers[replica].load(name, folder):
                self._ours.add((replica, name))
        except GeneratorUnavailable as error:
            self.replicas.leave_out(replica, error)

    # Looking after them

    def look(self, replica: Replica) -> None:
        """At one: how much it has to do, or, if it is left out and its time has come, whether it is back."""
        if replica.state is State.IN:
            try:
                self._hear(replica)
            except GeneratorUnavailable as error:
                self._misses[replica] = self._misses.get(replica, 0) + 1
                if self._misses[replica] >= _MISSES or not _timed_out(error):
                    self.replicas.leave_out(replica, error)
            except (GeneratorRejected, SettingsError) as error:
                self.replicas.leave_out(replica, _of_the_service(error), State.OTHER)
            else:
                self._misses[replica] = 0
        elif self.replicas.due(replica):
            try:
                self._let_in(replica)
            except GeneratorUnavailable as error:
                self.replicas.leave_out(replica, error)
            except (GenerationError, SettingsError) as error:
                self.replicas.leave_out(replica, _of_the_service(error), State.OTHER)

    def _hear(self, replica: Replica) -> None:
        running = RunningVllm(replica.url, replica.api_key)
        cards = running.cards(self._asked_for)
        if self._alike is not None and cards != self._alike.cards:
            raise _differs(replica, _listed(cards), _listed(self._alike.cards))
        told = running.load_now()
        self.replicas.hears(replica, Load(*told) if told else None)

    def _let_in(self, replica: Replica) -> None:
        """It has to be what the others are, and gets what they have. Raises `GenerationError`, `SettingsError`."""
        found = RunningVllm(replica.url, replica.api_key).examined(self._asked_for)
        with self._lock:
            self._alike = self._alike or found
            if found != self._alike:
                raise _differs(replica, _words(found), _words(self._alike))
            for name, folder in self._adapters.items():
                if self._servers[replica].load(name, folder):
                    self._ours.add((replica, name))
            self._misses[replica] = 0
            self.replicas.back(replica)

    def _computes_alike(self, replica: Replica, fingerprint: str) -> None:
        """Of a reply that has ended: the server may have been started anew as something else since it was looked at."""
        if self._alike and fingerprint.startswith("vllm-") and fingerprint != self._alike.computes:
            self.replicas.leave_out(replica, _differs(replica, fingerprint, self._alike.computes), State.OTHER)

    # What it tells of itself

    def up(self) -> Mapping[tuple[str, ...], float]:
        """By name: 1 where it is asked, 0 where it is left out."""
        return {(replica.name,): float(replica.state is State.IN) for replica in self.replicas.all}

    def requests(self) -> Mapping[tuple[str, ...], float]:
        """By name: own ones under way, and what the server tells."""
        found: dict[tuple[str, ...], float] = {}
        for replica in self.replicas.all:
            found[replica.name, "own"] = replica.under_way
            if (told := replica.told) is not None and replica.state is State.IN:
                found[replica.name, "running"], found[replica.name, "waiting"] = told.running, told.waiting
        return found

    def replies(self) -> Mapping[tuple[str, ...], float]:
        """By name and what became of them, since the start."""
        return {(replica.name, str(one)): n for (replica, one), n in dict(self.replicas.outcomes).items()}


def compared(replicas: Sequence[Replica], asked_for: Sequence[str]) -> dict[Replica, Served | GeneratorUnavailable]:
    """What each says it is, all asked at the same time. Raises `SettingsError` for one that is not what was asked
    for."""

    def asked(replica: Replica) -> Served | GenerationError:
        try:
            return RunningVllm(replica.url, replica.api_key).examined(asked_for)
        except GenerationError as error:
            return error

    found: dict[Replica, Served | GeneratorUnavailable] = {}
    with ThreadPoolExecutor(len(replicas), thread_name_prefix="replica") as threads:
        for replica, told in zip(replicas, threads.map(asked, replicas), strict=True):
            if isinstance(told, GenerationError) and not isinstance(told, GeneratorUnavailable):
                raise SettingsError(f"FOOTNOTE_LLM_URL: {replica.name} cannot be one of {len(replicas)}: {told}")
            found[replica] = told
    return found


def agreed(found: Mapping[Replica, Served | GeneratorUnavailable]) -> Served | None:
    """What all that answered are; None where none did. Raises `SettingsError` where two are not alike."""
    told = {replica: one for replica, one in found.items() if isinstance(one, Served)}
    if len(set(told.values())) > 1:
        each = "; ".join(f"{replica.name} is {_words(one)}" for replica, one in told.items())
        raise SettingsError(
            f"FOOTNOTE_LLM_URL: the servers are not alike, and would answer the same question differently: {each}. "
            "Start all with the same model, adapters, flags and version of vLLM, or name one."
        )
    return next(iter(told.values()), None)


def _words(served: Served) -> str:
    return f"{_listed(served.cards)} by {served.computes}"


def _listed(cards: Sequence[tuple[str, str, str, int]]) -> str:
    return ", ".join(
        f"{name} = {root}{f' on {parent}' if parent else ''}{f' ({most} tokens)' if most else ''}"
        for name, root, parent, most in cards
    )


def _differs(replica: Replica, found: str, wanted: str) -> SettingsError:
    return SettingsError(f"The language model server {replica.name} is not as the others: {found}, not {wanted}.")


def _of_the_service(error: FootnoteError) -> SettingsError:
    """What a server says of itself, which the log may repeat."""
    return error if isinstance(error, SettingsError) else SettingsError(str(error))


def _timed_out(error: GenerationError) -> bool:
    return "Timeout" in type(error.__cause__).__name__


def _changed(replica: Replica, error: FootnoteError | None) -> None:
    name = replica.name
    if error is None:
        log.info("The language model server %s is asked.", name)
    else:
        log.warning("The language model server %s is left out and tried again: %s", name, error)


def _ended(replica: Replica, outcome: Outcome) -> None:
    name = replica.name
    log.debug("A request to the language model server %s has ended.", name, extra={"outcome": str(outcome)})
