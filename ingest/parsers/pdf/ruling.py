"""The straight edges that are painted on a PDF page, from which pdfplumber's algorithm makes the cells of tables.

pdfplumber finds them with pdfminer, which reads the whole page once more and takes longer than all the rest; pdfium
has them at hand.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ingest.parsers.pdf.objects import Edges, objects_of, times

_STRAIGHT = 0.05  # points by which a line may slope
_MOST_EDGES = 6_000  # a page of more is a drawing; a table has four for each cell at the most
_Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What pdfplumber's `TableFinder` asks of a page: its edges, as on the shown page from its top left."""

    edges: list[dict[str, Any]]
    bbox: Edges

    @property
    def crossed(self) -> bool:
        """Whether there are lines enough, level and upright, for two cells."""
        level = [edge["orientation"] == "h" for edge in self.edges].count(True)
        return 2 <= level <= len(self.edges) - 2

    @property
    def drawing(self) -> bool:
        """Whether there are more lines than tables have."""
        return len(self.edges) > _MOST_EDGES


def ruling_of(page: Any, place: Callable[[float, float, float, float], Edges], size: tuple[float, float]) -> Ruling:
    """Of a pypdfium2 page. `place` maps page space to the shown page."""
    import pypdfium2.raw as pdfium

    edges: list[dict[str, Any]] = []
    for kind, item, matrix, *_ in objects_of(pdfium, page.raw):
        if kind != pdfium.FPDF_PAGEOBJ_PATH or not _painted(pdfium, item):
            continue
        own = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(item, own)
        a, b, c, d, e, f = times((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
        for (x0, y0), (x1, y1) in _strokes(pdfium, item):
            first = place(*2 * (a * x0 + c * y0 + e, b * x0 + d * y0 + f))[:2]
            second = place(*2 * (a * x1 + c * y1 + e, b * x1 + d * y1 + f))[:2]
            if edge := _edge(first, second):
                edges.append(edge)
        if len(edges) > _MOST_EDGES:
            break
    return Ruling(edges, (0.0, 0.0, *size))


def _painted(pdfium: Any, item: Any) -> bool:
    mode, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, mode, stroked)
    return bool(mode.value or stroked.value)


def _strokes(pdfium: Any, item: Any) -> Iterator[tuple[_Point, _Point]]:
    """The straight pieces of a path, in its own space; of a subpath that is closed the last one too."""
    x, y = ctypes.c_float(), ctypes.c_float()
    run: list[tuple[_Point, bool]] = []  # a point, and whether a straight line leads to it
    for index in range(pdfium.FPDFPath_CountSegments(item)):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            run = []
        run.append(((x.value, y.value), kind == pdfium.FPDF_SEGMENT_LINETO))
        if len(run) > 1 and run[-1][1]:
            yield run[-2][0], run[-1][0]
        if pdfium.FPDFPathSegment_GetClose(segment) and len(run) > 2:
            yield run[-1][0], run[0][0]


def _edge(one: _Point, other: _Point) -> dict[str, Any] | None:
    across, down = abs(one[0] - other[0]), abs(one[1] - other[1])
    if min(across, down) > _STRAIGHT or max(across, down) < 1:
        return None
    level = down <= _STRAIGHT
    x0, x1 = (min(one[0], other[0]), max(one[0], other[0])) if level else (one[0], one[0])
    top, bottom = (one[1], one[1]) if level else (min(one[1], other[1]), max(one[1], other[1]))
    return {
        "object_type": "line",
        "orientation": "h" if level else "v",
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "width": x1 - x0,
        "height": bottom - top,
    }
