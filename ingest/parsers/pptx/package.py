"""A PowerPoint file's slides and the parts that they share."""

from __future__ import annotations

import re
from typing import Any

from ingest.parsers.packages.container import local
from ingest.parsers.packages.ooxml import OfficePackage, relation

_KEPT = ("slideLayout", "slideMaster", "theme")  # parts that many slides share


class Package(OfficePackage):
    def __init__(self, data: bytes, name: str) -> None:
        """Raises `DamagedFile`, and what `check_zip` raises."""
        self._shared: dict[str, Any] = {}
        damaged = f"{name}: damaged; not a readable presentation. Save it again in PowerPoint."
        super().__init__(data, damaged, "ppt/presentation.xml")
        root = self.xml(self.main)
        if root is None or local(root) != "presentation":
            raise self.damaged()
        self.presentation: Any = root

    def xml(self, part: str) -> Any | None:
        if part not in self._shared:
            root = super().xml(part)
            if root is None or not any(kind in part for kind in _KEPT):
                return root
            self._shared[part] = root
        return self._shared[part]

    def slides(self) -> list[str]:
        """The names of the slides' parts, in the order in which they are shown."""
        related = self.relations(self.main)
        wanted = self.presentation.iterfind("{*}sldIdLst/{*}sldId")
        found = (related.get(relation(slide, "id"), ("", "")) for slide in wanted)
        return list(dict.fromkeys(path for kind, path in found if kind == "slide"))


def whole(value: str | None, otherwise: int = 0) -> int:
    """A number out of an attribute, of at most ten digits."""
    return int(value) if value and re.fullmatch(r"-?\d{1,10}", value, re.ASCII) else otherwise
