"""Rows of the trail as leaves of a Merkle tree, so that a single one can be proved without the key and the others.

The keyed hash of a row says nothing to who lacks the key. A leaf is a plain SHA-256 over the row, in which each field
of the record stands as a salted commitment: a proof shows the fields that it must, and no guess at the rest can be
checked. The tree is that of RFC 6962: leaves are hashed behind a zero byte, nodes behind a one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from infra.postgres.chain import AuditRow, Opened, canonical
from infra.witness.errors import AnswerErased

_SALT_BYTES = 16


def commitments(row: AuditRow, salt_key: bytes) -> dict[str, str]:
    """Of each field of the record, the SHA-256 (hex) of its salt and what it says. What is sealed has its own."""
    record = json.loads(row.record)
    given = record.pop("commitments", {}) if record.get("sealing") else {}
    own = {name: _digest(_salt(salt_key, row, name), name, value) for name, value in record.items()}
    return {**own, **given}


def leaf_text(row: AuditRow, salt_key: bytes) -> dict[str, Any]:
    """What is hashed of a row."""
    return {
        "seq": row.seq,
        "id": row.id,
        "recorded_at": row.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "principal": row.principal,
        "prev_hash": row.prev_hash.hex(),
        "hash": row.hash.hex(),
        "fields": commitments(row, salt_key),
    }


def leaf(row: AuditRow, salt_key: bytes) -> bytes:
    return hashlib.sha256(b"\0" + canonical(leaf_text(row, salt_key)).encode()).digest()


def disclosed(row: AuditRow, opened: Opened, salt_key: bytes, names: frozenset[str]) -> dict[str, Any]:
    """The row for a proof: with salt and value of the named fields, and the commitments alone of all others. Raises
    `AnswerErased` where one of these cannot be shown any more."""
    stored, plain = json.loads(row.record), json.loads(opened.row.record)
    given = stored.get("commitments", {})
    shown = {}
    for name in sorted(names & plain.keys()):
        if name in given and name not in opened.salts:
            raise AnswerErased(f"Parts of this answer were erased ({name} of record {row.seq}): it proves nothing now.")
        salt = opened.salts[name] if name in given else _salt(salt_key, row, name)
        shown[name] = [salt.hex(), plain[name]]
    return {"row": leaf_text(row, salt_key), "shown": shown}


def _salt(salt_key: bytes, row: AuditRow, name: str) -> bytes:
    return hmac.new(salt_key, f"{row.id}\0{name}".encode(), hashlib.sha256).digest()[:_SALT_BYTES]


def _digest(salt: bytes, name: str, value: Any) -> str:
    return hashlib.sha256(salt + canonical({name: value}).encode()).hexdigest()


def root(leaves: Sequence[bytes]) -> bytes:
    return _levels(leaves)[-1][0]


def path(leaves: Sequence[bytes], at: int) -> list[tuple[str, str]]:
    """What the leaf at that place is hashed with on the way to the root: on which side it stands, and the hash."""
    found = []
    for level in _levels(leaves)[:-1]:
        beside = at ^ 1
        if beside < len(level):
            found.append(("left" if beside < at else "right", level[beside].hex()))
        at //= 2
    return found


def _levels(leaves: Sequence[bytes]) -> list[Sequence[bytes]]:
    """From the leaves to the root. Raises `ValueError` where there is no leaf."""
    if not leaves:
        raise ValueError("a tree has leaves")
    levels: list[Sequence[bytes]] = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = [hashlib.sha256(b"\1" + below[n] + below[n + 1]).digest() for n in range(0, len(below) - 1, 2)]
        levels.append(pairs + list(below[len(pairs) * 2 :]))
    return levels
