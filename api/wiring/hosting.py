"""vLLM as the home of the language model: one server, ours or another's, on which adapters come and go."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from api.wiring.adapter_in_use import AdapterInUse, check
from generation.errors import GenerationError, GeneratorUnavailable
from generation.llm.client import PLAIN, VLLM, Dialect, OpenAIChatModel
from infra.llm.runtime_adapters import RunningVllm
from infra.llm.unpack import unpacked
from infra.llm.vllm import VllmServer
from infra.models.store import ModelStore
from infra.settings import Settings, SettingsError


class Server(Protocol):
    """Of infra.llm: `VllmServer`, `RunningVllm`."""

    @property
    def url(self) -> str: ...

    @property
    def api_key(self) -> str: ...

    def load(self, name: str, folder: Path) -> bool: ...

    def unload(self, name: str) -> None: ...

    def has_lost(self, name: str) -> bool: ...


class Host:
    """A vLLM server, and how many `Language`s use which adapter on it.

    Args:
        model: what the server calls the base model.
        timeout_s: limit for one reply, in seconds.
        dialect: what the server takes beyond the OpenAI protocol.
    """

    def __init__(self, server: Server, model: str, timeout_s: float, dialect: Dialect = VLLM) -> None:
        self._server, self._model, self._timeout_s, self._dialect = server, model, timeout_s, dialect
        self._users: Counter[AdapterInUse] = Counter()
        self._loaded: set[AdapterInUse] = set()  # by us; what others have loaded is theirs
        self._lock = threading.Lock()

    def client(self, adapter: str = "") -> OpenAIChatModel:
        """Of the adapter of this name, else of the base model."""
        server = self._server
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
    """The vLLM server that all `Language`s share, started if it is ours; None: each has a llama.cpp of its own."""
    if settings.llm_url:
        yield another_host(settings)
    elif settings.engine == "vllm":
        server = own_server(settings, models, note)
        try:
            server.start()
            yield Host(server, settings.generator, settings.llm_timeout_s)
        finally:
            server.stop()
    else:
        yield None


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
    """The server that FOOTNOTE_LLM_URL names. Raises `GeneratorUnavailable` if nothing says what to ask it for."""
    if not settings.llm_model:
        raise GeneratorUnavailable("FOOTNOTE_LLM_URL is set: set FOOTNOTE_LLM_MODEL to a model that it serves.")
    running = RunningVllm(settings.llm_url, settings.llm_api_key.get_secret_value())
    dialect = VLLM if settings.llm_protocol == "vllm" else PLAIN
    return Host(running, settings.llm_model, settings.llm_timeout_s, dialect)


def own_server(settings: Settings, models: ModelStore, note: Callable[[str], None]) -> VllmServer:
    """A server for the configured model, to be started. Raises `SettingsError` if the model is not there."""
    return VllmServer(
        settings.vllm_python,
        settings.vllm_model or str(_unpacked(settings, models)),
        settings.generator,
        context_tokens=settings.context_tokens,
        log_path=settings.home / "logs" / "vllm.log",
        flags=settings.vllm,
        note=note,
    )


def _unpacked(settings: Settings, models: ModelStore) -> Path:
    name = settings.generator
    if folder := unpacked(models, models.manifest.model(name)):
        return folder
    raise SettingsError(
        f"FOOTNOTE_ENGINE: vLLM needs {name} unpacked. In Footnote's folder: footnote models pull {name} && "
        f"{settings.vllm_python} -m infra.llm.unpack {name}"
    )
