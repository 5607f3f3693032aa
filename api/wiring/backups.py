"""Backups of this installation, and the way back."""

from __future__ import annotations

import importlib.metadata
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.wiring import vaulting
from api.wiring.stores import Stores
from infra.backup import manifest as manifests
from infra.backup import restoring, sealing
from infra.backup.errors import BackupDamaged, BackupRefused
from infra.backup.manifest import Manifest
from infra.backup.restoring import Restored
from infra.backup.taking import Installation, Keys, take
from infra.files.blobs import BlobStore
from infra.files.durable import replacing
from infra.postgres.errors import AuditBroken
from infra.postgres.pool import open_pool
from infra.settings import Settings

TAR = ".tar"


def back_up(
    parts: Stores, target: Path | None, passphrase: Path | None, apart: Path | None, note: Callable[[str], None]
) -> tuple[Path, Manifest]:
    """A backup at `target`, a folder or a `.tar`; without, one named by the time in FOOTNOTE_BACKUPS.

    Raises `BackupRefused`, `AuditBroken` (there is no key: nothing was ever recorded), and what the stores raise.
    """
    target = target or _by_time(parts.settings)
    if not (parts.settings.home / "secrets" / "audit.key").exists():
        raise AuditBroken(f"There is no installation in {parts.settings.home} to back up, or its keys are gone.")
    address = parts.database_url
    one = Installation(
        parts.settings.home,
        address() if callable(address) else address,
        parts.pool,
        parts.audit,
        importlib.metadata.version("footnote"),
    )
    keys = Keys(sealing.passphrase(passphrase) if passphrase else None, apart)
    if target.suffix != TAR:
        return target, take(one, target, keys, note)
    if target.exists():
        raise BackupRefused(f"There is a file {target} already. Choose another name.")
    folder = target.with_name(f"{target.name}.unpacked")
    finished = (folder / manifests.NAME).exists()
    made = manifests.read(folder) if finished else take(one, folder, keys, note)
    note("Packing...")
    with replacing(target) as file, tarfile.open(fileobj=file, mode="w") as tar:
        tar.add(folder, arcname=".")
    shutil.copyfile(folder / manifests.NAME, target.with_name(f"{target.name}.{manifests.NAME}"))
    shutil.rmtree(folder)
    return target, made


def restore(
    settings: Settings,
    source: Path,
    passphrase: Path | None,
    apart: Path | None,
    lost_head: Path | None,
    note: Callable[[str], None],
) -> Restored:
    """Puts a backup into the home and the database of the settings, and checks it.

    Raises `BackupRefused`, `BackupDamaged`, `AuditBroken`, `MigrationFailed`, and what the stores raise.
    """
    home = settings.home
    with _unpacked(source, home) as folder:
        made = restoring.begin(home, folder, lost_head, embedded=not settings.database_url)
        keys = _keys(folder, made, passphrase, apart)
        note("Putting keys and originals back...")
        lost = restoring.put_files(home, folder, made, keys)
        with Stores(settings) as parts:
            address = parts.database_url
            note("Putting the database back...")
            with open_pool(address) as pool:
                url = address() if callable(address) else address
                migrated = restoring.put_database(pool, url, folder, made)
            note("Checking the trail, the quotes and the originals...")
            trail, quotes = restoring.check(parts.pool, parts.audit, BlobStore(home / "blobs"), made)
            if quotes.looked < made.citations:
                told = "were erased, or are sealed under other keys than those that are here"
                note(f"{made.citations - quotes.looked} quotes of stored answers cannot be read: they {told}.")
            if again := vaulting.reapply(parts.pool, parts.keys):
                note(f"{again} keys of the trail were destroyed again, as it says that they were.")
            restoring.record(parts.pool, parts.audit, made, lost)
    (home / restoring.MARKER).unlink()
    return Restored(made, tuple(migrated), trail, quotes, lost)


def refuse_half_restored(settings: Settings) -> None:
    """What a restore does last ends sessions and destroys keys again: until then nobody may be served. Raises
    `BackupRefused`."""
    if (settings.home / restoring.MARKER).exists():
        raise BackupRefused(
            f"A backup is half restored in {settings.home}: sessions and keys of then may hold. Finish it first, by "
            "the same `footnote restore`."
        )


def _by_time(settings: Settings) -> Path:
    if settings.backups is None:
        raise BackupRefused("Say where the backup goes, or set FOOTNOTE_BACKUPS to a folder for them.")
    return settings.backups / f"footnote-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def _keys(folder: Path, made: Manifest, passphrase: Path | None, apart: Path | None) -> dict[str, bytes]:
    if apart is not None:
        return sealing.in_folder(apart)
    if made.secrets == "sealed":
        if passphrase is None:
            raise BackupRefused("The keys of this backup are sealed. Give --passphrase-file.")
        return sealing.opened((folder / "secrets.sealed").read_bytes(), sealing.passphrase(passphrase))
    if made.secrets == "apart":
        raise BackupRefused("The keys of this backup were kept apart. Give --keys-from FOLDER.")
    return sealing.in_folder(folder / "secrets")


@contextmanager
def _unpacked(source: Path, home: Path) -> Iterator[Path]:
    """The folder of a backup; a `.tar` is unpacked beside the home for as long."""
    if source.is_dir():
        yield source
        return
    if not source.is_file():
        raise BackupDamaged(f"There is no backup at {source}.")
    folder = home.with_name(f"{home.name}.unpacked")
    home.parent.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(source) as tar:
            _unpack(tar, folder)
        yield folder
    except tarfile.TarError as error:
        raise BackupDamaged(f"{source} is no .tar of a backup, or is damaged: {error}.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(tar: tarfile.TarFile, folder: Path) -> None:
    """Files and folders below it, as a backup holds; raises `tarfile.TarError` at anything else. Pythons before 3.11.4
    have no filter that would."""
    inside = folder.resolve()
    known: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    for member in tar:
        if not (member.isreg() or member.isdir()) or not (inside / member.name).resolve().is_relative_to(inside):
            raise tarfile.ExtractError(f"{member.name} is no file or folder of it")
        tar.extract(member, folder, **known)
