"""The language model of one process: the server that runs it, the clients on it, and the adapter in use."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path

from api.wiring.adapter_in_use import AdapterInUse, check
from api.wiring.hosting import Client, Host
from generation.llm.client import LLAMA_CPP, OpenAIChatModel
from generation.llm.client import OPENVINO as OPENVINO_DIALECT
from generation.prompts import ANSWER, CITED, Prompt, load_prompt
from infra.llm.llama_cpp import LlamaCppServer
from infra.llm.openvino import OpenVinoServer, available
from infra.llm.server import ModelServer
from infra.models.store import default_cache_dir, sha256_of
from infra.settings import Settings, SettingsError

GENERATOR_SLOT, JUDGE_SLOT, RELEVANCE_SLOT, HYDE_SLOT = SLOTS = (0, 1, 2, 3)
OPENVINO, LLAMA_CPP_ENGINE = "openvino", "llama.cpp"


def own_engine(settings: Settings, adapter: AdapterInUse | None) -> str:
    """What a server of our own computes with. "auto" is OpenVINO where it is installed, and llama.cpp where it is not,
    for an adapter, which OpenVINO does not take, and for a llama-server that the operator names. Raises `SettingsError`
    for OpenVINO where it cannot be."""
    if settings.engine == "auto":
        return LLAMA_CPP_ENGINE if adapter or settings.llama_server or not available() else OPENVINO
    if settings.engine == OPENVINO and adapter:
        raise SettingsError(
            f"FOOTNOTE_ENGINE: openvino takes no adapter, and {adapter.name} is one. Set FOOTNOTE_ENGINE=auto or "
            "llama.cpp, or FOOTNOTE_ADAPTER=none."
        )
    if settings.engine == OPENVINO and not available():
        raise SettingsError("FOOTNOTE_ENGINE: openvino has no package for this machine. Set FOOTNOTE_ENGINE=auto.")
    return settings.engine


def prompt_of(adapter: AdapterInUse | None) -> Prompt:
    """What the generator is told: an adapter has learned without examples, a base model needs some."""
    return load_prompt(CITED if adapter else ANSWER)


class Language:
    """One base model and at most one adapter, for good: another adapter is another `Language`.

    Args:
        gguf: finds the base model's file.
        adapter: what the generator answers with; all else is asked of the base model.
        host: where vLLM serves the base model; None for a server of its own.
    """

    def __init__(
        self,
        settings: Settings,
        gguf: Callable[[], Path],
        adapter: AdapterInUse | None,
        note: Callable[[str], None],
        host: Host | None = None,
    ) -> None:
        self.adapter = adapter
        self._settings, self._gguf, self._note, self._host = settings, gguf, note, host
        self._turn = asyncio.Lock()
        self._server: ModelServer | None = None
        self._models: dict[int, Client] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stack = ExitStack()
        self._counting, self._closing = threading.Lock(), threading.Lock()
        self._users, self._retired = 0, False

    @property
    def engine(self) -> str:
        """Of a server of its own: `OPENVINO` or `LLAMA_CPP_ENGINE`."""
        return own_engine(self._settings, self.adapter)

    @cached_property
    def weights(self) -> str:
        """sha256 of the base model's file; "" where another serves it."""
        return sha256_of(self._gguf()) if self._host is None else ""

    def start(self) -> None:
        """Starts the engine, or has the host load the adapter. Raises `GeneratorUnavailable`, `GeneratorRejected`, or
        `SettingsError` for an adapter that is missing or damaged."""
        if self._host is None:
            if self.adapter:
                check(self.adapter)
            self._server = self._openvino() if self.engine == OPENVINO else self._llama_cpp()
            self._server.start()
            self._stack.callback(self._server.stop)
        elif self.adapter:
            self._host.take(self.adapter)
            self._stack.callback(self._host.leave, self.adapter)

    def _llama_cpp(self) -> LlamaCppServer:
        settings = self._settings
        return LlamaCppServer(
            self._gguf(),
            lora_path=self.adapter.path if self.adapter else None,
            program=settings.llama_server,
            context_tokens=settings.context_tokens,
            threads=settings.threads,
            parallel=len(SLOTS),
            log_path=settings.home / "logs" / "llama.log",
            note=self._note,
        )

    def _openvino(self) -> OpenVinoServer:
        settings = self._settings
        return OpenVinoServer(
            self._gguf(),
            self.weights,
            cache=default_cache_dir() / "openvino",
            context_tokens=settings.context_tokens,
            threads=settings.threads,
            log_path=settings.home / "logs" / "openvino.log",
            note=self._note,
        )

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """For a whole answer, in the event loop that asks, if anything is asked: until it is left, a retired `Language`
        stays."""
        with suppress(RuntimeError):
            self._loop = asyncio.get_running_loop()
        with self._counting:
            self._users += 1
        try:
            yield
        finally:
            with self._counting:
                self._users -= 1
                last = self._retired and not self._users
            if last:  # in a thread: a server takes its time to end, and the event loop has others to serve
                threading.Thread(target=self.close, name="footnote-retired", daemon=True).start()

    def retire(self) -> None:
        """Another `Language` is in its place: closes it after the last answer under way, at once if there is none."""
        with self._counting:
            self._retired = True
            unused = not self._users
        if unused:
            self.close()

    def close(self) -> None:
        """Ends its connections, and its llama.cpp, or has the host unload the adapter. May be called twice."""
        with self._closing:
            if self._loop and self._loop.is_running():  # the only one that may close them
                for model in list(self._models.values()):
                    asyncio.run_coroutine_threadsafe(model.aclose(), self._loop)
            self._stack.close()

    @property
    def prompt(self) -> Prompt:
        return prompt_of(self.adapter)

    def generator(self) -> Client:
        return self._model(GENERATOR_SLOT, self.adapter)

    def base(self, slot: int) -> Client:
        """The model without its adapter."""
        return self._model(slot, None)

    def _model(self, slot: int, adapter: AdapterInUse | None) -> Client:
        if slot not in self._models:
            self._models[slot] = self._client(slot, adapter)
        return self._models[slot]

    def _client(self, slot: int, adapter: AdapterInUse | None) -> Client:
        if self._host is not None:
            return self._host.client(adapter.pinned if adapter else "")
        if self._server is None:
            raise RuntimeError("a Language is started before it is asked")
        return OpenAIChatModel(
            self._server.url,
            self._settings.generator,
            adapter.pinned if adapter else "",
            self._server.api_key,
            timeout_s=self._settings.llm_timeout_s,
            dialect=OPENVINO_DIALECT if self.engine == OPENVINO else LLAMA_CPP,
            id_slot=slot,
            lora_scale=(1.0 if adapter else 0.0) if self.adapter else None,
            turn=self._turn,
        )
