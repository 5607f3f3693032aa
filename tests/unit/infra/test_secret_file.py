"""An installation's keys are drawn once, are private, and are the same for everybody who asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.files.secrets import secret
from infra.settings import SettingsError


def test_everybody_gets_the_same_private_bytes(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "audit.key"
    with ThreadPoolExecutor(8) as pool:
        drawn = set(pool.map(lambda _: secret(path), range(32)))
    assert len(drawn) == 1
    assert len(drawn.pop()) == 32
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["audit.key"]


def test_two_keys_differ(tmp_path: Path) -> None:
    assert secret(tmp_path / "a.key") != secret(tmp_path / "b.key")


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    secret(tmp_path / "jwt.key")
    (tmp_path / "jwt.key").write_bytes(b"")
    with pytest.raises(SettingsError, match=r"jwt\.key is damaged: it holds 0 bytes"):
        secret(tmp_path / "jwt.key")
