"""The key that signs evidence is drawn once, is private, and its public half is a plain PEM that other tools read."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from infra.files.signing import key_id, public_pem, signing_key
from infra.settings import SettingsError


def test_everybody_gets_the_same_private_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        drawn = {key.private_bytes_raw() for key in pool.map(lambda _: signing_key(tmp_path), range(32))}
    path = tmp_path / "secrets" / "signing.key"
    assert len(drawn) == 1
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["signing.key"]


def test_openssl_reads_the_public_half(tmp_path: Path) -> None:
    (tmp_path / "public.pem").write_text(public_pem(signing_key(tmp_path)))
    told = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", tmp_path / "public.pem", "-pubout"], capture_output=True, check=True
    )
    assert told.stdout == (tmp_path / "public.pem").read_bytes()


def test_a_key_is_known_by_its_public_half(tmp_path: Path) -> None:
    key, other = signing_key(tmp_path / "a"), signing_key(tmp_path / "b")
    public = load_pem_public_key(public_pem(key).encode())
    assert isinstance(public, Ed25519PublicKey)
    assert key_id(key) == key_id(public)
    assert key_id(key) != key_id(other)


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    signing_key(tmp_path)
    (tmp_path / "secrets" / "signing.key").write_bytes(b"short")
    with pytest.raises(SettingsError, match=r"signing\.key is damaged"):
        signing_key(tmp_path)
