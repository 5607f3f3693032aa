"""The detector of the settings, and the finder of personal data, alone."""

from __future__ import annotations

from api.wiring.weights import detector as wired
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


def finder() -> PresidioFinder:
    """Raises `PrivacyMissing`."""
    return PresidioFinder()
