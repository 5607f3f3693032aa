"""What is painted on a PDF page besides its text, and in which order: boxes, thin rules, shapes and images."""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.parsers.pdf.objects import (
    Edges,
    Matrix,
    bounds_of,
    clip_of,
    left_of,
    lies_within,
    moved,
    objects_of,
    shared,
    times,
)

_TEXT, _PATH, _IMAGE, _SHADING = 1, 2, 3, 4
_BAND = 12.0  # points of height that share one list of boxes
_MOST_BOXES = 4_000
_MOST_IMAGES = 400
_MOST_SEGMENTS = 40_000
_OPAQUE = 250
_EVEN_ODD = 1  # fill mode
_HAIR = 3.0  # thinner is a rule
_TICK_BOX = 20.0  # smaller may be a box to tick


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
    image fills; `shapes`: how many paths; `width`: the page's; `clips`: what is left to see of texts that a clipping
    path cuts, by address; `twins`: texts that lie exactly where such a one lies; `images`: the boxes of the larger
    images. Edges as on the shown page, from its top left."""

    order: dict[int, int] = field(default_factory=dict)
    width: float = 0.0
    image: bool = False
    pictured: float = 0.0
    shapes: int = 0
    clips: dict[int, Edges] = field(default_factory=dict)
    twins: dict[int, list[int]] = field(default_factory=dict)
    images: list[Edges] = field(default_factory=list)
    _patches: dict[int, list[Patch]] = field(default_factory=lambda: defaultdict(list))
    _rules: dict[int, list[Edges]] = field(default_factory=lambda: defaultdict(list))
    _count: int = 0

    def add(self, patch: Patch) -> None:
        self._count += 1
        if self._count <= _MOST_BOXES:
            for band in range(int(patch.edges[1] // _BAND), int(patch.edges[3] // _BAND) + 1):
                self._patches[band].append(patch)

    def add_image(self, patch: Patch, shown: Edges, size: tuple[float, float]) -> None:
        """`shown`: what of it is to be seen, on a page of this size."""
        self.image = True
        self.pictured = max(self.pictured, _share(patch.edges, size))
        if min(shown[2] - shown[0], shown[3] - shown[1]) > _HAIR and len(self.images) < _MOST_IMAGES:
            self.images.append(shown)
        self.add(patch)

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

    paint = _painted(pdfium, page, place, size)
    if paint.clips:
        _find_twins(pdfium, page.raw, paint)
    return paint


def _painted(pdfium: Any, page: Any, place: Callable[..., Edges], size: tuple[float, float]) -> Paint:
    paint = Paint(width=size[0])
    segments = 0
    widest, tallest = (1.5 * side for side in size)
    for order, (kind, item, matrix, clear, within) in enumerate(objects_of(pdfium, page.raw)):
        address = ctypes.addressof(item.contents)
        paint.order[address] = order
        if kind == _TEXT and (left := left_of(pdfium, item, matrix, within)) is not None:
            paint.clips[address] = place(*left)
        if kind not in (_PATH, _IMAGE, _SHADING):
            continue
        bounds = bounds_of(pdfium, item, matrix)
        if bounds is None:
            continue
        edges = place(*bounds)
        if edges[2] <= 0 or edges[3] <= 0 or edges[0] >= size[0] or edges[1] >= size[1]:
            continue
        paint.shapes += kind == _PATH
        width, height = edges[2] - edges[0], edges[3] - edges[1]
        edges = max(edges[0], -size[0]), max(edges[1], -size[1]), min(edges[2], 2 * size[0]), min(edges[3], 2 * size[1])
        if kind == _IMAGE:
            whole = within is None or lies_within(bounds, within)
            seen = whole and not clear and _covers(pdfium, page.raw, item, width * height, size)
            paint.add_image(
                Patch(edges, order, None, seen), _shown(clip_of(pdfium, item, matrix, within), place, edges), size
            )
        elif kind == _SHADING:
            paint.add(Patch(edges, order, None, opaque=False))
        else:
            if width <= widest and height <= tallest:  # else a background over several pages of a printed web page
                segments += pdfium.FPDFPath_CountSegments(item)
            if segments <= _MOST_SEGMENTS:
                _add_path(pdfium, paint, item, order, matrix, clear, place, edges, within)
    return paint


def _find_twins(pdfium: Any, page: Any, paint: Paint) -> None:
    """Of texts that are cut: where a printer cut a page in two, a line on the edge is there twice."""
    places: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for kind, item, matrix, *_ in objects_of(pdfium, page):
        if kind == _TEXT and (bounds := bounds_of(pdfium, item, matrix)) is not None:
            places[tuple(map(round, bounds))].append(ctypes.addressof(item.contents))
    for together in places.values():
        for address in together if len(together) > 1 else ():
            if address in paint.clips:
                paint.twins[address] = [other for other in together if other != address]


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
    matrix: Matrix,
    clear: bool,
    place: Callable[[float, float, float, float], Edges],
    edges: Edges,
    within: Edges | None,
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
            paint.add(Patch(_shown(clip_of(pdfium, item, matrix, within), place, inner), order, fill, opaque=True))
        else:
            paint.add(Patch(inner, order, None, opaque=False))


def _shown(clip: Edges | None, place: Callable[..., Edges], edges: Edges) -> Edges:
    return edges if clip is None else shared(edges, place(*clip))


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
    return any(lies_within(part, other) or lies_within(other, part) for other, _ in parts if other is not part)


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


def _parts(pdfium: Any, item: Any, matrix: Matrix) -> Iterator[tuple[Edges, bool]]:
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
            yield moved(run, whole), len(run) >= 4 and _is_rectangle(run)


def _is_rectangle(points: list[tuple[float, float]]) -> bool:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x0, y0, x1, y1 = min(xs), min(ys), max(xs), max(ys)
    near = 0.25 * min(x1 - x0, y1 - y0)
    corners = ((x0, y0), (x0, y1), (x1, y0), (x1, y1))
    on_edge = all(min(x - x0, x1 - x, y - y0, y1 - y) <= 0.1 * near for x, y in points)
    return on_edge and all(any(abs(x - cx) <= near and abs(y - cy) <= near for x, y in points) for cx, cy in corners)
