"""An installation whose language model is asked, and started for, only what the memo does not know."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path

from api.bootstrap import Container
from api.wiring.adapter_in_use import AdapterInUse, check
from api.wiring.answering import engine
from api.wiring.hosting import Client, Host
from api.wiring.language import OPENVINO, Language
from evals.measuring.code import WRITING, code
from evals.systems.memo import Memo, RememberedModel
from generation.llm.client import LLAMA_CPP, PLAIN, VLLM, Dialect
from generation.llm.client import OPENVINO as OPENVINO_DIALECT
from generation.prompts import Prompt
from infra.models.store import sha256_of
from infra.settings import Settings


class RememberedLanguage(Language):
    """As the service's; nothing is started before the first prompt that the memo does not know."""

    def __init__(
        self,
        settings: Settings,
        gguf: Callable[[], Path],
        adapter: AdapterInUse | None,
        note: Callable[[str], None],
        host: Host | None,
        memo: Memo,
        told: Prompt | None = None,
    ) -> None:
        super().__init__(settings, gguf, adapter, note, host)
        self._memo, self._starting, self._started = memo, threading.Lock(), False
        self._told = told

    def start(self) -> None:
        """The adapter's files are looked at all the same. Raises `SettingsError`."""
        if self.adapter and self._host is None:
            check(self.adapter)

    @property
    def prompt(self) -> Prompt:
        return self._told or super().prompt

    @cached_property
    def weights(self) -> str:
        if self._host is not None:
            return ""
        found = self._gguf().resolve()
        told = found.stat()
        return _sha256(found, told.st_size, told.st_mtime_ns)

    def decided(self, adapter: AdapterInUse | None) -> dict[str, object]:
        """What decides a reply besides the prompt. Of another's server only address and model are known: whoever
        changes what is behind them removes the memo."""
        settings = self._settings
        return {
            "engine": engine(settings, self.engine),
            "protocol": settings.llm_protocol if settings.llm_url else "",
            "generator": settings.llm_model if settings.llm_url else settings.generator,
            "weights": self.weights,
            "vllm": [settings.vllm_model, dict(settings.vllm)] if settings.engine == "vllm" else [],
            "context_tokens": settings.context_tokens,
            "adapter": adapter.pinned if adapter else "",
            "loaded": self.adapter.pinned if self.adapter else "",
            "code": code(*WRITING),
        }

    def _client(self, slot: int, adapter: AdapterInUse | None) -> Client:
        real: list[Client] = []
        start, client = super().start, super()._client

        def started() -> Client:
            with self._starting:
                if not self._started:
                    start()
                    self._started = True
                if not real:
                    real.append(client(slot, adapter))
            return real[0]

        async def ready() -> Client:
            return real[0] if real else await asyncio.to_thread(started)

        return RememberedModel(
            self._memo, self.decided(adapter), ready, name=self._name, adapter=adapter.pinned if adapter else "",
            dialect=self._dialect,
        )  # fmt: skip

    @property
    def _name(self) -> str:
        settings = self._settings
        return settings.llm_model if settings.llm_url else settings.generator

    @property
    def _dialect(self) -> Dialect:
        settings = self._settings
        if self._host is not None:
            return PLAIN if settings.llm_url and settings.llm_protocol == "openai" else VLLM
        return OPENVINO_DIALECT if self.engine == OPENVINO else LLAMA_CPP


class Remembered(Container):
    """The parts of one process, its language model behind a memo; nobody is served by it. `told`: what the generator is
    told instead of its prompt, where it is set before the first question."""

    def __init__(self, settings: Settings, note: Callable[[str], None], memo: Memo) -> None:
        super().__init__(settings, note)
        self.memo = memo
        self.told: Prompt | None = None

    def _language(self, adapter: AdapterInUse | None) -> Language:
        return RememberedLanguage(self.settings, self._gguf, adapter, self.note, self.host, self.memo, self.told)


@cache
def _sha256(path: Path, size: int, changed: int) -> str:
    """Of a file that is read once in a process; another size or time is another file."""
    return sha256_of(path)
