"""A folder on disk or on a mounted share."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from ingest.errors import UnreadableFile
from ingest.local_files import MOST_DEEP, below
from ingest.syncing.protocols import NotListed, SourceDenied, SourceUnavailable
from ingest.syncing.types import Facts, Item, Listing

_Result = TypeVar("_Result")
_REFUSED = {errno.EACCES, errno.EPERM}
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}  # also where a link has taken its place


class FolderSource:
    """Implements `ingest.syncing.protocols.Source`. Links are not followed, hidden files are left out.

    A listing costs one `lstat` a file. A fingerprint is modification time, size and inode.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._owners: dict[int, str] = {}
        self._groups: dict[int, str] = {}

    def listing(self, known: Mapping[str, str], wanted: frozenset[str]) -> Listing:
        walk = _Walk(self)
        try:
            entries = sorted(os.scandir(os.fsencode(self._root)), key=lambda entry: entry.name)
        except OSError as error:
            raise SourceUnavailable(f"The folder {self._root} cannot be listed: {error.strerror}.") from error
        walk.through(entries)
        return walk.listing()

    def look(self, item: Item, wanted: frozenset[str]) -> Item | None:
        with suppress(NotListed):
            return self._opened(item, lambda folder, name: self._item(item, os.lstat(name, dir_fd=folder)))
        return None

    def fetch(self, item: Item) -> bytes:
        return self._opened(item, lambda folder, name: _read(folder, name, item))

    def close(self) -> None:
        pass

    def _opened(self, item: Item, then: Callable[[int, bytes], _Result]) -> _Result:
        """Goes down step by step from the root, through no link. Raises `NotListed`, `SourceDenied`,
        `SourceUnavailable`."""
        *steps, name = os.fsencode(item.at).split(b"/")
        try:
            folder = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise SourceUnavailable(f"The folder {self._root} cannot be opened: {error.strerror}.") from error
        try:
            with below(folder, steps) as inner:
                return then(inner, name)
        except OSError as error:
            if error.errno in _GONE:
                raise NotListed(f"{item.key} is gone.") from error
            if error.errno in _REFUSED:
                raise SourceDenied(f"{item.key} may not be read by this service.") from error
            raise UnreadableFile(f"{item.key} cannot be read: {error.strerror}.") from error

    def _item(self, item: Item, found: os.stat_result) -> Item:
        return Item(item.key, _fingerprint(found), found.st_size, self.facts(found), item.at)

    def facts(self, found: os.stat_result) -> Facts:
        """Names of owner and group, where the file's mode lets them read; their numbers where they have no name."""
        for names, id_, look in ((self._owners, found.st_uid, _user), (self._groups, found.st_gid, _group)):
            if id_ not in names:
                names[id_] = look(id_)
        owner = self._owners[found.st_uid] if found.st_mode & stat.S_IRUSR else ""
        return Facts(owner, self._groups[found.st_gid] if found.st_mode & stat.S_IRGRP else "")


class _Walk:
    """Goes through a tree and notes what is there and what could not be seen."""

    def __init__(self, source: FolderSource) -> None:
        self._source = source
        self._items: list[Item] = []
        self._unseen: list[str] = []
        self._denied: list[str] = []
        self._problems: list[str] = []

    def listing(self) -> Listing:
        return Listing(tuple(self._items), tuple(self._unseen), tuple(self._denied), tuple(self._problems))

    def through(self, entries: list[os.DirEntry[bytes]]) -> None:
        """Depth first, in order of the names."""
        open_: list[tuple[Iterator[os.DirEntry[bytes]], bytes, str]] = [(iter(entries), b"", "")]
        while open_:
            rest, at, key = open_[-1]
            entry = next(rest, None)
            if entry is None:
                open_.pop()
                continue
            name = entry.name
            if name.startswith((b".", b"~$")):
                continue
            inner, named = at + name, key + _spelled(name)
            try:
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode):
                    if len(open_) > MOST_DEEP:
                        self._too_deep(named)
                        continue
                    within = sorted(os.scandir(entry.path), key=lambda one: one.name)
                    open_.append((iter(within), inner + b"/", named + "/"))
                elif stat.S_ISREG(found.st_mode):
                    self._add(named, found, os.fsdecode(inner))
            except OSError as error:
                self._missed(named, error)

    def _add(self, key: str, found: os.stat_result, at: str) -> None:
        self._items.append(Item(key, _fingerprint(found), found.st_size, self._source.facts(found), at))

    def _too_deep(self, key: str) -> None:
        self._problems.append(f"{key[:80]}...: what lies deeper than {MOST_DEEP} folders is not looked at.")
        self._unseen.append(f"{key}/")

    def _missed(self, key: str, error: OSError) -> None:
        if error.errno == errno.ENOENT:
            return  # it went while the folder was read
        self._problems.append(f"{key} cannot be seen: {error.strerror}.")
        (self._denied if error.errno in _REFUSED else self._unseen).extend((key, f"{key}/"))


def _read(folder: int, name: bytes, item: Item) -> bytes:
    """The whole file, if it is the one that was listed and nobody writes to it meanwhile."""
    opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    with os.fdopen(opened, "rb") as file:
        before = _fingerprint(os.fstat(opened))
        data = file.read()
        after = _fingerprint(os.fstat(opened))
    if not before == after == item.fingerprint:
        raise NotListed(f"{item.key} changed while it was read. The next sync takes it.")
    return data


def _fingerprint(found: os.stat_result) -> str:
    return f"{found.st_mtime_ns}-{found.st_size}-{found.st_ino}"


def _user(id_: int) -> str:
    try:
        return pwd.getpwuid(id_).pw_name
    except KeyError:
        return str(id_)


def _group(id_: int) -> str:
    try:
        return grp.getgrgid(id_).gr_name
    except KeyError:
        return str(id_)


def _spelled(name: bytes) -> str:
    """Bytes that are not UTF-8 as \\xNN."""
    return name.decode("utf-8", "backslashreplace")
