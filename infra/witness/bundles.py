"""An answer as one signed file: what it says, what it rests on, and that the trail has held it since.

The format is told in docs/audit-proofs.md; infra/audit_verifier/verify_bundle.py checks one without any of our code.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.files.signing import key_id, public_pem
from infra.postgres.chain import AuditRow, Former, Opened, canonical
from infra.witness.checkpoints import Entry
from infra.witness.errors import AnswerErased
from infra.witness.tree import disclosed, path
from infra.witness.witnesses import Witnesses

FORMAT = "footnote-bundle/1"
SIGNED_AS = b"footnote bundle 1\n"
# Of a record; what was withheld, searched and left unsaid stays a commitment.
SHOWN = frozenset(
    {"kind", "answer_id", "principal", "question", "as_of", "follow_up", "filter", "model", "sentences", "citations"}
) | {"answer", "cited", "interrupted"}
_EPOCH = (0, 0x21)  # 1980-01-01, which is where the clock of a ZIP begins


def bundle(answer_id: str, proof: Mapping[str, Any], parts: Mapping[str, bytes], key: Ed25519PrivateKey) -> bytes:
    """The same bytes for the same parts, names to contents; `proof`: as `proof_of` gives it."""
    files = {
        **parts,
        "proof.json": canonical(proof).encode(),
        "public.pem": public_pem(key).encode(),
    }
    manifest = canonical(
        {
            "format": FORMAT,
            "answer_id": answer_id,
            "key": key_id(key),
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        }
    ).encode()
    signature = key.sign(SIGNED_AS + manifest)
    return archive({"manifest.json": manifest, "manifest.sig": signature, **dict(sorted(files.items()))})


def proof_of(rows: Sequence[tuple[AuditRow, Opened]], witnesses: Witnesses) -> dict[str, Any]:
    """The rows, each with its way to the root of a signed checkpoint; all of them must lie in one. Raises
    `WitnessDisagrees`, `AnswerErased` and `AuditBroken`."""
    entries: list[Entry] = []
    proved = []
    leaves: list[bytes] = []
    for row, opened in rows:
        if not entries or not entries[-1].checkpoint.start < row.seq <= entries[-1].checkpoint.position:
            entry = witnesses.of(row.seq)
            if entry is None:
                raise ValueError(f"row {row.seq} is in no checkpoint")
            entries.append(entry)
            leaves = witnesses.leaves(entry.checkpoint)
        at = row.seq - entries[-1].checkpoint.start - 1
        if row.seq in (kept := witnesses.kept(entries[-1].checkpoint)):
            row, opened = _former(row, opened, kept)
        shown = disclosed(row, opened, witnesses.salt_key, SHOWN)
        proved.append({**shown, "checkpoint": len(entries) - 1, "path": path(leaves, at)})
    return {"checkpoints": [entry.record() for entry in entries], "rows": proved}


def _former(row: AuditRow, opened: Opened, kept: Mapping[int, Former]) -> tuple[AuditRow, Opened]:
    """A row that was sealed since its checkpoint, as that holds it."""
    if opened.erased:
        raise AnswerErased("Parts of this answer were erased, so that it cannot be proved any more.")
    before = kept[row.seq - 1].hash if row.seq - 1 in kept else row.prev_hash
    then = replace(opened.row, hash=kept[row.seq].hash, prev_hash=before)
    return then, Opened(then)


def answer_of(rows: Sequence[AuditRow]) -> dict[str, Any] | None:
    """The record that closed the answer, out of opened rows; None where none did, or it was closed without one."""
    for row in reversed(rows):
        record = json.loads(row.record)
        if record.get("kind") == "closed" and isinstance(record.get("answer"), dict):
            return dict(record)
    return None


def archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP (PKWARE APPNOTE 6.3) of stored entries in this order, without times: one spelling for one content."""
    body, directory = bytearray(), bytearray()
    for name, data in files.items():
        flags = 0x800 if not name.isascii() else 0
        fields = (20, flags, 0, *_EPOCH, zlib.crc32(data), len(data), len(data), len(name.encode()), 0)
        directory += struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *fields, 0, 0, 0, 0, len(body)) + name.encode()
        body += struct.pack("<4s5H3L2H", b"PK\3\4", *fields) + name.encode() + data
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return bytes(body + directory + end)
