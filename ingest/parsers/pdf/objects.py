"""What lies on a PDF page, in the order in which it is painted, and how much of it its clipping paths leave to see."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

Edges = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]

_FORM = 5
_DEPTH = 8  # forms within forms
_MOST_OBJECTS = 200_000
_POINTS = 64  # of a clipping path that are looked at; of one with more, nothing is taken for cut away
UNIT: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def objects_of(pdfium: Any, page: Any) -> Iterator[tuple[int, Any, Matrix, bool, Edges | None]]:
    """(kind, object, matrix of the form around it, whether that form lets the ground through, what of the page the
    form shows itself on at most)."""
    left = _MOST_OBJECTS

    def walk(
        count: int, at: Callable[[int], Any], matrix: Matrix, clear: bool, within: Edges | None, depth: int
    ) -> Iterator[Any]:
        nonlocal left
        for index in range(count):
            item = at(index)
            left -= 1
            if left < 0 or not item:
                return
            kind = pdfium.FPDFPageObj_GetType(item)
            yield kind, item, matrix, clear, within
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
                    clip_of(pdfium, item, matrix, within),
                    depth + 1,
                )

    count = pdfium.FPDFPage_CountObjects(page)
    yield from walk(count, lambda index: pdfium.FPDFPage_GetObject(page, index), UNIT, False, None, 0)


def clip_of(pdfium: Any, item: Any, matrix: Matrix, within: Edges | None) -> Edges | None:
    """The box on the page, within the one given, beyond which nothing of an object is painted; None without one."""
    clip = pdfium.FPDFPageObj_GetClipPath(item)
    count = pdfium.FPDFClipPath_CountPaths(clip) if clip else 0
    x, y = ctypes.c_float(), ctypes.c_float()
    for path in range(count):
        points = []
        segments = pdfium.FPDFClipPath_CountPathSegments(clip, path)
        for index in range(segments if segments <= _POINTS else 0):
            pdfium.FPDFPathSegment_GetPoint(pdfium.FPDFClipPath_GetPathSegment(clip, path, index), x, y)
            points.append((x.value, y.value))
        if points:
            edges = moved(points, matrix)
            within = edges if within is None else shared(edges, within)
    return within


def times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    m, n, o, p, q, r = other
    return a * m + b * o, a * n + b * p, c * m + d * o, c * n + d * p, e * m + f * o + q, e * n + f * p + r


def moved(points: list[tuple[float, float]], matrix: Matrix) -> Edges:
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x, y in points]
    ys = [b * x + d * y + f for x, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def bounds_of(pdfium: Any, item: Any, matrix: Matrix) -> Edges | None:
    edges = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(item, *edges):
        return None
    x0, y0, x1, y1 = (edge.value for edge in edges)
    if not all(abs(edge) < 1e6 for edge in (x0, y0, x1, y1)):
        return None
    return (x0, y0, x1, y1) if matrix is UNIT else moved([(x0, y0), (x0, y1), (x1, y0), (x1, y1)], matrix)


def left_of(pdfium: Any, item: Any, matrix: Matrix, within: Edges | None) -> Edges | None:
    """What is left to see of a text, None for all of it. Turned inside out where that is nothing."""
    clip = clip_of(pdfium, item, matrix, within)
    if clip is None:
        return None
    bounds = bounds_of(pdfium, item, matrix)
    return clip if bounds is None or not lies_within(bounds, clip) else None


def lies_within(inner: Edges, outer: Edges) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def shared(one: Edges, other: Edges) -> Edges:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])
