"""Words looked for in every byte of every file of a folder, and in what files hold compressed."""

from __future__ import annotations

import gzip
import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.erasure.words import first_of

_BLOCK = 8 << 20
_MOST_INSIDE = 64 << 20  # bytes of one member
_DEEPEST = 3  # archives in archives
_DAMAGED = (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError)
_STREAM = re.compile(rb"stream\r?\n")


@dataclass(frozen=True, slots=True)
class FileHit:
    """`place`: the path in the folder, followed by members in it. `at`: the offset in bytes, in what it was unpacked
    to where it is a member."""

    place: str
    at: int


def files_with(folder: Path, patterns: Sequence[bytes], *, unpack: frozenset[str] = frozenset()) -> Iterator[FileHit]:
    """The first hit in each file. Of the folders of these names in it, what files hold compressed is looked into, too.
    What is removed meanwhile is passed over."""
    for path in sorted(_files(folder)):
        name = path.relative_to(folder)
        with suppress(FileNotFoundError):
            if (at := _first_in(path, patterns)) >= 0:
                yield FileHit(name.as_posix(), at)
            elif name.parts[0] in unpack:
                yield from _inside(path.read_bytes(), name.as_posix(), patterns, 0)


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _first_in(path: Path, patterns: Sequence[bytes]) -> int:
    """In blocks that overlap by the longest pattern."""
    overlap = max(map(len, patterns), default=1) - 1
    before, start = b"", 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            data = before + block.lower()
            if (at := first_of(patterns, data)) >= 0:
                return start - len(before) + at
            before = data[-overlap:] if overlap else b""
            start += len(block)
    return -1


def _inside(data: bytes, place: str, patterns: Sequence[bytes], depth: int) -> Iterator[FileHit]:
    """The first hit in each member of an archive, or of the streams of a PDF."""
    for name, member in _members(data):
        told = f"{place}!{name}"
        if (at := first_of(patterns, member.lower())) >= 0:
            yield FileHit(told, at)
        elif depth < _DEEPEST:
            yield from _inside(member, told, patterns, depth + 1)


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    if data.startswith(b"PK"):
        with suppress(*_DAMAGED), zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                with archive.open(info) as file:
                    yield info.filename, file.read(_MOST_INSIDE)
    elif data.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError, zlib.error), gzip.open(io.BytesIO(data)) as file:
            yield "gzip", file.read(_MOST_INSIDE)
    elif data.startswith(b"%PDF"):
        for number, found in enumerate(_STREAM.finditer(data)):
            with suppress(zlib.error):
                yield f"stream {number}", zlib.decompressobj().decompress(data[found.end() :], _MOST_INSIDE)
