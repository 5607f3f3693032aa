"""Files of this machine: found in folders, and read through no link that was put there meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import FileTooLarge, UnreadableFile

MAX_FILE_BYTES = 256 << 20
MOST_DEEP = 200  # folders within one another

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PASSED = _FOLDER | getattr(os, "O_PATH", 0)  # where it exists, a folder that is only passed need not be readable
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_ELSEWHERE = {errno.ELOOP, errno.ENOTDIR}  # a link stands where a folder or the file was
_GONE = {errno.ENOENT, *_ELSEWHERE}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to ingest and the stable name of the document that it is a version of. `linkless`: no part of its path was
    a link when it was found, and it is read only if none is then. `problem`: why there is nothing to read."""

    path: Path
    source: str
    linkless: bool = False
    problem: str = ""


@contextmanager
def below(folder: int, steps: Iterable[bytes]) -> Iterator[int]:
    """The descriptor of the folder so many steps below that of another, which is closed; through no link. Raises
    `OSError`."""
    try:
        for step in steps:
            inner = os.open(step, _PASSED, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


def read_file(file: SourceFile, most: int = MAX_FILE_BYTES) -> bytes:
    """The bytes of a file of at most so many; raises `IngestError`."""
    if file.problem:
        raise UnreadableFile(file.problem)
    name = spelled(file.path.name)
    try:
        if not file.linkless:
            return _read(os.fsencode(file.path), None, _FILE, name, most)
        with _parent(file.path) as (folder, last):
            return _read(last, folder, _FILE | os.O_NOFOLLOW, name, most)
    except OSError as error:
        if file.linkless and error.errno in _ELSEWHERE:
            raise UnreadableFile(f"{name} was replaced by a link after it was found, which is not followed.") from error
        raise UnreadableFile(f"{name} cannot be read: {error.strerror}.") from error


def source_files(paths: Iterable[Path], *, prefix: str | None = None) -> list[SourceFile]:
    """The files under the given files and folders, sorted; hidden ones and links out of the folder are left out. What
    is nested too deeply or cannot be listed is among them, with its `problem`. Raises `UnreadableFile` for a given
    folder that cannot be.

    A document's source is the file's absolute path or, with `prefix`, `prefix/path relative to the folder that was
    given`, so that a collection keeps its documents when its folder moves.
    """
    under = f"{prefix.rstrip('/')}/" if prefix else ""
    found: dict[Path, SourceFile] = {}
    for path in paths:
        root = path.resolve()
        members = sorted(_members(root)) if root.is_dir() else [(root, root, "")]
        for member, target, problem in members:
            relative = member.relative_to(root if root.is_dir() else root.parent).as_posix()
            source = f"{under}{relative}" if prefix is not None else str(member)
            found.setdefault(member, SourceFile(target, spelled(source), linkless=True, problem=problem))
    return list(found.values())


def spelled(name: str) -> str:
    """A file name as text: bytes that are not UTF-8, which Python keeps as surrogates, are written as \\xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _read(path: bytes, folder: int | None, flags: int, name: str, most: int) -> bytes:
    with os.fdopen(os.open(path, flags, dir_fd=folder), "rb") as opened:
        found = os.fstat(opened.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableFile(f"{name} is not a file but a pipe, a device or the like. Save it as a file first.")
        data = opened.read() if found.st_size <= most else b""
    if (size := max(found.st_size, len(data))) > most:
        raise FileTooLarge(f"{name} has {size >> 20:,} MiB; the limit is {most >> 20:,} MiB. Split it.")
    return data


@contextmanager
def _parent(path: Path) -> Iterator[tuple[int, bytes]]:
    """The folder of an absolute path, reached through no link, and the last part of the path."""
    top, *steps = (os.fsencode(part) for part in path.parts)
    with below(os.open(top, _PASSED), steps[:-1]) as folder:
        yield folder, steps[-1] if steps else b"."


def _members(root: Path) -> Iterator[tuple[Path, Path, str]]:
    """The path of each file, the path without links, and the problem of what is none."""
    waiting = [root]
    while waiting:
        at = waiting.pop()
        if len(at.parts) - len(root.parts) > MOST_DEEP:
            yield at, at, f"{spelled(at.name)} is nested more than {MOST_DEEP} folders deep. Move it further up."
            continue
        try:
            files, folders = _listed(at, root)
        except OSError as error:
            problem = f"The folder {spelled(at.name)} cannot be listed: {error.strerror}."
            if at == root:
                raise UnreadableFile(problem) from error
            if error.errno not in _GONE:  # else it went meanwhile
                yield at, at, problem
            continue
        waiting += folders
        yield from ((member, target, "") for member, target in files)


def _listed(at: Path, root: Path) -> tuple[list[tuple[Path, Path]], list[Path]]:
    """The files and the folders in a folder."""
    files, folders = [], []
    with _parent(at) as (parent, last):
        folder = os.open(last, _FOLDER, dir_fd=parent)
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                member = at / entry.name
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(member)
                elif entry.is_file(follow_symlinks=False):
                    files.append((member, member))
                elif entry.is_symlink() and (target := _inside(member, root)):
                    files.append((member, target))
    finally:
        os.close(folder)
    return files, folders


def _inside(link: Path, root: Path) -> Path | None:
    """The file that a link leads to, if it lies in the folder."""
    with suppress(OSError, RuntimeError):  # a loop
        target = link.resolve()
        if target.is_relative_to(root) and target.is_file():
            return target
    return None
