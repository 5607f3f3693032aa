"""The folders of a user's files stay where they were."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from infra.files import places
from infra.files.places import cache_folder, data_folder

SUPPORT, CACHES = "Library/Application Support/footnote", "Library/Caches/footnote"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def on(monkeypatch: pytest.MonkeyPatch, platform: str, kind: type[Unix] | type[MacOS]) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(places, "user_data_path", lambda app, appauthor: kind(app, appauthor).user_data_path)
    monkeypatch.setattr(places, "user_cache_path", lambda app, appauthor: kind(app, appauthor).user_cache_path)


def test_on_linux(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    on(monkeypatch, "linux", Unix)
    assert (data_folder(), cache_folder()) == (home / ".local/share/footnote", home / ".cache/footnote")
    monkeypatch.setenv("XDG_DATA_HOME", "")
    assert data_folder() == home / ".local/share/footnote"
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "d"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "c"))
    assert (data_folder(), cache_folder()) == (home / "d/footnote", home / "c/footnote")
    assert not any(home.iterdir())


def test_on_macos(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    on(monkeypatch, "darwin", MacOS)
    assert (data_folder(), cache_folder()) == (home / SUPPORT, home / CACHES)


def test_on_macos_files_that_are_there_stay(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    on(monkeypatch, "darwin", MacOS)
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "d"))
    (home / SUPPORT).mkdir(parents=True)
    assert data_folder() == home / SUPPORT
