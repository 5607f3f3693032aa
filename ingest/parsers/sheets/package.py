"""The parts of an Office package: XML without entities or network, and what refers to what."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

from ingest.errors import DamagedFile


class Package:
    """A ZIP container whose size was checked before. Names of parts have no leading slash."""

    def __init__(self, data: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        self._names = {name.lower().lstrip("/"): name for name in self._zip.namelist()}

    def has(self, part: str) -> bool:
        return part.lower() in self._names

    def xml(self, part: str) -> Any:
        """The root of a part, or None where there is none. Raises `DamagedFile`."""
        from lxml import etree

        if not self.has(part):
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True)
        try:
            return etree.fromstring(self._zip.read(self._names[part.lower()]), parser)
        except etree.XMLSyntaxError as error:
            raise _damaged(part) from error

    def each(self, part: str, *tags: str) -> Iterator[Any]:
        """Elements of a large part as they end, each emptied once it was looked at. Raises `DamagedFile`."""
        from lxml import etree

        if not self.has(part):
            raise _damaged(part)
        try:
            with self._zip.open(self._names[part.lower()]) as stream:
                names = tuple(f"{{*}}{tag}" for tag in tags)
                walk = etree.iterparse(
                    stream, tag=names, resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True
                )
                for _, element in walk:
                    yield element
                    element.clear()
                    before = element.getprevious()
                    while before is not None:
                        before.getparent().remove(before)
                        before = element.getprevious()
        except etree.XMLSyntaxError as error:
            raise _damaged(part) from error

    def related(self, part: str) -> list[tuple[str, str, str]]:
        """Id, type (its last word) and name of each part that this one refers to."""
        folder, name = posixpath.split(part)
        root = self.xml(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")
        found = []
        for one in root if root is not None else ():
            if one.get("TargetMode") != "External" and one.get("Target"):
                target = one.get("Target")
                path = (
                    target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                )
                found.append((one.get("Id", ""), one.get("Type", "").rsplit("/", 1)[-1], path))
        return found


def local(element: Any) -> str:
    """The name of an element without its namespace; "" for what is none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: Any, name: str) -> str:
    """An attribute in any namespace, or ""."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def is_on(value: str | None) -> bool:
    return (value or "").lower() in ("1", "true", "on")


def _damaged(part: str) -> DamagedFile:
    return DamagedFile(f"Damaged: the part {part} of the workbook cannot be read. Save the file again in Excel.")
