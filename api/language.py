"""The language model of one process: the server that runs it, the clients on it, and the adapter in use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from api.hosting import Host
from generation.llm import LLAMA_CPP, OpenAIChatModel
from generation.prompts import Prompt, load_prompt
from infra.llm.llama_cpp import LlamaCppServer
from infra.models.manifest import Manifest
from infra.models.store import ModelStore, sha256_of
from infra.postgres.adapters import PostgresAdapters
from infra.settings import Settings, SettingsError

CHECKS = ("judge", "relevance")  # prompts of the gate that an adapter may have learned
CURRENT, NONE = "current", "none"
GGUF, PEFT = "adapter.gguf", "adapter_model.safetensors"
GENERATOR_SLOT, JUDGE_SLOT, RELEVANCE_SLOT, HYDE_SLOT, REPAIR_SLOT = SLOTS = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Release:
    """An adapter as it is used: `path` is its GGUF file for llama.cpp, its folder in PEFT's form for vLLM; `digest`
    is the sha256 (hex) of these weights. Both are empty where another server holds it by its name. `prompts` name those
    of CHECKS that it learned as they are now."""

    name: str
    digest: str = ""
    path: Path | None = None
    prompts: frozenset[str] = frozenset()

    @property
    def pinned(self) -> str:
        """Its name with what the audit record needs to tell it from others of the name."""
        return f"{self.name}@{self.digest[:12]}" if self.digest else self.name


def release(settings: Settings, models: ModelStore, adapters: Callable[[], PostgresAdapters]) -> Release | None:
    """The adapter that FOOTNOTE_ADAPTER names: "current" is the promoted one, else the one that comes with Footnote
    for the generator. Raises a foreseen error if there is none, or if it is another generator's. Its weights are looked
    at when it is loaded, not here: a running service asks every few seconds.

    At another server it is loaded if it is a release for FOOTNOTE_LLM_MODEL; else that server has it by its name.
    """
    name = "" if settings.adapter == NONE else settings.adapter
    if not name:
        return None
    base, file = _base(settings, models.manifest), GGUF if _in_llama_cpp(settings) else PEFT
    shipped = models.manifest.adapter(base)
    if shipped and file not in {known.path for known in shipped.files}:
        shipped = None
    if name == CURRENT:
        found = adapters().current(base) or shipped
        if found is None:
            return None
        name = found.name
    if shipped and name == shipped.name:
        return _release(name, shipped.file(file).sha256, models.path(name) / file, shipped.prompts)
    if settings.llm_url and name not in {adapter.name for adapter in adapters().all()}:
        return Release(name)
    adapter = adapters().named(name)
    if adapter.base != base:
        raise SettingsError(f"FOOTNOTE_ADAPTER: {name} was trained on {adapter.base}, not on {base}.")
    digest = adapter.gguf_sha256 if file == GGUF else adapter.peft_sha256
    return _release(name, digest, settings.home / "adapters" / name / file, adapter.config.get("prompts", {}))


def check(adapter: Release) -> None:
    """Raises `SettingsError` unless the weights are the bytes that they should be."""
    if adapter.path is None:
        return
    weights = adapter.path / PEFT if adapter.path.is_dir() else adapter.path
    if not weights.is_file() or sha256_of(weights) != adapter.digest:
        raise SettingsError(f"FOOTNOTE_ADAPTER: {weights} is missing or damaged. Add the adapter again.")


def _release(name: str, digest: str, weights: Path, prompts: Mapping[str, str]) -> Release:
    learned = frozenset(prompt for prompt in CHECKS if prompts.get(prompt) == load_prompt(prompt).digest)
    return Release(name, digest, weights if weights.name == GGUF else weights.parent, learned)


def _base(settings: Settings, manifest: Manifest) -> str:
    """The model that adapters are for. One that is not in the manifest has no releases."""
    if settings.llm_url:
        return settings.llm_model
    return settings.generator if settings.vllm_model else manifest.model(settings.generator).name


def _in_llama_cpp(settings: Settings) -> bool:
    return settings.engine == "llama.cpp" and not settings.llm_url


class Language:
    """One base model and at most one adapter, for good: another adapter is another `Language`.

    Args:
        gguf: finds the base model's file for llama.cpp.
        adapter: what the generator answers with, and what is asked with the other prompts that it learned; all else
            is the base model's.
        host: where vLLM serves the base model; None for a llama.cpp server of its own.
    """

    def __init__(
        self,
        settings: Settings,
        gguf: Callable[[], Path],
        adapter: Release | None,
        note: Callable[[str], None],
        host: Host | None = None,
    ) -> None:
        self.adapter = adapter
        self._settings, self._gguf, self._note, self._host = settings, gguf, note, host
        self._turn = asyncio.Lock()
        self._server: LlamaCppServer | None = None
        self._models: dict[int, OpenAIChatModel] = {}
        self._stack = ExitStack()

    def start(self) -> None:
        """Starts llama.cpp, or has the host load the adapter. Raises `GeneratorUnavailable`, `GeneratorRejected`, or
        `SettingsError` for an adapter that is missing or damaged."""
        if self.adapter:
            check(self.adapter)
        if self._host is None:
            self._server = self._llama_cpp()
        elif self.adapter and self.adapter.path:
            self._host.take(self.adapter.pinned, self.adapter.path)

    def _llama_cpp(self) -> LlamaCppServer:
        settings = self._settings
        server = LlamaCppServer(
            self._gguf(),
            lora_path=self.adapter.path if self.adapter else None,
            program=settings.llama_server,
            context_tokens=settings.context_tokens,
            threads=settings.threads,
            parallel=len(SLOTS),
            log_path=settings.home / "logs" / "llama.log",
            note=self._note,
        )
        server.start()
        self._stack.callback(server.stop)
        return server

    def close(self) -> None:
        """Ends its llama.cpp, if it has one. May be called twice."""
        self._stack.close()

    def retire(self) -> None:
        """Another `Language` has long been in its place: ends its llama.cpp, or has the host unload the adapter."""
        self.close()
        if self._host and self.adapter and self.adapter.path:
            self._host.leave(self.adapter.pinned)

    @property
    def prompt(self) -> Prompt:
        """What the generator is told: an adapter has learned without examples, a base model needs some."""
        return load_prompt("cited" if self.adapter else "answer")

    def generator(self) -> OpenAIChatModel:
        return self._model(GENERATOR_SLOT, self.adapter)

    def checker(self, slot: int, prompt: str) -> OpenAIChatModel:
        """The adapter if it learned this prompt, else the model without it."""
        learned = self.adapter is not None and prompt in self.adapter.prompts
        return self._model(slot, self.adapter if learned else None)

    def base(self, slot: int) -> OpenAIChatModel:
        """The model without its adapter."""
        return self._model(slot, None)

    def _model(self, slot: int, adapter: Release | None) -> OpenAIChatModel:
        if slot not in self._models:
            self._models[slot] = self._client(slot, adapter)
        return self._models[slot]

    def _client(self, slot: int, adapter: Release | None) -> OpenAIChatModel:
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
            dialect=LLAMA_CPP,
            id_slot=slot,
            lora_scale=(1.0 if adapter else 0.0) if self.adapter else None,
            turn=self._turn,
        )
