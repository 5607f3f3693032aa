"""ZIP archives: a list of what is in them; every member that can be read is a part."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from ingest.errors import EmptyFile, FileTooLarge
from ingest.parsers.clean import clean, stem
from ingest.parsers.holding import sorted_out
from ingest.reading.detect import check_zip
from ingest.types import Element, ElementKind, ParsedFile, Part

_MOST = 5_000
_JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_UTF8 = 0x800
_UNIX_NAME = 0x7075  # Info-ZIP's field with the name in UTF-8


class ZipParser:
    media_types = frozenset({"application/zip"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `EncryptedFile`, `FileTooLarge`, `DamagedFile` and `EmptyFile`."""
        check_zip(data, nested=True)
        parts, warnings = sorted_out(_members(data, name))
        if not parts and not warnings:
            raise EmptyFile(f"{name}: there is no file in this archive. Check that it was packed completely.")
        title = stem(name)
        elements = [Element(ElementKind.TITLE, title)]
        if parts:
            elements.append(Element(ElementKind.PARAGRAPH, "Files in this archive:"))
            elements += (Element(ElementKind.LIST_ITEM, clean(part.name)) for part in parts)
        else:
            elements.append(Element(ElementKind.PARAGRAPH, "No file in this archive could be read."))
        return ParsedFile(title, "application/zip", tuple(elements), warnings=warnings, parts=parts)


def _members(data: bytes, name: str) -> Iterator[Part]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > _MOST:
            raise FileTooLarge(f"{name} holds {len(members):,} files; the limit is {_MOST:,}. Split it.")
        for member in members:
            path = _name(member).replace("\\", "/")
            steps = PurePosixPath(path).parts
            if not any(step in _JUNK or step.startswith("._") for step in steps):
                yield Part(path, archive.read(member))


def _name(member: zipfile.ZipInfo) -> str:
    """The name as its packer meant it: Windows writes that of its DOS code page, others UTF-8 without saying so."""
    if member.flag_bits & _UTF8:
        return member.filename
    raw = member.orig_filename.encode("cp437", "replace")
    if found := _unicode_name(member.extra):
        return found
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp850")  # Western Europe; its letters are also those of cp437 but for a few


def _unicode_name(extra: bytes) -> str:
    at = 0
    while at + 4 <= len(extra):
        kind, size = (int.from_bytes(extra[at + i : at + i + 2], "little") for i in (0, 2))
        if kind == _UNIX_NAME and size > 5:
            return extra[at + 9 : at + 4 + size].decode("utf-8", "replace")
        at += 4 + size
    return ""
