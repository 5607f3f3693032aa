"""The language model of one process: the server that runs it, the clients on it, and the adapter in use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from generation.errors import GeneratorUnavailable
from generation.llm import LLAMA_CPP, VLLM, OpenAIChatModel
from generation.prompts import Prompt, load_prompt
from infra.llm.llama_cpp import LlamaCppServer
from infra.models.store import ModelStore, sha256_of
from infra.postgres.adapters import PostgresAdapters
from infra.settings import Settings, SettingsError

CURRENT, NONE, FILE = "current", "none", "adapter.gguf"
GENERATOR_SLOT, JUDGE_SLOT, RELEVANCE_SLOT, HYDE_SLOT, REPAIR_SLOT = SLOTS = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Release:
    """An adapter as it is used: `digest` (sha256, hex) of its GGUF form at `gguf`; both empty where another server
    holds it by its name."""

    name: str
    digest: str = ""
    gguf: Path | None = None

    @property
    def pinned(self) -> str:
        """Its name with what the audit record needs to tell it from others of the name."""
        return f"{self.name}@{self.digest[:12]}" if self.digest else self.name


def release(settings: Settings, models: ModelStore, adapters: Callable[[], PostgresAdapters]) -> Release | None:
    """The adapter that FOOTNOTE_ADAPTER names: "current" is the promoted one, else the one that comes with Footnote
    for the generator. Raises a foreseen error if it is not here, damaged, or another generator's."""
    name = "" if settings.adapter == NONE else settings.adapter
    if settings.llm_url or not name:
        return Release(name) if name else None
    base = models.manifest.model(settings.generator).name
    shipped = models.manifest.adapter(base)
    if name == CURRENT:
        promoted = adapters().current(base)
        found = promoted or shipped
        if found is None:
            return None
        name = found.name
    if shipped and name == shipped.name:
        return Release(name, shipped.file(FILE).sha256, models.path(name) / FILE)
    adapter = adapters().named(name)
    if adapter.base != base:
        raise SettingsError(f"FOOTNOTE_ADAPTER: {name} was trained on {adapter.base}, not on {base}.")
    gguf = settings.home / "adapters" / name / FILE
    if not gguf.is_file() or sha256_of(gguf) != adapter.gguf_sha256:
        raise SettingsError(f"FOOTNOTE_ADAPTER: {gguf} is missing or damaged. Add the adapter again.")
    return Release(name, adapter.gguf_sha256, gguf)


class Language:
    """One base model and at most one adapter, for good: another adapter is another `Language`.

    Args:
        gguf: finds the base model's file; asked only where no other server is named.
        adapter: what the generator answers with; everything else asks the base model.
    """

    def __init__(
        self, settings: Settings, gguf: Callable[[], Path], adapter: Release | None, note: Callable[[str], None]
    ) -> None:
        self.adapter = adapter
        self._settings, self._gguf, self._note = settings, gguf, note
        self._turn = asyncio.Lock()
        self._server: LlamaCppServer | None = None
        self._models: dict[int, OpenAIChatModel] = {}
        self._stack = ExitStack()

    def start(self) -> None:
        """Starts the embedded server, unless FOOTNOTE_LLM_URL names another. Raises `GeneratorUnavailable`."""
        settings = self._settings
        if settings.llm_url:
            return
        logs = settings.home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        server = LlamaCppServer(
            self._gguf(),
            lora_path=self.adapter.gguf if self.adapter else None,
            context_tokens=settings.context_tokens,
            threads=settings.threads,
            parallel=len(SLOTS),
            log_path=logs / "llama.log",
            note=self._note,
        )
        server.start()
        self._stack.callback(server.stop)
        self._server = server

    def close(self) -> None:
        """Ends the server, if it is ours. May be called twice."""
        self._stack.close()

    @property
    def prompt(self) -> Prompt:
        """What the generator is told: an adapter has learned without examples, a base model needs some."""
        return load_prompt("cited" if self.adapter else "answer")

    def generator(self) -> OpenAIChatModel:
        return self._model(GENERATOR_SLOT, self.adapter)

    def base(self, slot: int) -> OpenAIChatModel:
        """The model without its adapter."""
        return self._model(slot, None)

    def _model(self, slot: int, adapter: Release | None) -> OpenAIChatModel:
        if slot not in self._models:
            self._models[slot] = self._client(slot, adapter)
        return self._models[slot]

    def _client(self, slot: int, adapter: Release | None) -> OpenAIChatModel:
        settings, server = self._settings, self._server
        if server is not None:
            return OpenAIChatModel(
                server.url,
                settings.generator,
                adapter.pinned if adapter else "",
                server.api_key,
                timeout_s=settings.llm_timeout_s,
                dialect=LLAMA_CPP,
                id_slot=slot,
                lora_scale=(1.0 if adapter else 0.0) if self.adapter else None,
                turn=self._turn,
            )
        if not settings.llm_model:
            raise GeneratorUnavailable("FOOTNOTE_LLM_URL is set: set FOOTNOTE_LLM_MODEL to a model that it serves.")
        return OpenAIChatModel(
            settings.llm_url,
            settings.llm_model,
            adapter.name if adapter else "",
            settings.llm_api_key.get_secret_value(),
            timeout_s=settings.llm_timeout_s,
            dialect=VLLM,
        )
