"""A stretch of the audit trail to take away: lines that anybody can check who has the public key of the installation.

The format is told in docs/audit.md; infra/audit_verifier/verify_export.py reads it without any of our code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.files.signing import key_id
from infra.postgres.chain import AuditRow, Head

FORMAT = "footnote-audit/1"
_MOST_LEFT_OUT = 1000  # in a line


@dataclass(frozen=True, slots=True)
class Stretch:
    """The records up to the head, as they are stored; those that fit with what they say, opened, the others with None.
    Each was checked against the one before it and against its hash as it was read."""

    head: Head
    rows: Iterator[tuple[AuditRow, AuditRow | None]]


class _Lines:
    """Each line begins with the SHA-256 over the one before it (its digest) and all that follows in it."""

    def __init__(self) -> None:
        self.digest = bytes(32)

    def line(self, told: Mapping[str, Any]) -> bytes:
        body = json.dumps(told, ensure_ascii=True, separators=(",", ":")).encode()
        self.digest = hashlib.sha256(self.digest + body).digest()
        return b'{"sha256":"' + self.digest.hex().encode() + b'",' + body[1:] + b"\n"


def exported(stretch: Stretch, about: Mapping[str, Any], key: Ed25519PrivateKey) -> Iterator[bytes]:
    """Lines of JSON: what this is; the records, and the hashes of those between them that were left out, up to the
    head; the head, signed. `about`: who asked, when and for what. Raises `AuditBroken`."""
    lines = _Lines()
    yield lines.line({"export": FORMAT, **about})
    records, left_out = 0, list[AuditRow]()
    for row, opened in stretch.rows:
        if left_out and (opened or len(left_out) >= _MOST_LEFT_OUT):
            yield lines.line(_left_out(left_out))
            left_out = []
        if opened:
            records += 1
            yield lines.line(_record(row, opened))
        else:
            left_out.append(row)
    if left_out:
        yield lines.line(_left_out(left_out))
    head = {"seq": stretch.head.seq, "hash": stretch.head.hash.hex()}
    last = lines.line({"head": head, "records": records, "key": key_id(key)})
    signature = key.sign(FORMAT.encode() + b":" + lines.digest)
    yield last[:-2] + b',"signature":"' + signature.hex().encode() + b'"}\n'


def _record(row: AuditRow, opened: AuditRow) -> dict[str, Any]:
    said = {} if opened.record == row.record else {"opened": opened.record}
    return {
        "seq": row.seq,
        "id": row.id,
        "recorded_at": row.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "principal": row.principal,
        "prev_hash": row.prev_hash.hex(),
        "hash": row.hash.hex(),
        "record": row.record,
        **said,
    }


def _left_out(rows: list[AuditRow]) -> dict[str, Any]:
    return {"from": rows[0].seq, "prev_hash": rows[0].prev_hash.hex(), "left_out": [row.hash.hex() for row in rows]}
