"""Adapters as they are used: which one answers, and whether it is what it should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from generation.adapter_files import CONFIG, GGUF, WEIGHTS
from generation.prompts import CITED, load_prompt
from infra.models.manifest import Manifest, Model, digest_of
from infra.models.store import ModelStore, sha256_of
from infra.postgres.adapters import Adapter, PostgresAdapters
from infra.settings import Settings, SettingsError

CURRENT, NONE = "current", "none"
_FORMS = {GGUF: (GGUF,), WEIGHTS: (WEIGHTS, CONFIG)}  # llama.cpp's and PEFT's: all files, by that of the weights


@dataclass(frozen=True, slots=True)
class AdapterInUse:
    """An adapter as it is used: `path` is its GGUF file for llama.cpp, its folder in PEFT's form for vLLM, and `digest`
    the one of this form in `pins`. Both are empty where another server holds it by its name."""

    name: str
    digest: str = ""
    path: Path | None = None

    @property
    def pinned(self) -> str:
        """Its name with what the audit record needs to tell it from others of the name."""
        return f"{self.name}@{self.digest[:12]}" if self.digest else self.name


def pins(adapter: Adapter | Model) -> dict[str, str]:
    """What tells a release, or an adapter that comes with Footnote, from others of its name: `digests` of its files.
    The first 12 digits of one of them stand in NAME@DIGEST."""
    if isinstance(adapter, Adapter):
        return {GGUF: adapter.gguf_sha256, WEIGHTS: adapter.peft_sha256}
    return digests({file.path: file.sha256 for file in adapter.files})


def digests(hashes: Mapping[str, str]) -> dict[str, str]:
    """The digest (hex) of each form that is whole, by the file of its weights, given the sha256 of files by name. For
    llama.cpp it is that of its one file; PEFT's goes over the configuration too, whose alpha scales the weights."""
    return {
        weights: digest_of({file: hashes[file] for file in files}) if len(files) > 1 else hashes[weights]
        for weights, files in _FORMS.items()
        if hashes.keys() >= set(files)
    }


def held(folder: Path) -> dict[str, str]:
    """The `digests` of what lies in a folder."""
    files = [folder / file for form in _FORMS.values() for file in form]
    return digests({path.name: sha256_of(path) for path in files if path.is_file()})


def is_whole(home: Path, adapter: Adapter) -> bool:
    """Whether the data folder holds what is loaded of it, byte for byte."""
    return held(home / "adapters" / adapter.name) == pins(adapter)


def adapter_in_use(
    settings: Settings, models: ModelStore, adapters: Callable[[], PostgresAdapters]
) -> AdapterInUse | None:
    """The adapter that FOOTNOTE_ADAPTER names: "current" is the promoted one, if there is one; that which comes with
    Footnote goes by its name. Raises a foreseen error if there is none, if it is another generator's, or if its base or
    its prompt has changed. Its weights are looked at when it is loaded, not here: a running service asks every few
    seconds.

    At another server it is loaded if it is a release for FOOTNOTE_LLM_MODEL; else that server has it by its name.
    """
    name = "" if settings.adapter == NONE else settings.adapter
    if not name:
        return None
    base, weights = _base(settings, models.manifest), GGUF if _in_llama_cpp(settings) else WEIGHTS
    shipped = models.manifest.adapter(base)
    if shipped and weights not in pins(shipped):
        shipped = None
    if name == CURRENT:
        found = adapters().current(base)
        if found is None:
            return None
        name = found.name
    if shipped and name == shipped.name:
        return _used(shipped, weights, models.path(name), shipped.prompt)
    if settings.llm_url and name not in {adapter.name for adapter in adapters().all()}:
        return AdapterInUse(name)
    adapter = adapters().named(name)
    if adapter.base != base:
        raise SettingsError(f"FOOTNOTE_ADAPTER: {name} was trained on {adapter.base}, not on {base}.")
    known = {file.sha256 for model in models.manifest.models if model.name == base for file in model.files}
    if adapter.base_sha256 not in known:
        raise _outdated(name, f"on another file of {base}")
    return _used(adapter, weights, settings.home / "adapters" / name, adapter.prompt_sha256)


def check(adapter: AdapterInUse) -> None:
    """Raises `SettingsError` unless the files are the bytes that they should be."""
    if adapter.path is None:
        return
    folder, weights = (adapter.path.parent, GGUF) if adapter.path.name == GGUF else (adapter.path, WEIGHTS)
    if held(folder).get(weights) != adapter.digest:
        raise SettingsError(
            f"FOOTNOTE_ADAPTER: {folder}: {' or '.join(_FORMS[weights])} is missing or damaged. Add the adapter again."
        )


def _used(adapter: Adapter | Model, weights: str, folder: Path, learned: str) -> AdapterInUse:
    """`learned`: the digest of the prompt that it was trained with."""
    if learned != load_prompt(CITED).digest:
        raise _outdated(adapter.name, f"with another prompt ({CITED})")
    return AdapterInUse(adapter.name, pins(adapter)[weights], folder / GGUF if weights == GGUF else folder)


def _outdated(name: str, how: str) -> SettingsError:
    return SettingsError(
        f"FOOTNOTE_ADAPTER: {name} was trained {how} than Footnote has now. Train it anew, choose another adapter, or "
        "set FOOTNOTE_ADAPTER=none."
    )


def _base(settings: Settings, manifest: Manifest) -> str:
    """The model that adapters are for. One that is not in the manifest has no releases."""
    if settings.llm_url:
        return settings.llm_model
    return settings.generator if settings.vllm_model else manifest.model(settings.generator).name


def _in_llama_cpp(settings: Settings) -> bool:
    return settings.engine != "vllm" and not settings.llm_url
