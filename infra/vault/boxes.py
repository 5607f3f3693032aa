"""Boxes: values that can be read only while every key that they were sealed under is there.

A box is base64 of a nonce and AES-256-GCM over compressed JSON. Its key is HKDF-SHA256 (RFC 5869) over the keys of all
its refs, in their order; row and refs are authenticated with it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
import zlib
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from infra.vault.errors import BoxDamaged, KeyDestroyed
from infra.vault.keys import Keys

_NONCE_BYTES = 12
_SALT_BYTES = 16
_BOX, _SALTS = b"footnote box 1", b"footnote salts 1"


def seal(keys: Keys, refs: Sequence[str], row_id: str, values: Any) -> str:
    """`values` is JSON. "" where one of the keys is destroyed already: then nobody is to read it again."""
    try:
        key = _key(keys, refs, _BOX)
    except KeyDestroyed:
        return ""
    text = json.dumps(values, separators=(",", ":"), allow_nan=False).encode()
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, zlib.compress(text, 6), _about(row_id, refs))
    return base64.b64encode(nonce + sealed).decode()


def unseal(keys: Keys, refs: Sequence[str], row_id: str, box: str) -> Any:
    """Raises `KeyDestroyed` where it is erased, `BoxDamaged` where these keys are not the ones that sealed it."""
    key = _key(keys, refs, _BOX)
    if not box:
        raise KeyDestroyed("It was sealed when its key was destroyed already: it is erased.")
    try:
        data = base64.b64decode(box, validate=True)
        text = AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], _about(row_id, refs))
        return json.loads(zlib.decompress(text))
    except (InvalidTag, binascii.Error, ValueError, zlib.error) as error:
        raise BoxDamaged(
            f"A part of record {row_id} cannot be opened by the keys that are here: they belong to another trail, or "
            "it was changed. Run `footnote audit verify`."
        ) from error


def salt(keys: Keys, refs: Sequence[str], row_id: str, name: str) -> bytes:
    """For the commitment to a field; it is gone with any of the keys. Raises `KeyDestroyed`."""
    return hmac.digest(_key(keys, refs, _SALTS), f"{row_id}\0{name}".encode(), "sha256")[:_SALT_BYTES]


def _key(keys: Keys, refs: Sequence[str], what: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=what).derive(keys.key(*refs))


def _about(row_id: str, refs: Sequence[str]) -> bytes:
    return "\0".join((row_id, *refs)).encode()
