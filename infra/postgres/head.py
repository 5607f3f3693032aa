"""The head file: which audit row is known to be durable. It lies outside the database and is signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

from infra.files.durable import make_folder, write_durably
from infra.files.locks import file_lock
from infra.postgres.chain import GENESIS, Head
from infra.postgres.errors import AuditBroken

HEAD_GONE = (
    "The trail's head file is gone. Restore it from a backup. If nothing was ever recorded here, remove "
    "secrets/audit.key of the data folder: a new trail is then begun."
)
_POLL_S = 0.002  # it is held for as long as a small file takes to become durable, and an answer waits for it


class HeadFile:
    """Moves forward only; several processes may share it."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key

    def read(self) -> Head | None:
        """None if there is no file; raises `AuditBroken` if it is not one that this key wrote."""
        try:
            data = json.loads(self._path.read_bytes())
            head, mac = Head(int(data["seq"]), bytes.fromhex(data["hash"])), bytes.fromhex(data["mac"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise AuditBroken(f"{self._path} is damaged. Restore it from a backup.") from error
        if not hmac.compare_digest(mac, self._mac(head)):
            raise AuditBroken(f"{self._path} was changed, or was written with another key. Restore it from a backup.")
        return head

    def advance(self, head: Head) -> None:
        """Writes this head unless the file is as far already. Raises `DiskFull`, `AuditBroken` or `OSError`."""
        make_folder(self._path.parent)
        with file_lock(self._path.with_name(self._path.name + ".lock"), poll_s=_POLL_S):
            now = self.read()
            if now is None or now.seq < head.seq:
                text = json.dumps({"seq": head.seq, "hash": head.hash.hex(), "mac": self._mac(head).hex()})
                write_durably(self._path, text.encode())

    def begin(self) -> None:
        """Writes the head of an empty trail, before the key is kept. One that another key wrote for an empty trail is
        what a kill in between leaves, and is replaced; raises `AuditBroken` for any other: its key is gone."""
        if self._path.exists():
            try:
                empty = json.loads(self._path.read_bytes())["seq"] == 0
            except (ValueError, KeyError, TypeError):
                empty = False
            if not empty:
                raise AuditBroken(f"The key of the audit trail is gone, but {self._path} is there. Restore the key.")
            self._path.unlink()
        self.advance(Head(0, GENESIS))

    def probe(self) -> None:
        """Raises `DiskFull` or `OSError` if no head could be written now."""
        make_folder(self._path.parent)
        probe = self._path.with_name(self._path.name + ".probe")
        try:
            write_durably(probe, bytes(4096))
        finally:
            probe.unlink(missing_ok=True)

    def _mac(self, head: Head) -> bytes:
        return hmac.new(self._key, b"head" + head.seq.to_bytes(8, "big") + head.hash, hashlib.sha256).digest()
