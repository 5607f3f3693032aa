"""What is painted on a PDF page besides its text, and in which order: boxes, thin rules, shapes and images."""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Edges = tuple[float, float, float, float]
_Matrix = tuple[float, float, float, float, float, float]

_PATH, _IMAGE, _SHADING, _FORM = 2, 3, 4, 5
_BAND = 12.0  # points of height that share one list of boxes
_DEPTH = 8  # forms within forms
_MOST_OBJECTS = 200_000
_MOST_BOXES = 4_000
_MOST_SEGMENTS = 40_000
_OPAQUE = 250
_EVEN_ODD = 1  # fill mode
_HAIR = 3.0  # thinner is a rule
_TICK_BOX = 20.0  # smaller may be a box to tick
_UNIT: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Patch:
    """A painted area: `colour` of its ground, None where it is not one; `opaque`: nothing shows through it."""

    edges: Edges
    order: int
    colour: tuple[int, int, int] | None
    opaque: bool


@dataclass(slots=True)
class Paint:
    """`order`: the rank of each page object by its address; `pictured`: the share of the page that its largest
    image fills; `shapes`: how many paths; `width`: the page's. Edges as on the shown page, from its top left."""

    order: dict[int, int] = field(default_factory=dict)
    width: float = 0.0
    image: bool = False
    pictured: float = 0.0
    shapes: int = 0
    _patches: dict[int, list[Patch]] = field(default_factory=lambda: defaultdict(list))
    _rules: dict[int, list[Edges]] = field(default_factory=lambda: defaultdict(list))
    _count: int = 0

    def add(self, patch: Patch) -> None:
        self._count += 1
        if self._count <= _MOST_BOXES:
            for band in range(int(patch.edges[1] // _BAND), int(patch.edges[3] // _BAND) + 1):
                self._patches[band].append(patch)

    def add_rule(self, edges: Edges) -> None:
        self._count += 1
        if self._count <= _MOST_BOXES:
            self._rules[int((edges[1] + edges[3]) / 2 // _BAND)].append(edges)

    def patches(self, y: float) -> list[Patch]:
        """Those that reach over the height `y`, in the order in which they are painted."""
        return [patch for patch in self._patches.get(int(y // _BAND), ()) if patch.edges[1] <= y <= patch.edges[3]]

    @property
    def full(self) -> bool:
        """Whether more is painted than was looked at."""
        return self._count > _MOST_BOXES or self.shapes > _MOST_SEGMENTS

    def all_patches(self) -> list[Patch]:
        return [patch for patches in self._patches.values() for patch in patches]

    def rules(self, top: float, bottom: float) -> list[Edges]:
        """Thin horizontal rules whose middle lies between two heights."""
        found = []
        for band in range(int(top // _BAND), int(bottom // _BAND) + 1):
            found += [rule for rule in self._rules.get(band, ()) if top <= (rule[1] + rule[3]) / 2 <= bottom]
        return found


def paint_of(page: Any, place: Callable[[float, float, float, float], Edges], size: tuple[float, float]) -> Paint:
    """All objects of a pypdfium2 page in painting order. `place` maps page space to the shown page."""
    import pypdfium2.raw as pdfium

    paint = Paint(width=size[0])
    segments = 0
    widest, tallest = (1.5 * side for side in size)
    for order, (kind, item, matrix, clear) in enumerate(objects_of(pdfium, page.raw)):
        paint.order[ctypes.addressof(item.contents)] = order
        if kind not in (_PATH, _IMAGE, _SHADING):
            continue
        bounds = _bounds(pdfium, item, matrix)
        if bounds is None:
            continue
        edges = place(*bounds)
        if edges[2] <= 0 or edges[3] <= 0 or edges[0] >= size[0] or edges[1] >= size[1]:
            continue
        paint.shapes += kind == _PATH
        width, height = edges[2] - edges[0], edges[3] - edges[1]
        edges = max(edges[0], -size[0]), max(edges[1], -size[1]), min(edges[2], 2 * size[0]), min(edges[3], 2 * size[1])
        if kind == _IMAGE:
            paint.image = True
            paint.pictured = max(paint.pictured, _share(edges, size))
            paint.add(Patch(edges, order, None, not clear and _covers(pdfium, page.raw, item, width * height, size)))
        elif kind == _SHADING:
            paint.add(Patch(edges, order, None, opaque=False))
        else:
            if width <= widest and height <= tallest:  # else a background over several pages of a printed web page
                segments += pdfium.FPDFPath_CountSegments(item)
            if segments <= _MOST_SEGMENTS:
                _add_path(pdfium, paint, item, order, matrix, clear, place, edges)
    return paint


def objects_of(pdfium: Any, page: Any) -> Iterator[tuple[int, Any, _Matrix, bool]]:
    """(kind, object, matrix of the form around it, whether that form lets the ground through)."""
    left = _MOST_OBJECTS

    def walk(count: int, at: Callable[[int], Any], matrix: _Matrix, clear: bool, depth: int) -> Iterator[Any]:
        nonlocal left
        for index in range(count):
            item = at(index)
            left -= 1
            if left < 0 or not item:
                return
            kind = pdfium.FPDFPageObj_GetType(item)
            yield kind, item, matrix, clear
            if kind == _FORM and depth < _DEPTH:
                own = pdfium.FS_MATRIX()
                pdfium.FPDFPageObj_GetMatrix(item, own)
                inner = times((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
                through = clear or bool(pdfium.FPDFPageObj_HasTransparency(item))
                yield from walk(
                    max(0, pdfium.FPDFFormObj_CountObjects(item)),
                    lambda index, form=item: pdfium.FPDFFormObj_GetObject(form, index),  # type: ignore[misc]
                    inner,
                    through,
                    depth + 1,
                )

    count = pdfium.FPDFPage_CountObjects(page)
    yield from walk(count, lambda index: pdfium.FPDFPage_GetObject(page, index), _UNIT, False, 0)


def times(one: _Matrix, other: _Matrix) -> _Matrix:
    a, b, c, d, e, f = one
    m, n, o, p, q, r = other
    return a * m + b * o, a * n + b * p, c * m + d * o, c * n + d * p, e * m + f * o + q, e * n + f * p + r


def _moved(points: list[tuple[float, float]], matrix: _Matrix) -> Edges:
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x, y in points]
    ys = [b * x + d * y + f for x, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _bounds(pdfium: Any, item: Any, matrix: _Matrix) -> Edges | None:
    edges = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(item, *edges):
        return None
    x0, y0, x1, y1 = (edge.value for edge in edges)
    if not all(abs(edge) < 1e6 for edge in (x0, y0, x1, y1)):
        return None
    return (x0, y0, x1, y1) if matrix is _UNIT else _moved([(x0, y0), (x0, y1), (x1, y0), (x1, y1)], matrix)


def _share(edges: Edges, size: tuple[float, float]) -> float:
    width = min(edges[2], size[0]) - max(edges[0], 0.0)
    height = min(edges[3], size[1]) - max(edges[1], 0.0)
    return max(0.0, width) * max(0.0, height) / max(1.0, size[0] * size[1])


def _covers(pdfium: Any, page: Any, item: Any, area: float, size: tuple[float, float]) -> bool:
    """Whether an image hides what lies under it. One over most of the page is a scan over its recognised text."""
    if area > 0.3 * size[0] * size[1] or pdfium.FPDFPageObj_HasTransparency(item):
        return False
    about = pdfium.FPDF_IMAGEOBJ_METADATA()
    known = pdfium.FPDFImageObj_GetImageMetadata(item, page, about)
    return bool(known) and about.bits_per_pixel > 1  # 1: perhaps a mask, through which the page shows


def _add_path(
    pdfium: Any,
    paint: Paint,
    item: Any,
    order: int,
    matrix: _Matrix,
    clear: bool,
    place: Callable[[float, float, float, float], Edges],
    edges: Edges,
) -> None:
    mode, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, mode, stroked)
    if not (mode.value or stroked.value):
        return
    colour = [ctypes.c_uint() for _ in range(4)]
    known = mode.value and pdfium.FPDFPageObj_GetFillColor(item, *colour)
    red, green, blue, alpha = (part.value for part in colour)
    fill = (red, green, blue) if known else None
    through = alpha < _OPAQUE or ((clear or pdfium.FPDFPageObj_HasTransparency(item)) and max(red, green, blue) > 60)
    if edges[3] - edges[1] < _HAIR:
        paint.add_rule(edges)
        if mode.value:
            paint.add(Patch(edges, order, None, opaque=False))  # one of the strips of a shaded ground
        return
    parts = list(_parts(pdfium, item, matrix))
    for part, square in parts:
        inner = place(*part)
        if not mode.value:
            _add_outline(pdfium, paint, item, order, inner)
            if min(edges[2] - edges[0] - inner[2] + inner[0], edges[3] - edges[1] - inner[3] + inner[1]) > _HAIR:
                paint.add(_bar(pdfium, item, order, clear, edges, inner, alone=len(parts) == 1))
        elif inner[3] - inner[1] < _HAIR:
            paint.add_rule(inner)
            paint.add(Patch(inner, order, None, opaque=False))
        elif square and fill and not through and not _is_frame(part, parts, mode.value):
            paint.add(Patch(_clipped(pdfium, item, matrix, place, inner), order, fill, opaque=True))
        else:
            paint.add(Patch(inner, order, None, opaque=False))


def _add_outline(pdfium: Any, paint: Paint, item: Any, order: int, inner: Edges) -> None:
    width = ctypes.c_float()
    pdfium.FPDFPageObj_GetStrokeWidth(item, width)
    if inner[3] - inner[1] < _HAIR and width.value < _HAIR:
        paint.add_rule(inner)
    elif max(inner[2] - inner[0], inner[3] - inner[1]) < _TICK_BOX:
        paint.add(Patch(inner, order, None, opaque=False))


def _is_frame(part: Edges, parts: list[tuple[Edges, bool]], mode: int) -> bool:
    """Whether one is cut out of the other, this part and another of its path, as a form's field has its border."""
    if mode != _EVEN_ODD or not 1 < len(parts) < 9:
        return False
    return any(_within(part, other) or _within(other, part) for other, _ in parts if other is not part)


def _within(inner: Edges, outer: Edges) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _bar(pdfium: Any, item: Any, order: int, clear: bool, edges: Edges, inner: Edges, alone: bool) -> Patch:
    """What one thick line paints: opaque where it is straight and level or upright, as a marker pen's bar is."""
    colour = [ctypes.c_uint() for _ in range(4)]
    known = pdfium.FPDFPageObj_GetStrokeColor(item, *colour)
    red, green, blue, alpha = (part.value for part in colour)
    flat, thin = inner[3] - inner[1] < 1, inner[2] - inner[0] < 1
    through = alpha < _OPAQUE or ((clear or pdfium.FPDFPageObj_HasTransparency(item)) and max(red, green, blue) > 60)
    if not known or through or not alone or flat == thin:
        return Patch(edges, order, None, opaque=False)
    bar = (inner[0], edges[1], inner[2], edges[3]) if flat else (edges[0], inner[1], edges[2], inner[3])
    return Patch(bar, order, (red, green, blue), opaque=True)


def _parts(pdfium: Any, item: Any, matrix: _Matrix) -> Iterator[tuple[Edges, bool]]:
    """The subpaths of a path in page space, and whether each is a rectangle, perhaps with round corners."""
    own = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(item, own)
    whole = times((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
    runs: list[list[tuple[float, float]]] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(pdfium.FPDFPath_CountSegments(item)):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        if not runs or pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_MOVETO:
            runs.append([])
        runs[-1].append((x.value, y.value))
    for run in runs:
        if len(run) > 1:
            yield _moved(run, whole), len(run) >= 4 and _is_rectangle(run)


def _is_rectangle(points: list[tuple[float, float]]) -> bool:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x0, y0, x1, y1 = min(xs), min(ys), max(xs), max(ys)
    near = 0.25 * min(x1 - x0, y1 - y0)
    corners = ((x0, y0), (x0, y1), (x1, y0), (x1, y1))
    on_edge = all(min(x - x0, x1 - x, y - y0, y1 - y) <= 0.1 * near for x, y in points)
    return on_edge and all(any(abs(x - cx) <= near and abs(y - cy) <= near for x, y in points) for cx, cy in corners)


def _clipped(pdfium: Any, item: Any, matrix: _Matrix, place: Callable[..., Edges], edges: Edges) -> Edges:
    clip = pdfium.FPDFPageObj_GetClipPath(item)
    x, y = ctypes.c_float(), ctypes.c_float()
    for path in range(max(0, pdfium.FPDFClipPath_CountPaths(clip)) if clip else 0):
        points = []
        for index in range(min(64, max(0, pdfium.FPDFClipPath_CountPathSegments(clip, path)))):
            pdfium.FPDFPathSegment_GetPoint(pdfium.FPDFClipPath_GetPathSegment(clip, path, index), x, y)
            points.append((x.value, y.value))
        if points:
            own = place(*_moved(points, matrix))
            edges = max(edges[0], own[0]), max(edges[1], own[1]), min(edges[2], own[2]), min(edges[3], own[3])
    return edges
