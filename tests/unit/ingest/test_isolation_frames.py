"""What the parsing process sends back is what it parsed."""

from __future__ import annotations

import json

from ingest.reading.isolation import pack, unpack
from ingest.types import (
    Box,
    Element,
    ElementKind,
    FileWarning,
    Grid,
    LineBox,
    PageInfo,
    PageSource,
    ParsedFile,
    Part,
    WarningKind,
)


def test_every_field_survives_the_way() -> None:
    line = LineBox(0, 4, Box(2, 1.5, 2.0, 30.25, 40.0), 0.81)
    warning = FileWarning(WarningKind.LOW_CONFIDENCE, "One line was read unsurely.", 2, 0, 4)
    grid = Grid("Rents", ("A", "C"), (1, 5))
    told = Element(ElementKind.COMMENT, "Paid", 0, 2, (line,), (warning,), grid, "A. Meyer", "2026-01-05")
    parsed = ParsedFile(
        "Title",
        "text/plain",
        (told, Element(ElementKind.PARAGRAPH, "x")),
        2,
        (FileWarning(WarningKind.UNREAD_PAGE, "Page 1 is a picture.", 1),),
        (PageInfo(1, PageSource.UNREAD), PageInfo(2, PageSource.OCR, "iv", "ABC0002", 0.81)),
        (Part("scan/plan.pdf", b"\0\xff"),),
    )
    assert unpack(json.loads(json.dumps(pack(parsed)))) == parsed
