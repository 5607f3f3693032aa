"""The head file: which audit row is known to be durable. It lies outside the database and is signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
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
        return self._read(self._path)

    def _read(self, path: Path) -> Head | None:
        try:
            data = json.loads(path.read_bytes())
            head, mac = Head(int(data["seq"]), bytes.fromhex(data["hash"])), bytes.fromhex(data["mac"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise AuditBroken(f"{path} is damaged. Restore it from a backup.") from error
        if not hmac.compare_digest(mac, self._mac(head)):
            raise AuditBroken(f"{path} was changed, or was written with another key. Restore it from a backup.")
        return head

    def advance(self, head: Head) -> None:
        """Writes this head unless the file is as far already. Raises `DiskFull`, `AuditBroken` or `OSError`."""
        make_folder(self._path.parent)
        with file_lock(self._path.with_name(self._path.name + ".lock"), poll_s=_POLL_S):
            now = self.read()
            if now is None or now.seq < head.seq:
                write_durably(self._path, self._text(head))

    def stage(self, head: Head) -> None:
        """Before a commit that changes rows which the head may name: what it is to be then. Raises as `advance`."""
        make_folder(self._path.parent)
        write_durably(self._staged, self._text(head))

    def settle(self, hash_at: Callable[[int], bytes | None], *, locked: bool) -> None:
        """Finishes what a kill has left between such a commit and the head. `hash_at`: of the row there; `locked`:
        whether nobody can be in the middle of it."""
        if not self._staged.exists():
            return
        staged = self._read(self._staged)
        if staged is not None and hash_at(staged.seq) == staged.hash:
            self.settle_on(staged)
        elif locked:
            self._staged.unlink(missing_ok=True)

    def settle_on(self, head: Head) -> None:
        """The commit is there: so is the head."""
        self.advance(head)
        self._staged.unlink(missing_ok=True)

    @property
    def _staged(self) -> Path:
        return self._path.with_name(self._path.name + ".next")

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

    def _text(self, head: Head) -> bytes:
        return json.dumps({"seq": head.seq, "hash": head.hash.hex(), "mac": self._mac(head).hex()}).encode()

    def _mac(self, head: Head) -> bytes:
        return hmac.new(self._key, b"head" + head.seq.to_bytes(8, "big") + head.hash, hashlib.sha256).digest()
