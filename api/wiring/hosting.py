"""vLLM as the home of the language model: a server or several, ours or another's, on which adapters come and go."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from api.wiring.adapter_in_use import AdapterInUse, check
from api.wiring.fleet import Fleet, Server
from api.wiring.replica_settings import asked_for, gpus, named
from generation.errors import GenerationError, GeneratorUnavailable
from generation.llm.client import PLAIN, VLLM, Dialect, OpenAIChatModel
from generation.protocols import ChatModel, StateModel
from infra.llm.runtime_adapters import RunningVllm
from infra.llm.unpack import unpacked
from infra.llm.vllm import VllmServer
from infra.models.store import ModelStore
from infra.settings import Settings, SettingsError


class Client(ChatModel, StateModel, Protocol):
    """Of generation.llm: `OpenAIChatModel`, or `PooledChatModel` where several servers serve one model."""

    @property
    def tells_states(self) -> bool: ...

    async def ping(self) -> None: ...

    async def aclose(self) -> None: ...


class Host:
    """A vLLM server, or several that are alike, and how many `Language`s use which adapter there.

    Args:
        model: what the server calls the base model.
        timeout_s: limit for one reply, in seconds.
        dialect: what the server takes beyond the OpenAI protocol.
    """

    def __init__(self, server: Server | Fleet, model: str, timeout_s: float, dialect: Dialect = VLLM) -> None:
        self._server, self._model, self._timeout_s, self._dialect = server, model, timeout_s, dialect
        self._users: Counter[AdapterInUse] = Counter()
        self._loaded: set[AdapterInUse] = set()  # by us; what others have loaded is theirs
        self._lock = threading.Lock()

    @property
    def fleet(self) -> Fleet | None:
        """The servers, where there are several."""
        return self._server if isinstance(self._server, Fleet) else None

    def client(self, adapter: str = "") -> Client:
        """Of the adapter of this name, else of the base model."""
        server = self._server
        if isinstance(server, Fleet):
            return server.client(self._model, adapter, self._timeout_s)
        return OpenAIChatModel(
            server.url, self._model, adapter, server.api_key, timeout_s=self._timeout_s, dialect=self._dialect
        )

    def take(self, adapter: AdapterInUse) -> None:
        """Loads the adapter for its first user. Raises `SettingsError` if its files are not what they should be,
        `GeneratorRejected` or `GeneratorUnavailable`."""
        with self._lock:
            if not self._users[adapter]:
                self._load(adapter)
            self._users[adapter] += 1

    def leave(self, adapter: AdapterInUse) -> None:
        """Unloads the adapter after its last user; if the server cannot be reached, it has lost it anyway."""
        with self._lock:
            self._users[adapter] -= 1
            if not self._users[adapter] and adapter in self._loaded:
                self._loaded.remove(adapter)
                with contextlib.suppress(GenerationError):
                    self._server.unload(adapter.pinned)

    def restore(self) -> None:
        """Loads again what is in use and the server has lost by being started anew. Raises as `take`."""
        with self._lock:
            for adapter, users in self._users.items():
                if users and adapter.path and self._server.has_lost(adapter.pinned):
                    self._load(adapter)

    def _load(self, adapter: AdapterInUse) -> None:
        """Nothing, for one that the server has by its name."""
        check(adapter)
        if adapter.path and self._server.load(adapter.pinned, adapter.path):
            self._loaded.add(adapter)


@contextlib.contextmanager
def hosted(settings: Settings, models: ModelStore, note: Callable[[str], None]) -> Iterator[Host | None]:
    """The vLLM that all `Language`s share, started if it is ours; None: each has a llama.cpp of its own. Raises
    `SettingsError` where several servers are not alike."""
    with contextlib.ExitStack() as stack:
        if settings.llm_url:
            host: Host | None = another_host(settings)
        elif settings.engine == "vllm":
            host = _own_host(settings, own_servers(settings, models, note), stack)
        else:
            host = None
        if host is not None and host.fleet is not None:
            stack.callback(host.fleet.stop)
            host.fleet.start()
        yield host


def _own_host(settings: Settings, servers: Sequence[VllmServer], stack: contextlib.ExitStack) -> Host:
    """Started, all at the same time. Raises `GeneratorUnavailable` where one of them does not start."""
    for server in servers:
        stack.callback(server.stop)
    with ThreadPoolExecutor(len(servers), thread_name_prefix="vllm") as threads:
        list(threads.map(VllmServer.start, servers))
    several = {str(number): server for number, server in enumerate(servers, 1)}
    home = Fleet(several, [settings.generator]) if len(several) > 1 else servers[0]
    return Host(home, settings.generator, settings.llm_timeout_s)


def model_name(settings: Settings) -> str:
    """What the language model is called, by whatever serves it."""
    return settings.llm_model if settings.llm_url else settings.generator


def check_same(wanted: Settings, served: Settings) -> None:
    """Raises `SettingsError` where the one vLLM of this process, which serves what the second say, is not what the
    first want."""
    if not wanted.llm_url and _served(wanted) != _served(served):
        raise SettingsError(
            f"The release needs {wanted.generator} by {wanted.engine}, and this process has {served.generator} by "
            f"{served.engine}: a vLLM is not exchanged while it serves. Start the service again."
        )


def _served(settings: Settings) -> str:
    return settings.generator if settings.engine == "vllm" else ""


def another_host(settings: Settings) -> Host:
    """What FOOTNOTE_LLM_URL names; several are to be started, which asks them. Raises `GeneratorUnavailable` if nothing
    says what to ask for, `SettingsError` for several that nobody could compare."""
    if not settings.llm_model:
        raise GeneratorUnavailable("FOOTNOTE_LLM_URL is set: set FOOTNOTE_LLM_MODEL to a model that it serves.")
    key = settings.llm_api_key.get_secret_value()
    dialect = VLLM if settings.llm_protocol == "vllm" else PLAIN
    running = {name: RunningVllm(address, key) for name, address in named(settings.llm_urls).items()}
    server: Server | Fleet = next(iter(running.values()))
    if len(running) > 1:
        if dialect is not VLLM:
            raise SettingsError(
                "FOOTNOTE_LLM_URL: several servers have to be vLLM (FOOTNOTE_LLM_PROTOCOL=vllm): of others nobody can "
                "tell whether they answer alike. Name one."
            )
        server = Fleet(running, asked_for(settings))
    return Host(server, settings.llm_model, settings.llm_timeout_s, dialect)


def own_servers(settings: Settings, models: ModelStore, note: Callable[[str], None]) -> list[VllmServer]:
    """As many as the settings say, each on its own GPUs. Raises as `own_server`."""
    places = gpus(settings)
    if len(places) == 1:
        return [own_server(settings, models, note, devices=places[0])]
    return [own_server(settings, models, note, devices=place, number=number) for number, place in enumerate(places, 1)]


def own_server(
    settings: Settings, models: ModelStore, note: Callable[[str], None], *, devices: str = "", number: int = 0
) -> VllmServer:
    """A server for the configured model, to be started; of several the one of this `number`. Raises `SettingsError` if
    the model is not there."""
    return VllmServer(
        settings.vllm_python,
        settings.vllm_model or str(_unpacked(settings, models)),
        settings.generator,
        context_tokens=settings.context_tokens,
        log_path=settings.home / "logs" / (f"vllm-{number}.log" if number else "vllm.log"),
        flags=settings.vllm,
        devices=devices,
        note=(lambda text: note(f"{text} (vLLM {number})")) if number else note,
    )


def _unpacked(settings: Settings, models: ModelStore) -> Path:
    name = settings.generator
    if folder := unpacked(models, models.manifest.model(name)):
        return folder
    raise SettingsError(
        f"FOOTNOTE_ENGINE: vLLM needs {name} unpacked. In Footnote's folder: footnote models pull {name} && "
        f"{settings.vllm_python} -m infra.llm.unpack {name}"
    )
