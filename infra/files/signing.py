"""The key that exports, checkpoints and bundles are signed with (Ed25519, RFC 8032), made at its first use."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.files.secrets import secret


def signing_key(home: Path) -> Ed25519PrivateKey:
    """The seed (32 bytes) is kept at secrets/signing.key as the other secrets are."""
    return Ed25519PrivateKey.from_private_bytes(secret(home / "secrets" / "signing.key"))


def public_pem(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """What others verify with: SubjectPublicKeyInfo (RFC 8410) as PEM."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_id(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """16 hex digits that name it."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]
