#!/usr/bin/env python3
"""Checks an export of Footnote's audit trail without Footnote: one file, Python 3.9 or newer, nothing to install.

    python3 verify_export.py export.jsonl --public-key footnote.pem [--audit-key audit.key]

The public key is what `footnote audit key` printed on the installation; get it from there, not with the export. The
signature is checked by the package `cryptography` if it is there, else by the program `openssl` (3.0 or newer). With
the installation's secret key of the trail, which auditors on the premises may be given, each record's seal
(HMAC-SHA256) is checked too. The format is told in docs/audit.md.

Exit code 0 and one line that begins with "OK"; 1 and one line that begins with "NOT OK"; 2 where nothing was checked.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

FORMAT = "footnote-audit/1"
PREFIX = b'{"sha256":"'
SPKI = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: what stands before the 32 bytes of an Ed25519 key
SIGNATURE = b',"signature":"'


class Wrong(Exception):
    """What is not as it was written."""


class Unusable(Exception):
    """Nothing can be checked."""


class Export:
    """What was read so far. `last`: seq and hash of the newest record, shown or left out."""

    def __init__(self, public: bytes, audit_key: bytes | None) -> None:
        self.public = public
        self.audit_key = audit_key
        self.digest = bytes(32)
        self.last: tuple[int, str] | None = None
        self.first = 0
        self.records = 0
        self.left_out = 0
        self.lines = 0
        self.ended = False

    def read(self, line: bytes) -> None:
        """Raises `Wrong`."""
        self.lines += 1
        if self.ended:
            raise Wrong("something follows the signature")
        if not line.endswith(b"}\n"):
            raise Wrong("the line is cut off")
        told = json.loads(line)
        if not line.startswith(PREFIX) or line[75:77] != b'",':
            raise Wrong("the line does not begin with its SHA-256")
        self._place(told)
        body = b"{" + line[77:-1]
        signature = b""
        if "signature" in told:
            body, _, signature = body.rpartition(SIGNATURE)
            body += b"}"
        digest = hashlib.sha256(self.digest + body).digest()
        if digest.hex() != told["sha256"]:
            raise Wrong("the line was changed, or lines before it are missing or were moved")
        self.digest = digest
        if "signature" in told:
            self._end(told, signature[:-2].decode())

    def _place(self, told: dict[str, Any]) -> None:
        """Whether this is the line that comes next."""
        if self.lines == 1:
            if told.get("export") != FORMAT:
                raise Wrong(f"this is no export of the format {FORMAT}")
        elif "record" in told:
            self._follow(told["seq"], told["prev_hash"], [told["hash"]])
            self.records += 1
            if self.audit_key is not None:
                self._seal(told)
        elif "left_out" in told:
            self._follow(told["from"], told["prev_hash"], told["left_out"])
            self.left_out += len(told["left_out"])
        elif "head" not in told:
            raise Wrong("this is no line of an export")

    def _follow(self, seq: int, prev_hash: str, hashes: list[str]) -> None:
        if any(len(bytes.fromhex(one)) != 32 for one in (prev_hash, *hashes)) or not hashes:
            raise Wrong(f"record {seq} has no hash")
        if self.last is None:
            self.first = seq
            if seq == 1 and prev_hash != "0" * 64:
                raise Wrong("the first record of all follows another one")
        elif seq != self.last[0] + 1:
            raise Wrong(f"record {seq} follows record {self.last[0]}: lines are missing, were added or moved")
        elif prev_hash != self.last[1]:
            raise Wrong(f"record {seq} does not follow the hash of record {self.last[0]}")
        self.last = (seq + len(hashes) - 1, hashes[-1])

    def _seal(self, told: dict[str, Any]) -> None:
        fields = (
            bytes.fromhex(told["prev_hash"]),
            str(told["seq"]).encode(),
            told["id"].encode(),
            told["recorded_at"].encode(),
            told["principal"].encode(),
            told["record"].encode(),
        )
        assert self.audit_key is not None
        mac = hmac.new(self.audit_key, digestmod=hashlib.sha256)
        for field in fields:
            mac.update(len(field).to_bytes(8, "big") + field)
        if mac.hexdigest() != told["hash"]:
            raise Wrong(f"record {told['seq']} is not what its hash seals with this audit key")

    def _end(self, told: dict[str, Any], signature: str) -> None:
        head = told["head"]
        if self.last is not None and (head["seq"], head["hash"]) != self.last:
            raise Wrong(
                f"the head is record {head['seq']}, but the lines reach record {self.last[0]} with another hash"
            )
        if told["records"] != self.records:
            raise Wrong(f"{told['records']} records were exported, {self.records} are here")
        given = hashlib.sha256(self.public).hexdigest()[:16]
        if told["key"] != given:
            raise Wrong(f"it was signed with the key {told['key']}; the public key given is {given}")
        seal = bytes.fromhex(signature)
        if seal.hex() != signature or not signed(self.public, FORMAT.encode() + b":" + self.digest, seal):
            raise Wrong("the signature is not that of the installation over these lines")
        self.last = (head["seq"], head["hash"])
        self.ended = True


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the Ed25519 signature (RFC 8032) is right. Raises `Unusable`."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return signed_by_openssl(public, message, signature)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def signed_by_openssl(public: bytes, message: bytes, signature: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        key, said, seal = (Path(folder) / name for name in ("key", "message", "signature"))
        key.write_bytes(SPKI + public)
        said.write_bytes(message)
        seal.write_bytes(signature)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", str(key), "-rawin"]
        command += ["-in", str(said), "-sigfile", str(seal)]
        try:
            run = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise Unusable("the signature needs the package cryptography or the program openssl") from error
    if "Signature Verified Successfully" in run.stdout:
        return True
    if "Signature Verification Failure" in run.stdout + run.stderr:
        return False
    raise Unusable(f"openssl cannot check the signature: {run.stderr.strip() or run.stdout.strip()}")


def public_key(path: str) -> bytes:
    """The 32 bytes of an Ed25519 key in a PEM file. Raises `Unusable`."""
    try:
        lines = Path(path).read_text(encoding="ascii").split("\n")
        inner = [line.strip() for line in lines if not line.startswith("-----")]
        key = base64.b64decode("".join(inner), validate=True)
    except (OSError, ValueError) as error:
        raise Unusable(f"the public key cannot be read: {error}") from error
    if not key.startswith(SPKI) or len(key) != len(SPKI) + 32:
        raise Unusable(f"{path} holds no public key of the kind Ed25519")
    return key[len(SPKI) :]


def checked(file: BinaryIO, public: bytes, audit_key: bytes | None) -> str:
    """What was found in order. Raises `Wrong` with the line, and `Unusable`."""
    export = Export(public, audit_key)
    try:
        for line in file:
            export.read(line)
    except Wrong as error:
        raise Wrong(f"line {export.lines}: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise Wrong(f"line {export.lines}: it cannot be read ({type(error).__name__})") from error
    if not export.ended:
        raise Wrong(f"the export ends after line {export.lines}, before its signature")
    assert export.last is not None
    seals = f", {export.records} seals" if audit_key is not None else ""
    reach = f"from record {export.first} to the head" if export.first else "nothing but the head"
    return (
        f"{export.records} records, {export.left_out} left out, {reach}, {export.last[0]}; "
        f"lines, order, signature{seals} are as written"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks an export of Footnote's audit trail.")
    parser.add_argument("export", help="the file, or - for standard input")
    parser.add_argument("--public-key", required=True, help="PEM file, as `footnote audit key` prints it")
    parser.add_argument("--audit-key", help="secrets/audit.key of the installation: checks each record's seal too")
    asked = parser.parse_args()
    try:
        public = public_key(asked.public_key)
        secret = Path(asked.audit_key).read_bytes() if asked.audit_key else None
        if asked.export == "-":
            told = checked(sys.stdin.buffer, public, secret)
        else:
            with Path(asked.export).open("rb") as file:
                told = checked(file, public, secret)
    except Wrong as error:
        print(f"NOT OK: {error}")
        return 1
    except (Unusable, OSError) as error:
        print(f"Nothing was checked: {error}")
        return 2
    print(f"OK: {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
