"""Keys that belong to one installation."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from infra.settings import SettingsError

KEY_BYTES = 32


def secret(path: Path, first: Callable[[bytes], None] = lambda key: None) -> bytes:
    """The 32 random bytes in `path`, drawn at first use; only the owner may read them.

    Several processes may ask at once: the first one to link its file decides, and all get the same bytes. `first` is
    called with a key that is drawn, before it is kept: if it fails, there is no key. Who passes it takes turns.
    Raises `SettingsError` for a file of another length, and `OSError`.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _draw(path, first)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise SettingsError(f"{path} is damaged: it holds {len(key)} bytes, not {KEY_BYTES}. Restore it from a backup.")
    return key


def _draw(path: Path, first: Callable[[bytes], None]) -> None:
    staged = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
    key = secrets.token_bytes(KEY_BYTES)
    try:
        with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        first(key)
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(staged)
    finally:
        staged.unlink(missing_ok=True)
