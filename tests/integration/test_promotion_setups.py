"""What an evaluation notes of how it was answered, by the real wiring, and which adapters can be promoted on that."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import evals.suites.sample.promotion as promotion
from api.bootstrap import Container
from api.terminal import UsageError
from api.wiring.adapter_in_use import AdapterInUse, held
from api.wiring.answering import PROMPTS
from api.wiring.deployment import Wanted
from api.wiring.hosting import Host
from api.wiring.in_use import Answering, InUse
from api.wiring.language import Language
from evals.systems.asking import Setup
from generation import prompts
from generation.gate.nli import NliJudge, PairClassifier
from generation.prompts import load_prompt
from infra.models.manifest import Manifest, Role
from infra.models.store import ModelStore
from infra.postgres.adapters import Adapter
from infra.postgres.pool import Pool
from infra.settings import load_settings
from retrieval.search.hybrid import HybridSearch
from retrieval.types import SearchOptions

BASE = "Qwen2.5-Coder-0.5B-Instruct"
TIERS = """
[[tier]]
name = "own"
sees = [{sees}]
[[tier]]
name = "large"
url = "http://large.test/v1"
model = "large"
"""
Service = Callable[..., Container]


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """The wiring of one process, of which nothing is loaded: the gate, its limits and all names are real."""
    manifest = Manifest(tuple(model for model in Manifest.load().models if model.role is not Role.ADAPTER))

    def made(adapter: AdapterInUse | None = None, **settings: Any) -> Container:
        parts = Container(load_settings(home=tmp_path / "home", generator=BASE, release="none", **settings))
        host = Host(SimpleNamespace(url="http://127.0.0.1:9/v1", api_key=""), BASE, 1.0)  # type: ignore[arg-type]
        name = parts.settings.judge
        parts.models = ModelStore(tmp_path / "cache", manifest)
        wanted = Wanted(parts.chosen, adapter)
        language = Language(parts.settings, Path, adapter, print, host)
        answering = Answering(wanted, language, parts._gate, parts._service, parts._recipe)
        parts.in_use = InUse(lambda: wanted, lambda *_: answering, parts._stack)
        classifier = PairClassifier(None, name=parts.pinned(name), temperature=1.0)  # type: ignore[arg-type]
        parts.judge = NliJudge(classifier)
        parts.reranker = parts.answer_reranker = None  # type: ignore[assignment]
        searching = SearchOptions(hyde=parts.settings.hyde)
        parts.search = HybridSearch(None, None, None, None, searching)  # type: ignore[arg-type]
        return parts

    return made


@pytest.fixture
def adapter(tmp_path: Path) -> Adapter:
    """An adapter whose files are where `footnote adapters add` puts them."""
    folder = tmp_path / "home" / "adapters" / "v1"
    folder.mkdir(parents=True)
    for name in ("adapter.gguf", "adapter_model.safetensors", "adapter_config.json"):
        (folder / name).write_text(name)
    forms = held(folder)
    return Adapter(
        "v1", BASE, "0" * 64, forms["adapter.gguf"], forms["adapter_model.safetensors"], "1" * 64, "2" * 64, {}
    )


def results(path: Path, setup: Setup, right: Callable[[int], bool]) -> Path:
    with path.open("w") as file:
        for number in range(60):
            status = "answered" if right(number) else "abstained"
            row = {"id": f"q{number}", "question": "?", "kind": "answerable", "status": status, "right": right(number)}
            file.write(json.dumps(row | {"setup": asdict(setup)}) + "\n")
    return path


@pytest.mark.parametrize("engine", ["llama.cpp", "vllm"])
def test_with_an_adapter_the_gate_stays_the_same_and_results_can_be_compared(
    service: Service,
    adapter: Adapter,
    fresh_database: Pool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    engine: str,
) -> None:
    loaded = adapter.peft_sha256 if engine == "vllm" else adapter.gguf_sha256
    plain = service(None, engine=engine)
    new = Setup.of(service(AdapterInUse(adapter.name, loaded, Path("adapter")), engine=engine))
    old = Setup.of(plain)
    assert new.judge.count(f"{BASE}:") == 2  # the base model without the adapter
    assert new == replace(old, adapter=f"v1@{loaded[:12]}", prompt=load_prompt("cited").pinned)

    plain.pool = fresh_database
    plain.adapters.add(adapter)
    monkeypatch.setattr(promotion, "opened", lambda: nullcontext(plain))
    better, worse = results(tmp_path / "new", new, lambda n: True), results(tmp_path / "old", old, lambda n: n > 40)
    assert promotion.promote("v1", better, worse, "", False) == 0
    current = plain.adapters.current(BASE)
    assert current is not None
    found = plain.adapters.changes(BASE)[-1].evidence["comparison"]
    assert [found[side]["judge"] for side in ("new", "old")] == [new.judge, old.judge]


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        ({"shown_chars": 900}, "context"),
        ({"passages": 9}, "context"),
        ({"budget_chars": 900}, "context"),
        ({"max_tokens": 99}, "answer"),
        ({"context_tokens": 2048}, "server"),
        ({"hyde": "always"}, "search"),
        ({"index_device": "cuda"}, "search"),
        ({"judge_threshold": 0.7}, "gate"),
        ({"relevance_threshold": 0.7}, "gate"),
        ({"embedder": "another"}, "models"),
        ({"reranker": "another"}, "models"),
        ({"selector": ""}, "models"),
        ({"quote_from": 0.1}, "answer"),
    ],
)
def test_other_settings_are_not_compared(service: Service, tmp_path: Path, changed: dict[str, Any], parts: str) -> None:
    old, new = Setup.of(service()), Setup.of(service(**changed))
    files = results(tmp_path / "new", new, lambda n: True), results(tmp_path / "old", old, lambda n: False)
    with pytest.raises(UsageError, match=rf"not comparable: .*new and .*old differ in {parts}\. Evaluate both"):
        promotion.compare(*map(promotion.read, files))


def test_what_does_not_decide_answers_is_compared(service: Service) -> None:
    changed = service(engine="llama.cpp", threads=7, port=9000, vllm={"dtype": "half"})
    assert Setup.of(service(engine="llama.cpp")) == Setup.of(changed)


def test_threads_count_where_they_decide_the_numbers(service: Service) -> None:
    """OpenVINO shares a sum out among its threads: other logits with one than with two."""
    one, two = (Setup.of(service(engine="openvino", threads=threads)) for threads in (1, 2))
    assert one != two


def test_the_engine_is_told(service: Service, tmp_path: Path) -> None:
    """With its build; how a vLLM is started counts where one is started."""
    program = tmp_path / "llama-server"
    program.write_bytes(b"one build")
    engines = [Setup.of(service(llama_server=program)).engine]
    program.write_bytes(b"another")
    engines.append(Setup.of(service(llama_server=program)).engine)
    engines.append(Setup.of(service(engine="llama.cpp")).engine)
    assert len(set(engines)) == 3
    assert all(engine.startswith("llama.cpp ") for engine in engines)
    assert Setup.of(service(engine="openvino")).engine.startswith("openvino ")
    assert Setup.of(service(llm_url="http://gpu.test/v1", llm_model="m")).engine == "http://gpu.test/v1"
    half, whole = (Setup.of(service(engine="vllm", vllm={"dtype": dtype})) for dtype in ("half", "float"))
    assert (half.engine, whole.engine) == ("vllm", "vllm")
    assert {part for part, _ in half.recipe.items() ^ whole.recipe.items()} == {"server"}


def test_tiers_count_whatever_the_order_of_a_set(service: Service, tmp_path: Path) -> None:
    names = sorted(f"group:g{number}" for number in range(12))
    path = tmp_path / "tiers.toml"
    path.write_text(TIERS.format(sees=", ".join(f'"{name}"' for name in reversed(names))))
    parts = service(tiers=path)
    tiers: Any = parts.recipe["tiers"]
    assert [tier["sees"] for tier in tiers["tier"]] == [names, None]
    before, without = Setup.of(parts).recipe, Setup.of(service()).recipe
    path.write_text(TIERS.format(sees='"*"'))
    changed = Setup.of(parts).recipe
    assert len({before["tiers"], without["tiers"], changed["tiers"]}) == 3


def test_every_prompt_counts() -> None:
    assert {path.stem for path in Path(prompts.__path__[0]).glob("*.md")} == set(PROMPTS)
