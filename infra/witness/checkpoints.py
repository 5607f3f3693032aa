"""Signed statements of how far the trail had come, and what was in it since the one before."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from infra.postgres.chain import canonical

SIGNED_AS = b"footnote checkpoint 1\n"  # so that no other signature of the key can stand for one


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The `number`th of a trail: its rows up to `position` are there, the last one with the (keyed) `hash`.

    `root`: of the Merkle tree over the rows after `start` up to `position`. `previous`: the digest of the checkpoint
    before, "" for the first. `time`: when it was made, ISO. `key`: by which it is signed. Hashes are hex.
    """

    number: int
    start: int
    position: int
    hash: str
    root: str
    previous: str
    time: str
    key: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self._signed()).hexdigest()

    def sign(self, key: Ed25519PrivateKey) -> str:
        """Base64."""
        return base64.b64encode(key.sign(self._signed())).decode()

    def _signed(self) -> bytes:
        return SIGNED_AS + canonical(asdict(self)).encode()


@dataclass(frozen=True, slots=True)
class Entry:
    """A checkpoint as a witness keeps it: with its signature (base64), and tokens of timestamp authorities (base64 of
    RFC 3161 responses) over its digest."""

    checkpoint: Checkpoint
    signature: str
    timestamps: tuple[str, ...] = ()

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        try:
            key.verify(base64.b64decode(self.signature, validate=True), self.checkpoint._signed())
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    def record(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "checkpoint": asdict(self.checkpoint),
            "signature": self.signature,
            "timestamps": list(self.timestamps),
        }

    def line(self) -> bytes:
        return canonical(self.record()).encode() + b"\n"


_KINDS = {field.name: int if field.name in {"number", "start", "position"} else str for field in fields(Checkpoint)}


def parse(line: bytes) -> Entry | None:
    """None for what is no entry: a line that a kill has cut off, or something else."""
    try:
        told = json.loads(line)
        stated, signature, timestamps = told["checkpoint"], told["signature"], told.get("timestamps", [])
        typed = {name: type(value) for name, value in stated.items()} == _KINDS and isinstance(signature, str)
        if not typed or not all(isinstance(one, str) for one in timestamps):
            return None
        return Entry(Checkpoint(**stated), signature, tuple(timestamps))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
