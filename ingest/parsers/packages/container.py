"""The parts of a ZIP container: XML without entities or network, found by names in any case."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from ingest.errors import DamagedFile
from ingest.reading.detect import check_zip


class Container:
    """Names of parts have no leading slash. `damaged` is what is said of a part that cannot be read."""

    def __init__(self, data: bytes, damaged: str, *, huge: bool = False) -> None:
        """`huge`: whether parts may be deeper and texts longer than libxml2 takes (256 levels, 10 MB).

        Raises what `check_zip` raises.
        """
        check_zip(data)
        self._damaged = damaged
        self._huge = huge
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._members = {member.replace("\\", "/").lstrip("/").lower(): member for member in self._archive.namelist()}

    def has(self, part: str) -> bool:
        return part.lower() in self._members

    def data(self, part: str) -> bytes:
        """The bytes of a part, b"" where it is not there."""
        return self._archive.read(self._members[part.lower()]) if self.has(part) else b""

    def xml(self, part: str) -> Any | None:
        """The root of a part, None where it is not there or empty. Raises `DamagedFile`."""
        import lxml.etree

        data = self.data(part)
        parser = lxml.etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
            huge_tree=self._huge,
        )
        try:
            return lxml.etree.fromstring(data, parser) if data else None
        except (lxml.etree.LxmlError, ValueError) as error:
            raise self.damaged() from error

    def each(self, part: str, *tags: str) -> Iterator[Any]:
        """Elements of a large part as they end, each emptied once it was looked at. Raises `DamagedFile`."""
        import lxml.etree

        if not self.has(part):
            raise self.damaged()
        try:
            with self._archive.open(self._members[part.lower()]) as stream:
                walk = lxml.etree.iterparse(
                    stream,
                    tag=tuple(f"{{*}}{tag}" for tag in tags),
                    resolve_entities=False,
                    no_network=True,
                    remove_comments=True,
                    huge_tree=self._huge,
                )
                for _, element in walk:
                    yield element
                    element.clear()
                    before = element.getprevious()
                    while before is not None:
                        before.getparent().remove(before)
                        before = element.getprevious()
        except lxml.etree.XMLSyntaxError as error:
            raise self.damaged() from error

    def damaged(self) -> DamagedFile:
        return DamagedFile(self._damaged)


def local(node: Any) -> str:
    """The name of an element without its namespace; "" for what is none."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def attribute(node: Any, name: str) -> str:
    """An attribute in any namespace, or ""."""
    return next((value for key, value in node.attrib.items() if key.rpartition("}")[2] == name), "")
