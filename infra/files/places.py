"""Where a user's files lie if nothing says otherwise."""

from __future__ import annotations

import sys
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

APP = "footnote"


def data_folder() -> Path:
    """`footnote` in XDG_DATA_HOME, ~/.local/share or ~/Library/Application Support."""
    return _kept("Application Support") or user_data_path(APP, appauthor=False)


def cache_folder() -> Path:
    """`footnote` in XDG_CACHE_HOME, ~/.cache or ~/Library/Caches."""
    return _kept("Caches") or user_cache_path(APP, appauthor=False)


def _kept(library: str) -> Path | None:
    """On macOS the folder in the Library if it is there: platformdirs lets XDG_* go first, Footnote has not always."""
    folder = Path.home() / "Library" / library / APP
    return folder if sys.platform == "darwin" and folder.is_dir() else None
