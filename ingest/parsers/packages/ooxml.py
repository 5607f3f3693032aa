"""Office Open XML packages (ECMA-376 part 2): which part is which, without trusting names or content types."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from ingest.parsers.packages.container import Container

_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")


class OfficePackage(Container):
    """`main`: the name of the document's, workbook's or presentation's part."""

    def __init__(self, data: bytes, damaged: str, usual: str, *, huge: bool = False) -> None:
        """`usual`: the name that the main part has unless a relation says otherwise."""
        super().__init__(data, damaged, huge=huge)
        self._relations: dict[str, dict[str, tuple[str, str]]] = {}
        named = next(iter(self.parts("", "officeDocument")), usual)
        self.main = named if self.has(named) else usual

    @property
    def title(self) -> str:
        """The title in the file's properties, "" without."""
        core = self.xml(next(iter(self.parts("", "core-properties")), "docProps/core.xml"))
        found = None if core is None else core.find(_TITLE)
        return "" if found is None else found.text or ""

    def data(self, part: str) -> bytes:
        """As of any container; the names of the strict form of the format become the usual ones."""
        data = super().data(part)
        is_strict = part.endswith((".xml", ".rels")) and b"purl.oclc.org/ooxml" in data
        return _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", data) if is_strict else data

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relation id -> kind ("styles"), name of the part; those that point out of the file are left out."""
        if part not in self._relations:
            folder, name = posixpath.split(part)
            root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
            self._relations[part] = {
                one.get("Id", ""): (one.get("Type", "").rsplit("/", 1)[-1], _path(folder, one.get("Target", "")))
                for one in (() if root is None else root)
                if one.get("TargetMode") != "External"
            }
        return self._relations[part]

    def parts(self, part: str, kind: str) -> list[str]:
        """The names of the parts of this kind ("notesSlide") that a part refers to."""
        return [path for found, path in self.relations(part).values() if found == kind]


def _path(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def relation(node: Any, name: str) -> str:
    """An attribute of the namespace of relations ("id", "embed", "dm"), or ""."""
    return next((value for key, value in node.attrib.items() if key.endswith(f"/relationships}}{name}")), "")


def is_on(value: str | None) -> bool:
    return (value or "").lower() in ("1", "true", "on")
