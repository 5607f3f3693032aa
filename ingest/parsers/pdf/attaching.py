"""Puts what belongs beside the text after the passage on which it lies, and warnings onto that passage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.types import Box, Element, FileWarning

_REACH = 6.0  # points within which a box lies on a line


@dataclass(frozen=True, slots=True)
class Aside:
    """An element or a warning, or both, with its place."""

    box: Box
    element: Element | None = None
    warning: FileWarning | None = None


def attach(elements: Sequence[Element], asides: Sequence[Aside]) -> tuple[tuple[Element, ...], list[FileWarning]]:
    """The elements with everything in its place, and the warnings that lie on none of them."""
    lines: dict[int, list[tuple[Box, int]]] = defaultdict(list)
    before: dict[int, int] = {}
    for place, element in enumerate(elements):
        for line in element.lines:
            lines[line.box.page].append((line.box, place))
            before[line.box.page] = place
    following: dict[int, list[Element]] = defaultdict(list)
    warnings: dict[int, list[FileWarning]] = defaultdict(list)
    loose: list[FileWarning] = []
    for aside in asides:
        near = min(lines.get(aside.box.page, ()), key=lambda line: _distance(line[0], aside.box), default=None)
        if near is not None:
            place = near[1]
        else:
            earlier = [page for page in before if page < aside.box.page]
            place = before[max(earlier)] if earlier else -1
        if aside.element is not None:
            following[place].append(aside.element)
        if aside.warning is not None:
            if near is None or _distance(near[0], aside.box) > _REACH:
                loose.append(aside.warning)
            elif all(warning.kind != aside.warning.kind for warning in warnings[place]):
                warnings[place].append(aside.warning)
    out: list[Element] = list(following.get(-1, ()))
    for last, element in enumerate(elements):
        told = warnings.get(last)
        out.append(replace(element, warnings=(*element.warnings, *told)) if told else element)
        out += following.get(last, ())
    return tuple(out), loose


def _distance(line: Box, box: Box) -> float:
    """Between two boxes of one page in points; down the page counts before across it."""
    down = max(0.0, line.y0 - box.y1, box.y0 - line.y1)
    across = max(0.0, line.x0 - box.x1, box.x0 - line.x1)
    return down + 0.05 * across
