"""The keys of the trail: one for each entry, person, document and month, all out of one file, each to be destroyed.

The file lies beside the data, and no backup holds it. It names no subject: a key is found by the keyed hash of what it
is for (`index`), which is also all that a record of an erasure says.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.files.durable import make_folder, sync_folder
from infra.files.locks import file_lock
from infra.vault.errors import KeyDestroyed, KeysDamaged, KeysMissing, KeysOfAnother
from infra.vault.tree import DEPTH, SEED_BYTES, Tree

NAME = "trail.keys"
FORMAT = b"footnote trail keys 1\n"
_SALT_BYTES = 32
_SUM_BYTES = 32
_KEPT = 8192  # derived keys
_TRIES = 5  # to read a file that others replace meanwhile
_MISSING = (
    "The file of keys {path} is gone, and the trail is sealed under them. Put a copy back: "
    "`footnote audit vault restore COPY --passphrase-file FILE`. Without one, what it says stays unreadable for ever: "
    "`footnote audit vault begin --lost` goes on from there."
)
_DAMAGED = (
    "The file of keys {path} is damaged. Put a copy back: `footnote audit vault restore COPY --passphrase-file FILE`."
)

_ANOTHER = (
    "The copy holds keys of another trail than those at {path}, which it would overwrite: nothing that is sealed under "
    "them could be read again. If it is the copy that is wanted, put that file aside first."
)


@dataclass(frozen=True, slots=True)
class _State:
    salt: bytes
    tree: Tree
    stamp: tuple[int, int, int]


class Keys:
    """Several processes and threads may share the file. `fresh` is asked before a missing file is begun anew: whether
    nothing is sealed yet. Methods raise `KeysMissing`, `KeysDamaged` and `OSError`.

    What a key is for (a ref) is a string such as `person:3f0a…` or `month:2026-11`.
    """

    def __init__(self, folder: Path, *, fresh: Callable[[], bool] = lambda: True) -> None:
        self.path = folder / NAME
        self._fresh = fresh
        self._lock = threading.Lock()
        self._state: _State | None = None
        self._derived: OrderedDict[str, bytes | None] = OrderedDict()

    def key(self, *refs: str) -> bytes:
        """32 bytes for each. Raises `KeyDestroyed` if one of them is."""
        with self._lock:
            state = self._current()
            found = [(ref, self._leaf(state, ref)) for ref in refs]
        if gone := [ref for ref, key in found if key is None]:
            raise KeyDestroyed(f"The key of {gone[0].partition(':')[0]} was destroyed: what it sealed is erased.")
        return b"".join(key for _, key in found if key)

    def alive(self, ref: str) -> bool:
        with self._lock:
            return self._leaf(self._current(), ref) is not None

    def index(self, ref: str) -> str:
        """What a key is known by where its subject must not be named: 32 hex digits."""
        with self._lock:
            return _index(self._current().salt, ref).hex()

    def moment(self) -> object:
        """The same as long as no key was destroyed."""
        with self._lock:
            return self._current().stamp

    def generation(self, stem: str) -> str:
        """`stem#0`, or the next number whose key is not destroyed: who comes back after an erasure is somebody new."""
        number = 0
        while not self.alive(f"{stem}#{number}"):
            number += 1
        return f"{stem}#{number}"

    def destroy(self, refs: Iterable[str]) -> tuple[str, ...]:
        """No process can derive these keys any more when this returns. Gives their indices, sorted; that a key is
        destroyed already is no error."""
        indices = sorted({self.index(ref) for ref in refs})
        self.destroy_indices(indices)
        return tuple(indices)

    def destroy_indices(self, indices: Iterable[str]) -> int:
        """As `destroy`; how many were still there. A kill leaves all of these keys or none."""
        wanted = [int(index, 16) for index in indices]
        self._current_locked()  # a missing file is begun, or told, before it is locked
        with file_lock(self.path.with_name(NAME + ".lock")):
            self._sweep()
            state = self._read()
            there = [index for index in set(wanted) if state.tree.has(index)]
            if there:
                self._replace(_packed(state.salt, state.tree.without(there)))
        with self._lock:
            self._forget()
        return len(there)

    def missing(self, indices: Iterable[str]) -> tuple[str, ...]:
        """Those of these indices whose keys are still there: this file is older than their erasure."""
        with self._lock:
            tree = self._current().tree
        return tuple(index for index in indices if tree.has(int(index, 16)))

    def copy(self) -> bytes:
        """The file's content, to keep elsewhere."""
        self._current_locked()
        with file_lock(self.path.with_name(NAME + ".lock")):
            self._read()
            return self.path.read_bytes()

    def restore(self, data: bytes) -> None:
        """Puts a copy in place of what is there. Raises `KeysDamaged` if it is none, and `KeysOfAnother` where keys of
        another trail are there, which would be overwritten for good."""
        copied = _unpacked(data, self.path, (0, 0, 0))
        make_folder(self.path.parent)
        with file_lock(self.path.with_name(NAME + ".lock")):
            self._sweep()
            with suppress(KeysMissing, KeysDamaged):
                if self._read().salt != copied.salt:
                    raise KeysOfAnother(_ANOTHER.format(path=self.path))
            self._replace(data)
        with self._lock:
            self._forget()

    def sweep(self) -> None:
        """Overwrites what a kill has left of an older file."""
        if self._old.exists() or self._staged.exists():
            with file_lock(self.path.with_name(NAME + ".lock")):
                self._sweep()

    @property
    def _old(self) -> Path:
        return self.path.with_name(NAME + ".old")

    @property
    def _staged(self) -> Path:
        return self.path.with_name(NAME + ".new")

    def _leaf(self, state: _State, ref: str) -> bytes | None:
        if ref in self._derived:
            self._derived.move_to_end(ref)
            return self._derived[ref]
        key = self._derived[ref] = state.tree.leaf(int.from_bytes(_index(state.salt, ref), "big"))
        if len(self._derived) > _KEPT:
            self._derived.popitem(last=False)
        return key

    def _current_locked(self) -> None:
        with self._lock:
            self._current()

    def _current(self) -> _State:
        """As the file has it now. Called under the lock of threads."""
        try:
            stamp = _stamp(self.path.stat())
        except FileNotFoundError:
            self._begin()
            stamp = None
        if self._state is None or self._state.stamp != stamp:
            self._forget()
            self._state = self._read()
        return self._state

    def _forget(self) -> None:
        self._state = None
        self._derived.clear()

    def _begin(self) -> None:
        make_folder(self.path.parent)
        with file_lock(self.path.with_name(NAME + ".lock")):
            if self.path.exists():
                return
            if not self._fresh():
                raise KeysMissing(_MISSING.format(path=self.path))
            self._sweep()
            self._replace(_packed(secrets.token_bytes(_SALT_BYTES), Tree.whole(secrets.token_bytes(SEED_BYTES))))

    def _read(self) -> _State:
        """Raises `KeysMissing` and `KeysDamaged`. Who replaces the file overwrites the one before it, which may be
        the one that was opened here: then it is read again."""
        for _ in range(_TRIES):
            try:
                with self.path.open("rb") as file:
                    stamp = _stamp(os.fstat(file.fileno()))
                    data = file.read()
            except FileNotFoundError as error:
                raise KeysMissing(_MISSING.format(path=self.path)) from error
            with suppress(KeysDamaged):
                return _unpacked(data, self.path, stamp)
            if _stamp(self.path.stat()) == stamp:
                break
        raise KeysDamaged(_DAMAGED.format(path=self.path))

    def _replace(self, data: bytes) -> None:
        """Durably; what was there is overwritten. A kill in between is finished by `_sweep`. Called under the file's
        lock."""
        descriptor = os.open(self._staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if self.path.exists():
            self._old.hardlink_to(self.path)
        self._staged.replace(self.path)
        sync_folder(self.path.parent)
        self._sweep()

    def _sweep(self) -> None:
        """Overwrites and removes the file before, and one that was never put in place. Called under the file's lock."""
        if self._staged.exists():
            _wipe(self._staged)
        if not self._old.exists() or not self.path.exists():
            return
        if self._old.samefile(self.path):  # killed before the new file was in its place
            self._old.unlink()
        else:
            _wipe(self._old)


def _wipe(path: Path) -> None:
    """Zeros over its bytes, as far as the file system writes in place; then it is gone."""
    with path.open("r+b") as file:
        file.write(bytes(os.fstat(file.fileno()).st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)


def _index(salt: bytes, ref: str) -> bytes:
    return hmac.digest(salt, ref.encode("utf-8", "surrogatepass"), "sha256")[: DEPTH // 8]


def _stamp(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _packed(salt: bytes, tree: Tree) -> bytes:
    body = FORMAT + salt + tree.data()
    return body + hashlib.sha256(body).digest()


def _unpacked(data: bytes, path: Path, stamp: tuple[int, int, int]) -> _State:
    body, checksum = data[:-_SUM_BYTES], data[-_SUM_BYTES:]
    if not body.startswith(FORMAT) or hashlib.sha256(body).digest() != checksum:
        raise KeysDamaged(_DAMAGED.format(path=path))
    salt = body[len(FORMAT) : len(FORMAT) + _SALT_BYTES]
    return _State(salt, Tree.of(body[len(FORMAT) + _SALT_BYTES :]), stamp)
