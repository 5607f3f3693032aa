"""`footnote models pull` without names fetches what the settings use, and nothing that another server holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from api.wiring.models import needed
from infra.models.errors import UnknownModel
from infra.models.manifest import Manifest, Role
from infra.settings import load_settings

CODER, SMALL = "Qwen2.5-Coder-1.5B-Instruct", "Qwen2.5-Coder-0.5B-Instruct"
ELSEWHERE = {"llm_url": "http://gpu:8000/v1", "llm_model": "big-8b"}
SHIPPED = Manifest.load()


def with_adapters() -> Manifest:
    """The manifest's own models, and an adapter for each generator."""
    plain = tuple(model for model in SHIPPED.models if model.role is not Role.ADAPTER)
    generators = [model for model in plain if model.role is Role.GENERATOR]
    made = (replace(model, name=f"for-{model.name}", role=Role.ADAPTER, base=model.name) for model in generators)
    return Manifest((*plain, *made))


@pytest.mark.parametrize(
    ("profile", "given", "language"),
    [
        ("local", {"generator": CODER}, [CODER, f"for-{CODER}"]),
        ("local", {"generator": CODER.lower()}, [CODER, f"for-{CODER}"]),
        ("local", {"generator": CODER, "adapter": "none"}, [CODER]),
        ("local", {"generator": CODER, "engine": "vllm"}, [CODER, f"for-{CODER}"]),
        ("local", {"generator": CODER, "vllm_model": "a/b"}, [CODER, f"for-{CODER}"]),  # llama.cpp does not look at it
        ("local", ELSEWHERE, []),
        ("local", ELSEWHERE | {"llm_model": SMALL}, [f"for-{SMALL}"]),  # that server is to load it
        ("gpu", {}, []),
        ("gpu", ELSEWHERE, []),
        ("gpu", {"generator": SMALL, "vllm_model": "", "adapter": "current"}, [SMALL, f"for-{SMALL}"]),
    ],
)
def test_what_the_settings_need(
    monkeypatch: pytest.MonkeyPatch, profile: str, given: dict[str, Any], language: list[str]
) -> None:
    monkeypatch.setenv("FOOTNOTE_PROFILE", profile)
    settings = load_settings(**given)
    found = needed(settings, with_adapters())
    selector = [settings.selector] if profile == "local" else []
    assert found == [settings.embedder, settings.reranker, settings.judge, *selector, settings.detector, *language]


@pytest.mark.parametrize("profile", ["local", "gpu"])
def test_the_models_of_every_profile_are_in_the_manifest(monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    monkeypatch.setenv("FOOTNOTE_PROFILE", profile)
    roles = [SHIPPED.model(name).role for name in needed(load_settings(), SHIPPED)]
    assert roles[:3] == [Role.EMBEDDER, Role.RERANKER, Role.JUDGE]
    assert set(roles[3:]) <= {Role.SELECTOR, Role.DETECTOR, Role.GENERATOR, Role.ADAPTER}


def test_a_generator_that_nobody_has_is_named() -> None:
    with pytest.raises(UnknownModel, match="no model 'big-8b'"):
        needed(load_settings(generator="big-8b"), SHIPPED)
