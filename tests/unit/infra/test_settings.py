"""Settings where nothing is set, on every system that README promises."""

from __future__ import annotations

import os

import pytest

from infra.settings import cores, load_settings


def test_threads_are_known_where_the_system_tells_no_affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert load_settings().threads == cores() == 7
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1
