"""The key that signs evidence is drawn once, is private, and is a plain PEM that other tools read."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_public_key

from infra.files.signing import key_id, public_pem, signing_key
from infra.settings import SettingsError


def test_everybody_gets_the_same_private_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        drawn = {key.private_bytes_raw() for key in pool.map(lambda _: signing_key(tmp_path), range(32))}
    path = tmp_path / "secrets" / "signing.key"
    assert len(drawn) == 1
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["signing.key"]


def test_openssl_reads_the_key(tmp_path: Path) -> None:
    key = signing_key(tmp_path)
    path = tmp_path / "secrets" / "signing.key"
    told = subprocess.run(["openssl", "pkey", "-in", path, "-pubout"], capture_output=True, text=True, check=True)
    assert told.stdout == public_pem(key) == public_pem(key.public_key())


def test_a_key_is_known_by_its_public_half(tmp_path: Path) -> None:
    key, other = signing_key(tmp_path / "a"), signing_key(tmp_path / "b")
    public = load_pem_public_key(public_pem(key).encode())
    assert key_id(key) == key_id(public)  # type: ignore[arg-type]
    assert key_id(key) != key_id(other)


@pytest.mark.parametrize("other", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_damaged_key_is_refused(tmp_path: Path, other: bytes) -> None:
    signing_key(tmp_path)
    (tmp_path / "secrets" / "signing.key").write_bytes(other)
    with pytest.raises(SettingsError, match=r"signing\.key is damaged"):
        signing_key(tmp_path)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    signing_key(tmp_path)
    curve = ec.generate_private_key(ec.SECP256R1())
    pem = curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "secrets" / "signing.key").write_bytes(pem)
    with pytest.raises(SettingsError, match="no Ed25519 key"):
        signing_key(tmp_path)
