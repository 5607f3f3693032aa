"""The detector of the settings alone and in the answer service, and the finder of personal data."""

from __future__ import annotations

from dataclasses import replace

from api.bootstrap import Container
from api.wiring.weights import detector as wired
from generation.answering.service import AnswerService
from generation.gate.instructions import InjectionClassifier
from infra.models.manifest import Manifest
from infra.models.store import ModelStore, default_cache_dir
from infra.privacy import PresidioFinder
from infra.settings import load_settings


def detector() -> InjectionClassifier:
    """Raises `ModelError` if it has not been fetched."""
    store = ModelStore(default_cache_dir(), Manifest.load())
    found = wired(
        load_settings(), lambda name, role: store.path(name), lambda name: f"{name}@{store.digest(name)[:12]}"
    )
    assert found is not None
    return found


def services(parts: Container) -> dict[bool, AnswerService]:
    """The answer service with (True) and without the detector, on the same language model, gate and documents."""
    answering = parts.in_use.now()
    guarded = answering.service
    vars(parts)["detector"] = None  # where the cached property keeps its value
    return {True: guarded, False: replace(answering).service}


def finder() -> PresidioFinder:
    """Raises `PrivacyMissing`."""
    return PresidioFinder()
