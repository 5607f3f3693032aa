"""A Word file's main document and the parts that it refers to."""

from __future__ import annotations

from typing import Any

from ingest.parsers.docx.xml import W
from ingest.parsers.packages.ooxml import OfficePackage


class Package(OfficePackage):
    def __init__(self, data: bytes, name: str) -> None:
        """Raises `DamagedFile`, and what `check_zip` raises."""
        damaged = f"{name}: damaged; not a readable Word document. Save it again in Word."
        super().__init__(data, damaged, "word/document.xml")
        main = self.xml(self.main)
        body = None if main is None else main.find(f"{W}body")
        if body is None:
            raise self.damaged()
        self.body: Any = body

    @property
    def pictures(self) -> bool:
        return any("/media/" in member for member in self._members)

    def part(self, kind: str) -> Any | None:
        """The root of the main document's part of this kind ("styles", "footnotes"), or None without it."""
        path = next(iter(self.parts(self.main, kind)), None)
        return None if path is None else self.xml(path)

    def related(self, relation: str) -> Any | None:
        """The root of the part that a relation of the main document names, or None."""
        _, path = self.relations(self.main).get(relation, ("", ""))
        return self.xml(path) if path.lower().endswith(".xml") else None

    def picture(self, relation: str) -> bytes:
        """What a relation of the main document names, b"" without."""
        _, path = self.relations(self.main).get(relation, ("", ""))
        return self.data(path) if self.has(path) else b""
