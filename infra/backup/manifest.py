"""What a backup says of itself. A folder with `backup.json` is a finished backup:

backup.json       this manifest, written last
database.dump     pg_dump's custom format, of one snapshot
blobs/            originals by hash
audit/            the head of the trail and what lies beside it, copied before the snapshot
adapters/         LoRA adapters
secrets/          or `secrets.sealed`, or neither: the keys
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.backup.errors import BackupDamaged
from infra.files.durable import write_durably

NAME = "backup.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """`seq`, `hash`: the trail's last record in the snapshot. `secrets`: where the keys are, `inside`, `sealed` or
    `apart`. `rows` by table. `citations`, `gone`: as `QuoteReport` has them. `missing`: originals that were
    not there. `mac`: over all the rest."""

    id: str
    begun_at: datetime
    finished_at: datetime
    program: str
    server: int
    dumped_by: int
    migrations: tuple[str, ...]
    dump_sha256: str
    dump_bytes: int
    originals: int
    missing: tuple[str, ...]
    rows: Mapping[str, int]
    seq: int
    hash: str
    trail_whole: bool
    citations: int
    gone: int
    secrets: str
    format: int = FORMAT
    mac: str = ""

    def sealed(self, key: bytes) -> Manifest:
        """Under the key of the audit trail, so that a backup that was changed is noticed with its own keys."""
        return replace(self, mac=self._mac(key))

    def is_sealed(self, key: bytes) -> bool:
        return hmac.compare_digest(self.mac, self._mac(key))

    def _mac(self, key: bytes) -> str:
        said = json.dumps(asdict(replace(self, mac="")), default=_plain, sort_keys=True)
        return hmac.new(key, b"backup" + said.encode(), hashlib.sha256).hexdigest()


def write(folder: Path, manifest: Manifest) -> None:
    """Durably, which finishes the backup. Raises `DiskFull` or `OSError`."""
    write_durably(folder / NAME, json.dumps(asdict(manifest), default=_plain, indent=1).encode())


def read(folder: Path) -> Manifest:
    """Raises `BackupDamaged` where there is none, or not one of this format."""
    return read_file(folder / NAME)


def read_file(path: Path) -> Manifest:
    """Raises as `read`."""
    try:
        data = json.loads(path.read_bytes())
        if data["format"] != FORMAT:
            raise BackupDamaged(f"{path} was made by a newer version of Footnote. Restore it with that one.")
        times = {name: datetime.fromisoformat(data[name]) for name in ("begun_at", "finished_at")}
        lists = {name: tuple(data[name]) for name in ("migrations", "missing")}
        return Manifest(**(data | times | lists))
    except FileNotFoundError as error:
        raise BackupDamaged(
            f"There is no {path}, so that is no finished backup. Finish it, or take another."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise BackupDamaged(f"{path} is damaged. Take another backup.") from error


def newest(folder: Path) -> Manifest | None:
    """Of the finished backups in this folder; the manifest of a .tar lies beside it."""
    paths = [*folder.glob(f"*/{NAME}"), *folder.glob(f"*.tar.{NAME}")]
    return max(map(read_file, paths), key=lambda one: one.begun_at, default=None)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no JSON: {value!r}")
