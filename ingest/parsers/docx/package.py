"""The ZIP container of a Word file: which part is which, without trusting names or content types."""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import Any

from ingest.errors import DamagedFile
from ingest.parsers.docx.xml import W
from ingest.reading.detect import check_zip

_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_OOXML = b"http://schemas.openxmlformats.org/"
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", _OOXML + b"wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", _OOXML + b"officeDocument/2006/math"),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", _OOXML + b"officeDocument/2006/relationships"),
    (b"http://purl.oclc.org/ooxml/drawingml/main", _OOXML + b"drawingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/drawingml/chart", _OOXML + b"drawingml/2006/chart"),
    (b"http://purl.oclc.org/ooxml/drawingml/diagram", _OOXML + b"drawingml/2006/diagram"),
    (
        b"http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing",
        _OOXML + b"drawingml/2006/wordprocessingDrawing",
    ),
)


class Package:
    """The parts of one Word file as XML trees."""

    def __init__(self, data: bytes, name: str) -> None:
        """Raises `DamagedFile`, and what `check_zip` raises."""
        check_zip(data)
        self._name = name
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._members = {member.replace("\\", "/").lstrip("/").lower(): member for member in self._archive.namelist()}
        outer = self._relations("")
        self._main = next((path for kind, path in outer.values() if kind == "officeDocument"), "word/document.xml")
        if self._main.lower() not in self._members:
            self._main = "word/document.xml"
        self._inner = self._relations(self._main)
        self._core = next((path for kind, path in outer.values() if kind == "core-properties"), "docProps/core.xml")
        main = self.read(self._main)
        body = None if main is None else main.find(f"{W}body")
        if body is None:
            raise self._damaged()
        self.body: Any = body

    @property
    def title(self) -> str:
        """The title in the file's properties, "" without."""
        core = self.read(self._core)
        found = None if core is None else core.find(_TITLE)
        return "" if found is None else found.text or ""

    @property
    def pictures(self) -> bool:
        return any("/media/" in member for member in self._members)

    def part(self, kind: str) -> Any | None:
        """The root of the main document's part of this kind ("styles", "footnotes"), or None without it."""
        path = next((path for found, path in self._inner.values() if found == kind), None)
        return None if path is None else self.read(path)

    def related(self, relation: str) -> Any | None:
        """The root of the part that a relation of the main document names, or None."""
        _, path = self._inner.get(relation, ("", ""))
        return self.read(path) if path.lower().endswith(".xml") else None

    def picture(self, relation: str) -> bytes:
        """What a relation of the main document names, b"" without."""
        _, path = self._inner.get(relation, ("", ""))
        member = self._members.get(path.lower())
        return b"" if member is None else self._archive.read(member)

    def read(self, path: str) -> Any | None:
        """The root of a part, None where it is not there. Raises `DamagedFile`."""
        import lxml.etree

        member = self._members.get(path.lower())
        if member is None:
            return None
        data = self._archive.read(member)
        if b"purl.oclc.org/ooxml" in data:
            for strict, usual in _STRICT:
                data = data.replace(strict, usual)
        parser = lxml.etree.XMLParser(
            resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, load_dtd=False
        )
        try:
            return lxml.etree.fromstring(data, parser)
        except (lxml.etree.LxmlError, ValueError) as error:
            raise self._damaged() from error

    def _relations(self, path: str) -> dict[str, tuple[str, str]]:
        """Relation id -> kind, path of the part; those that point out of the file are left out."""
        folder, name = posixpath.split(path)
        root = self.read(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, tuple[str, str]] = {}
        for relation in () if root is None else root:
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))
                found[relation.get("Id", "")] = (relation.get("Type", "").rsplit("/", 1)[-1], target.lstrip("/"))
        return found

    def _damaged(self) -> DamagedFile:
        return DamagedFile(f"{self._name}: damaged; not a readable Word document. Save it again in Word.")
