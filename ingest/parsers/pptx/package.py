"""The ZIP container of a PowerPoint file: which part is which, without trusting names or content types."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import Any

from ingest.errors import DamagedFile
from ingest.reading.detect import check_zip

_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_KEPT = ("slideLayout", "slideMaster", "theme")  # parts that many slides share


class Package:
    """The parts of one file as XML trees. Names of parts have no leading slash."""

    def __init__(self, data: bytes, name: str) -> None:
        """Raises `DamagedFile`, and what `check_zip` raises."""
        check_zip(data)
        self._name = name
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._members = {member.replace("\\", "/").lstrip("/").lower(): member for member in self._archive.namelist()}
        self._shared: dict[str, Any] = {}
        self._related: dict[str, dict[str, tuple[str, str]]] = {}
        outer = self.related("")
        main = next((path for kind, path in outer.values() if kind == "officeDocument"), "")
        self.main = main if main.lower() in self._members else "ppt/presentation.xml"
        self._core = next((path for kind, path in outer.values() if kind == "core-properties"), "docProps/core.xml")
        root = self.xml(self.main)
        if root is None or local(root) != "presentation":
            raise self._damaged()
        self.presentation: Any = root

    @property
    def title(self) -> str:
        """The title in the file's properties, "" without."""
        core = self.xml(self._core)
        found = None if core is None else core.find(_TITLE)
        return "" if found is None else found.text or ""

    def data(self, part: str) -> bytes:
        """The bytes of a part, b"" where it is not there."""
        member = self._members.get(part.lower())
        return b"" if member is None else self._archive.read(member)

    def xml(self, part: str) -> Any | None:
        """The root of a part, None where it is not there. Raises `DamagedFile`."""
        import lxml.etree

        if part in self._shared:
            return self._shared[part]
        data = self.data(part)
        if not data:
            return None
        if b"purl.oclc.org/ooxml" in data:
            data = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", data)
        parser = lxml.etree.XMLParser(
            resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, load_dtd=False
        )
        try:
            root = lxml.etree.fromstring(data, parser)
        except (lxml.etree.LxmlError, ValueError) as error:
            raise self._damaged() from error
        if any(kind in part for kind in _KEPT):
            self._shared[part] = root
        return root

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """Relation id -> kind, name of the part; those that point out of the file are left out."""
        if part in self._related:
            return self._related[part]
        folder, name = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, tuple[str, str]] = {}
        for relation in () if root is None else root:
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))
                found[relation.get("Id", "")] = (relation.get("Type", "").rsplit("/", 1)[-1], target.lstrip("/"))
        self._related[part] = found
        return found

    def parts(self, part: str, kind: str) -> list[str]:
        """The names of the parts of this kind ("notesSlide") that a part refers to."""
        return [path for found, path in self.related(part).values() if found == kind]

    def slides(self) -> list[str]:
        """The names of the slides' parts, in the order in which they are shown."""
        related = self.related(self.main)
        wanted = self.presentation.iterfind("{*}sldIdLst/{*}sldId")
        found = (related.get(relation(slide, "id"), ("", "")) for slide in wanted)
        return list(dict.fromkeys(path for kind, path in found if kind == "slide"))

    def _damaged(self) -> DamagedFile:
        return DamagedFile(f"{self._name}: damaged; not a readable presentation. Save it again in PowerPoint.")


def local(node: Any) -> str:
    """The name of an element without its namespace."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def relation(node: Any, name: str) -> str:
    """An attribute of the namespace of relations ("id", "embed", "dm"), or ""."""
    return next((value for key, value in node.attrib.items() if key.endswith(f"/relationships}}{name}")), "")


def is_on(value: str | None) -> bool:
    return (value or "").lower() in ("1", "true", "on")


def whole(value: str | None, otherwise: int = 0) -> int:
    """A number out of an attribute, of at most ten digits."""
    return int(value) if value and re.fullmatch(r"-?\d{1,10}", value, re.ASCII) else otherwise
