"""The keys of the trail: where they lie, their copies, and erasures that a copy lacks."""

from __future__ import annotations

from pathlib import Path

from infra.backup import sealing
from infra.backup.errors import BackupDamaged, BackupRefused
from infra.files.durable import make_folder, write_durably
from infra.postgres.pool import Pool
from infra.postgres.sealed import erasures, is_unused
from infra.settings import Settings
from infra.vault.keys import NAME, Keys

_COPIED = "copied"  # beside the keys: when the last copy was made, by its time of change


def folder(settings: Settings) -> Path:
    """FOOTNOTE_KEYS, or `keys` in the home."""
    return settings.keys or settings.home / "keys"


def keys(settings: Settings, pool: Pool) -> Keys:
    return Keys(folder(settings), fresh=lambda: is_unused(pool))


def reapply(pool: Pool, of: Keys) -> int:
    """Destroys again what was erased and is there in this file of keys; how many keys."""
    return of.destroy_indices(index for one in erasures(pool) for index in one.indices)


def copy(of: Keys, target: Path, words: Path) -> None:
    """Writes a copy that only the passphrase opens. Raises `KeysMissing`, `KeysDamaged`, `DiskFull` and `OSError`."""
    make_folder(target.absolute().parent)
    write_durably(target, sealing.sealed({NAME: of.copy()}, sealing.passphrase(words)))
    write_durably(of.path.with_name(_COPIED), b"")


def restore(settings: Settings, source: Path, words: Path) -> None:
    """Puts a copy in place of what is there; needs no database. Raises `BackupRefused` for another passphrase,
    `BackupDamaged` or `KeysDamaged` for what is no copy."""
    found = sealing.opened(source.read_bytes(), sealing.passphrase(words))
    if NAME not in found:
        raise BackupDamaged(f"{source} holds other keys than those of a trail.")
    Keys(folder(settings)).restore(found[NAME])


def begin_anew(settings: Settings) -> None:
    """Raises `BackupRefused` where there are keys."""
    found = Keys(folder(settings))
    if found.path.exists():
        raise BackupRefused(f"There are keys at {found.path}. If they are damaged, put them aside first.")
    found.copy()


def copied_at(of: Keys) -> float | None:
    """When the last copy was made, in seconds since 1970; None where none was."""
    mark = of.path.with_name(_COPIED)
    return mark.stat().st_mtime if mark.exists() else None
