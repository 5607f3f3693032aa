"""An adapter is what its release says: its files, the base and the prompt that it was trained with."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.bootstrap import Container
from api.cli import adapters as commands
from api.wiring.adapter_in_use import AdapterInUse, adapter_in_use, check, is_whole, pins
from generation.prompts import load_prompt
from infra.models.manifest import Manifest, Model, ModelFile, Role
from infra.models.store import ModelStore
from infra.postgres.adapters import AdapterRefused, PostgresAdapters
from infra.postgres.pool import Pool
from infra.settings import SettingsError, load_settings

BASE = "Qwen2.5-Coder-0.5B-Instruct"
PROMPT = load_prompt("cited").digest
GGUF, WEIGHTS, CONFIG = "adapter.gguf", "adapter_model.safetensors", "adapter_config.json"
ENGINES = ({"engine": "llama.cpp"}, {"engine": "vllm"}, {"llm_url": "http://gpu.test/v1", "llm_model": BASE})


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def exported(**keys: str) -> bytes:
    """The beginning of a GGUF file."""
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, len(keys))
    for name, value in keys.items():
        head += struct.pack("<Q", len(name)) + name.encode() + struct.pack("<IQ", 8, len(value)) + value.encode()
    return head


@pytest.fixture
def parts(fresh_database: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """An installation in which the commands work. No adapter comes with it."""
    manifest = Manifest(tuple(model for model in Manifest.load().models if model.role is not Role.ADAPTER))
    made = SimpleNamespace(
        adapters=PostgresAdapters(fresh_database),
        models=ModelStore(tmp_path / "cache", manifest),
        settings=SimpleNamespace(home=tmp_path / "home"),
    )

    @contextmanager
    def opened() -> Iterator[SimpleNamespace]:
        yield made

    monkeypatch.setattr(commands, "opened", opened)
    return made


@pytest.fixture
def trained(tmp_path: Path) -> Callable[..., Path]:
    """What a training and the export leave."""

    def make(weights: bytes = b"weights", config: bytes = b'{"lora_alpha": 8}', cited: str = PROMPT) -> Path:
        out = tmp_path / "run"
        (out / "adapter").mkdir(parents=True, exist_ok=True)
        (out / "adapter" / WEIGHTS).write_bytes(weights)
        (out / "adapter" / CONFIG).write_bytes(config)
        keys = {f"footnote.sha256.{WEIGHTS}": digest(weights), f"footnote.sha256.{CONFIG}": digest(config)}
        (out / GGUF).write_bytes(exported(**{"general.type": "adapter"}, **keys))
        base = Manifest.load().model(BASE).file("model.gguf").sha256
        data, prompts = {"train.jsonl": digest(b"")}, {"cited": cited}
        about = {"run": {}, "base": {"sha256": base}, "data": data, "prompts": prompts}
        (out / "run.json").write_text(json.dumps(about))
        return out

    return make


def used(parts: SimpleNamespace, name: str, **settings: Any) -> AdapterInUse | None:
    """As a service would load it."""
    asked = load_settings(home=parts.settings.home, generator=BASE, adapter=name, **settings)
    found = adapter_in_use(asked, parts.models, lambda: parts.adapters)
    if found:
        check(found)
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_added_can_be_used(
    parts: SimpleNamespace, trained: Callable[..., Path], engine: dict[str, str]
) -> None:
    commands.add(trained(), "v1")
    found, row = used(parts, "v1", **engine), parts.adapters.named("v1")
    assert found
    weights = GGUF if engine == {"engine": "llama.cpp"} else WEIGHTS
    assert found.digest == pins(row)[weights]
    assert found.pinned == f"v1@{found.digest[:12]}"
    assert is_whole(parts.settings.home, row)


@pytest.mark.parametrize("file", [GGUF, WEIGHTS, CONFIG])
def test_a_changed_file_is_noticed_by_who_loads_it(
    parts: SimpleNamespace, trained: Callable[..., Path], file: str
) -> None:
    commands.add(trained(), "v1")
    path = parts.settings.home / "adapters" / "v1" / file
    for change in (lambda: path.write_bytes(path.read_bytes().replace(b"8", b"9") + b" "), path.unlink):
        change()
        for engine in ENGINES:
            if (file == GGUF) == (engine == {"engine": "llama.cpp"}):
                with pytest.raises(SettingsError, match=rf"v1: .*{file}.* is missing or damaged"):
                    used(parts, "v1", **engine)
            else:
                assert used(parts, "v1", **engine)
        assert not is_whole(parts.settings.home, parts.adapters.named("v1"))


def test_another_configuration_is_another_adapter(parts: SimpleNamespace, trained: Callable[..., Path]) -> None:
    """The same weights with twice the alpha say something else."""
    commands.add(trained(), "v1")
    commands.add(trained(config=b'{"lora_alpha": 16}'), "v2")
    one, other = map(parts.adapters.named, ("v1", "v2"))
    assert one.peft_sha256 != other.peft_sha256
    with pytest.raises(AdapterRefused, match="another adapter of the name v1"):
        parts.adapters.add(replace(one, peft_sha256=other.peft_sha256))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (
            lambda out: (out / GGUF).write_bytes(exported(**{"general.type": "adapter"})),
            "does not say what it was made",
        ),
        (lambda out: (out / GGUF).write_bytes((out / GGUF).read_bytes()[:60]), "no GGUF file, or damaged"),
        (lambda out: (out / "adapter" / WEIGHTS).write_bytes(b"trained on"), f"made from another {WEIGHTS}"),
        (lambda out: (out / "adapter" / CONFIG).write_bytes(b'{"lora_alpha": 9}'), f"made from another {CONFIG}"),
    ],
)
def test_both_forms_have_to_be_of_one_adapter(
    parts: SimpleNamespace, trained: Callable[..., Path], spoil: Callable[[Path], object], says: str
) -> None:
    out = trained()
    spoil(out)
    with pytest.raises(
        AdapterRefused, match=rf"{says}.* Export it again: python -m generation\.training\.lora\.export .*adapter "
    ):
        commands.add(out, "v1")
    assert parts.adapters.all() == []
    assert not parts.settings.home.exists()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_adapter_of_another_base_or_prompt_is_not_used(
    parts: SimpleNamespace, trained: Callable[..., Path], engine: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    commands.add(trained(cited=digest(b"as it was")), "v1")
    assert "trained with another cited.md" in capsys.readouterr().err
    parts.adapters.promote("v1", None, {})
    for name in ("v1", "current"):
        with pytest.raises(
            SettingsError, match=r"v1 was trained with another prompt \(cited\) .* FOOTNOTE_ADAPTER=none"
        ):
            used(parts, name, **engine)
    commands.add(trained(), "v2")
    assert used(parts, "v2", **engine)
    parts.adapters.add(replace(parts.adapters.named("v2"), name="v3", base_sha256=digest(b"as it was")))
    with pytest.raises(SettingsError, match=f"v3 was trained on another file of {BASE} .* FOOTNOTE_ADAPTER=none"):
        used(parts, "v3", **engine)


def shipped(**files: bytes) -> Model:
    known = tuple(ModelFile(path, digest(data), len(data), ()) for path, data in files.items())
    return Model("footnote-cited", Role.ADAPTER, "", "", "", known, BASE, PROMPT)


def test_what_comes_with_footnote_is_pinned_as_a_release_would_be(
    parts: SimpleNamespace, trained: Callable[..., Path]
) -> None:
    out = trained()
    commands.add(out, "v1")
    files = {GGUF: out / GGUF, WEIGHTS: out / "adapter" / WEIGHTS, CONFIG: out / "adapter" / CONFIG}
    model = shipped(**{name: path.read_bytes() for name, path in files.items()})
    assert pins(model) == pins(parts.adapters.named("v1"))
    assert pins(shipped(**{WEIGHTS: b"without its configuration"})) == {}
    assert pins(shipped(**{GGUF: b"for llama.cpp"})) == {GGUF: digest(b"for llama.cpp")}


def test_what_comes_with_footnote_is_used_by_its_name_while_its_prompt_stays(parts: SimpleNamespace) -> None:
    data = {GGUF: b"gguf", WEIGHTS: b"weights", CONFIG: b"{}"}
    model = shipped(**data)
    parts.models = ModelStore(parts.models.cache_dir, Manifest((*parts.models.manifest.models, model)))
    for file in model.files:
        place = parts.models.location(model, file)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data[file.path])
    for engine, weights in zip(ENGINES, (GGUF, WEIGHTS, WEIGHTS), strict=True):
        found = used(parts, "footnote-cited", **engine)
        assert found
        assert used(parts, "current", **engine) is None
        assert found.pinned == f"footnote-cited@{pins(model)[weights][:12]}"
    outdated = replace(model, prompt=digest(b"as it was"))
    parts.models = ModelStore(parts.models.cache_dir, Manifest((*parts.models.manifest.models[:-1], outdated)))
    with pytest.raises(SettingsError, match="footnote-cited was trained with another prompt"):
        used(parts, "footnote-cited")


@pytest.mark.parametrize("name", [BASE, BASE.lower(), BASE.upper()])
def test_a_models_name_is_pinned_in_any_case(name: str) -> None:
    model = Manifest.load().model(BASE)
    with Container(load_settings(generator=name)) as container:
        assert container.pinned(container.settings.generator) == f"{BASE}@{model.digest[:12]}"
        assert container.pinned("of another server") == "of another server"
