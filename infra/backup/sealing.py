"""The keys of an installation, under a passphrase: scrypt (RFC 7914) and AES-256-GCM."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from infra.backup.errors import BackupDamaged, BackupRefused
from infra.files.durable import make_folder, write_durably

SHORTEST = 12
_COST = {"n": 2**15, "r": 8, "p": 1}


def passphrase(path: Path) -> bytes:
    """The first line of the file; raises `BackupRefused` if it is short, and `OSError`."""
    words = path.read_bytes().split(b"\n", 1)[0].strip()
    if len(words) < SHORTEST:
        raise BackupRefused(f"The passphrase in {path} has fewer than {SHORTEST} characters.")
    return words


def sealed(files: Mapping[str, bytes], words: bytes) -> bytes:
    """Names and contents as one JSON document that only the passphrase opens."""
    salt, nonce = os.urandom(16), os.urandom(12)
    plain = json.dumps({name: _text(data) for name, data in files.items()}).encode()
    data = AESGCM(_key(words, salt, _COST)).encrypt(nonce, plain, None)
    return json.dumps({"scrypt": _COST, "salt": _text(salt), "nonce": _text(nonce), "data": _text(data)}).encode()


def opened(data: bytes, words: bytes) -> dict[str, bytes]:
    """What was sealed; raises `BackupRefused` for another passphrase, `BackupDamaged` for what is no sealed file."""
    try:
        found = json.loads(data)
        salt, nonce, body = (base64.b64decode(found[name]) for name in ("salt", "nonce", "data"))
        cost = {name: int(found["scrypt"][name]) for name in ("n", "r", "p")}
    except (ValueError, KeyError, TypeError) as error:
        raise BackupDamaged("The sealed keys are damaged. Take them from another backup.") from error
    if cost != _COST:
        raise BackupDamaged("The sealed keys were made by another version, or changed.")
    try:
        plain = AESGCM(_key(words, salt, cost)).decrypt(nonce, body, None)
    except InvalidTag as error:
        raise BackupRefused("The passphrase is not the one that the keys were sealed with.") from error
    return {name: base64.b64decode(text) for name, text in json.loads(plain).items()}


def in_folder(folder: Path) -> dict[str, bytes]:
    """The files of a folder by their paths in it, but for locks and what is unfinished. Raises `OSError`."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in {".lock", ".probe"} and not path.name.startswith(".")
    }


def put(files: Mapping[str, bytes], folder: Path) -> None:
    """Writes them durably, open to their owner only. Raises `BackupDamaged` for a path that leads out of the folder."""
    for name, data in files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise BackupDamaged(f"A key is called {name!r}, which leads out of the folder of keys.")
        make_folder(path.parent)
        write_durably(path, data)


def _key(words: bytes, salt: bytes, cost: Mapping[str, int]) -> bytes:
    return Scrypt(salt=salt, length=32, **cost).derive(words)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
