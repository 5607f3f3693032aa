"""The Ed25519 key that signs what leaves an installation as evidence: checkpoints, bundles, exports."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from infra.files.secrets import keep
from infra.settings import SettingsError


def signing_key(home: Path) -> Ed25519PrivateKey:
    """The key in secrets/signing.key of the home folder (PKCS #8 as PEM, mode 600), drawn at first use.

    Several processes may ask at once and get the same one. Raises `SettingsError` for a file that is no such key, and
    `OSError`.
    """
    path = home / "secrets" / "signing.key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        keep(path, _pem(Ed25519PrivateKey.generate()))
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise SettingsError(f"{path} is damaged. Restore it from a backup.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"{path} holds no Ed25519 key. Restore it from a backup.")
    return key


def public_pem(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """The public half, as PEM (SubjectPublicKeyInfo)."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def key_id(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """What a public key is known by: the first 16 hex digits of the SHA-256 of its 32 bytes."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def _pem(key: Ed25519PrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
