"""The models that are compared: a base with or without an adapter, and the prompt that it is asked with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.terminal import UsageError, note
from api.wiring.hosting import own_server
from api.wiring.language import LLAMA_CPP_ENGINE as LLAMA_CPP_ENGINE
from api.wiring.language import OPENVINO
from evals.measuring.code import WRITING, code
from generation.llm.client import LLAMA_CPP, PLAIN, OpenAIChatModel
from generation.prompts import ANSWER, CITED, Prompt, load_prompt
from infra.llm.llama_cpp import LlamaCppServer
from infra.llm.openvino import OpenVinoServer, available
from infra.llm.vllm import VllmServer as VllmServer
from infra.models.manifest import Manifest, Role
from infra.models.store import ModelStore, default_cache_dir, sha256_of
from infra.settings import Settings

PROMPTS = (ANSWER, CITED)
GGUF = ".gguf"


@dataclass(frozen=True, slots=True)
class Variant:
    """A model as it is asked, by the `name` that the command line gave it and that of its `base`. `adapter` is the path
    of a GGUF, None for the base alone; digests are sha256 (hex)."""

    name: str
    base: str
    model: Path
    model_digest: str
    adapter: Path | None
    adapter_digest: str
    prompt: Prompt
    max_tokens: int
    context_tokens: int
    threads: int
    program_digest: str = ""  # of the llama-server in place of Footnote's llama.cpp

    @property
    def setup(self) -> dict[str, Any]:
        """What decides a reply to given sources: replies under another setup are never gone on from."""
        return {
            "model": f"{self.base}@{self.model_digest[:12]}",
            "adapter": self.adapter_digest[:12],
            "prompt": self.prompt.pinned,
            "max_tokens": self.max_tokens,
            "code": code(*WRITING),
            **({"llama_server": self.program_digest[:12]} if self.program_digest else {}),
        }


@dataclass(frozen=True, slots=True)
class Running:
    """A variant that is served: the client that the service would use, one that keeps nothing cached, and where the
    server listens."""

    variant: Variant
    model: OpenAIChatModel
    uncached: OpenAIChatModel
    url: str
    api_key: str


def chosen(names: str, settings: Settings, prompt: str = "") -> tuple[Variant, ...]:
    """The variants in `A,B+C,D@cited`: models of the manifest, or paths of GGUF files, each with an adapter or without,
    and with the prompt after "@" or the one that fits; the configured generator if there are none. `prompt` is forced
    on all. Raises `UsageError` or what the store raises."""
    found = [
        _parsed(name.strip(), settings, prompt) for name in (names or settings.generator).split(",") if name.strip()
    ]
    if len({variant.name for variant in found}) < len(found):
        raise UsageError(f"--models {names}: one of them is named twice.")
    return tuple(found)


@asynccontextmanager
async def variant(wanted: Variant, settings: Settings) -> AsyncIterator[Running]:
    """The variant in a llama.cpp server of its own, until the end of the block. Raises `GeneratorUnavailable`."""
    server = llama_cpp(wanted, settings)
    await asyncio.to_thread(server.start)
    model, uncached = (_client(wanted, server, settings, cached) for cached in (True, False))
    try:
        yield Running(wanted, model, uncached, server.url, server.api_key)
    finally:
        await model.aclose()
        await uncached.aclose()
        server.stop()


def llama_cpp(wanted: Variant, settings: Settings, parallel: int = 1) -> LlamaCppServer:
    """A server for the variant, to be started, with so many slots."""
    return LlamaCppServer(
        wanted.model,
        context_tokens=wanted.context_tokens,
        threads=wanted.threads,
        parallel=parallel,
        log_path=settings.home / "logs" / "bench-generation.log",
        lora_path=wanted.adapter,
        program=settings.llama_server,
        note=note,
    )


@asynccontextmanager
async def both_engines(wanted: Variant, settings: Settings) -> AsyncIterator[dict[str, OpenAIChatModel]]:
    """The base model on llama.cpp and on OpenVINO, each as the service asks it, until the end of the block. Raises
    `UsageError` without OpenVINO or with an adapter, and `GeneratorUnavailable`."""
    if not available() or wanted.adapter:
        raise UsageError("OpenVINO must be installed, and it loads no adapter: name a base model with --models.")
    folder, log = default_cache_dir() / "openvino", settings.home / "logs" / "bench-openvino.log"
    own = OpenVinoServer(
        wanted.model, wanted.model_digest, cache=folder, context_tokens=wanted.context_tokens, threads=wanted.threads,
        log_path=log, note=note,
    )  # fmt: skip
    with ExitStack() as stack:
        models: dict[str, OpenAIChatModel] = {}
        for name, server, dialect in (
            (LLAMA_CPP_ENGINE, llama_cpp(wanted, settings), LLAMA_CPP),
            (OPENVINO, own, PLAIN),
        ):
            stack.callback(server.stop)
            await asyncio.to_thread(server.start)
            models[name] = OpenAIChatModel(
                server.url, wanted.base, api_key=server.api_key, timeout_s=settings.llm_timeout_s, dialect=dialect
            )
        yield models
        for model in models.values():
            await model.aclose()


def own_vllm(wanted: Variant, settings: Settings) -> VllmServer:
    """A vLLM with the variant's base model, to be started; it keeps nothing of a prompt. Raises `SettingsError`."""
    models = ModelStore(default_cache_dir(), Manifest.load())
    flags = {**settings.vllm, "enable-prefix-caching": False}
    changed = {"generator": wanted.base, "vllm_model": "", "vllm": flags}
    return own_server(settings.model_copy(update=changed), models, note)


def _client(wanted: Variant, server: LlamaCppServer, settings: Settings, cached: bool) -> OpenAIChatModel:
    return OpenAIChatModel(
        server.url,
        wanted.base,
        wanted.adapter_digest[:12],
        server.api_key,
        timeout_s=settings.llm_timeout_s,
        dialect=LLAMA_CPP,
        cache_prompt=cached,
    )


def adapter_path(name: str, home: Path) -> Path:
    """The GGUF form of an adapter: a path, or the name of one that lies in the data folder."""
    path = Path(name) if name.endswith(GGUF) else home / "adapters" / name / f"adapter{GGUF}"
    if not path.is_file():
        raise UsageError(f"There is no adapter {name}: {path} is missing. Name a {GGUF} file, or see `adapters list`.")
    return path


def _parsed(name: str, settings: Settings, prompt: str) -> Variant:
    head, _, asked_with = name.rpartition("@")
    plain, own = (head, asked_with) if asked_with in PROMPTS else (name, "")
    base, _, adapter = plain.partition("+")
    model = _model_path(base)
    lora = adapter_path(adapter, settings.home) if adapter else None
    return Variant(
        name=name,
        base=base,
        model=model,
        model_digest=sha256_of(model),
        adapter=lora,
        adapter_digest=sha256_of(lora) if lora else "",
        prompt=load_prompt(prompt or own or (CITED if lora else ANSWER)),
        max_tokens=settings.max_tokens,
        context_tokens=settings.context_tokens,
        threads=settings.threads,
        program_digest=sha256_of(settings.llama_server) if settings.llama_server else "",
    )


def _model_path(name: str) -> Path:
    if name.endswith(GGUF):
        if not Path(name).is_file():
            raise UsageError(f"There is no file {name}.")
        return Path(name)
    store = ModelStore(default_cache_dir(), Manifest.load())
    if store.manifest.model(name).role != Role.GENERATOR:
        raise UsageError(f"--models {name}: it is of the kind '{store.manifest.model(name).role}', not a generator.")
    return next(store.path(name).glob(f"*{GGUF}"))
