"""What was erased, when and how, signed; nothing of what was erased stands in it."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from infra.files.signing import key_id
from infra.postgres.chain import canonical
from ingest.errors import FootnoteError

SIGNED_AS = b"footnote erasure 1\n"  # so that no other signature of the key can stand for one


class ReceiptInvalid(FootnoteError):
    code = "receipt_invalid"


@dataclass(frozen=True, slots=True)
class Receipt:
    """`subjects`: ids of documents, or the pseudonym of a person. `indices`: of the keys of the trail that were
    destroyed. `done`: counts by store. `checked`: what was looked for afterwards was found nowhere, of a
    person nowhere but in documents that are kept; None: not looked.
    `position`, `hash`: the trail's head after its record. `not_promised`: what this erasure cannot reach.
    `copies_until`: the day by which older backups and copies of keys must be gone. Times are ISO."""

    id: str
    kind: str
    subjects: tuple[str, ...]
    by: str
    asked_at: str
    finished_at: str
    indices: tuple[str, ...]
    done: dict[str, int]
    checked: bool | None
    position: int
    hash: str
    not_promised: tuple[str, ...]
    copies_until: str
    key: str

    def signed(self, key: Ed25519PrivateKey) -> bytes:
        """A JSON document that `read` takes."""
        told = canonical(asdict(self))
        signature = base64.b64encode(key.sign(SIGNED_AS + told.encode())).decode()
        return json.dumps({"receipt": json.loads(told), "signature": signature}, indent=1).encode() + b"\n"


def read(data: bytes, public: bytes | Ed25519PublicKey) -> Receipt:
    """Checked against the key, PEM or not. Raises `ReceiptInvalid`."""
    try:
        key = load_pem_public_key(public) if isinstance(public, bytes) else public
    except ValueError as error:
        raise ReceiptInvalid("The public key is no PEM file: `footnote audit key` prints it.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ReceiptInvalid("The public key is none of Ed25519: `footnote audit key` prints it.")
    try:
        found: dict[str, Any] = json.loads(data)
        told, signature = found["receipt"], base64.b64decode(found["signature"], validate=True)
        key.verify(signature, SIGNED_AS + canonical(told).encode())
        lists = {name: tuple(told[name]) for name in ("subjects", "indices", "not_promised")}
        receipt = Receipt(**{**{field.name: told[field.name] for field in fields(Receipt)}, **lists})
    except InvalidSignature as error:
        raise ReceiptInvalid("The receipt was changed, or signed with another key than this one.") from error
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError) as error:
        raise ReceiptInvalid("This is no receipt of an erasure.") from error
    if receipt.key != key_id(key):
        raise ReceiptInvalid("The receipt names another key than the one it is signed with.")
    return receipt
