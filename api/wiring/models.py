"""The models that the settings need, fetched into the cache folder of this machine, listed and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from api.wiring.adapter_in_use import NONE
from infra.models.manifest import Manifest, Role
from infra.models.onnx import OnnxEncoder
from infra.models.progress import megabytes, progress_for_screen
from infra.models.store import FileCheck, ModelStore, State, default_cache_dir
from infra.settings import Settings


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model of the manifest, and what the cache holds of it; `bytes` are those of all its files."""

    name: str
    role: Role
    state: State
    bytes: int
    licence: str

    @property
    def size(self) -> str:
        return megabytes(self.bytes)


def pull(settings: Settings, names: Sequence[str] = ()) -> None:
    """Fetches the named models, or those that the settings need, with progress on stderr. Raises `ModelError`."""
    from infra.models.pull import pull as fetch

    store = _store()
    with progress_for_screen() as progress:
        fetch(store, list(names) or needed(settings, store.manifest), progress)


def needed(settings: Settings, manifest: Manifest) -> list[str]:
    """The models that the settings use: the generator unless another server has it, or vLLM takes it from elsewhere;
    and the adapter that comes with Footnote for what answers. Raises `UnknownModel`."""
    elsewhere = bool(settings.llm_url) or (settings.engine == "vllm" and bool(settings.vllm_model))
    generator = "" if elsewhere else manifest.model(settings.generator).name
    answering = settings.llm_model if settings.llm_url else generator or settings.generator
    adapter = manifest.adapter(answering) if settings.adapter not in {"", NONE} else None
    own = (settings.embedder, settings.reranker, settings.judge, settings.selector, settings.detector)
    names = (*own, generator, adapter.name if adapter else "")
    return [name for name in names if name]


def known() -> list[KnownModel]:
    """Every model of the manifest."""
    return [KnownModel(s.model.name, s.model.role, s.state, s.model.bytes, s.model.licence) for s in _store().status()]


def verified(name: str | None) -> tuple[list[FileCheck], bool]:
    """Every file of a model, or of all, hashed again; and whether none is damaged and the named model is all here.
    Raises `UnknownModel`."""
    checks = _store().verify(name)
    whole = {State.PRESENT} if name else {State.PRESENT, State.MISSING}
    return checks, all(check.state in whole for check in checks)


def encoder(model: Path, tokenizer: Path) -> OnnxEncoder:
    """An ONNX classifier that lies anywhere, as one has it that was just exported."""
    return OnnxEncoder(model, tokenizer)


def _store() -> ModelStore:
    return ModelStore(default_cache_dir(), Manifest.load())
