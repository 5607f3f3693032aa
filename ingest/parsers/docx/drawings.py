"""What shapes, pictures and embedded objects hold: text boxes, WordArt, diagrams, charts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ingest.parsers.clean import clean
from ingest.parsers.docx.package import Package
from ingest.parsers.docx.xml import CHART, DIAGRAM, MC, NEW_CHART, OFFICE, VML, WP, A, R, W, chosen, whole
from ingest.parsers.ocr.look import large, seems_written

_POINTS = {"pt": 1.0, "in": 72.0, "cm": 28.35, "mm": 2.835, "px": 0.75}


@dataclass(frozen=True, slots=True)
class Found:
    """`box`: a container of paragraphs; else `text`: words of a shape; `unread`: what was not read, in words."""

    box: Any | None = None
    text: str = ""
    unread: str = ""


def contents(drawing: Any, package: Package) -> Iterator[Found]:
    """What a reader sees in a w:drawing, w:pict or w:object, each thing once; text boxes in text boxes are left to
    whoever reads the outer one."""
    if _is_hidden(drawing):
        return
    if drawing.tag in _READERS:
        yield from _READERS[drawing.tag](drawing, package)
    else:
        for child in drawing:
            yield from contents(child, package)


def _alternatives(node: Any, package: Package) -> Iterator[Found]:
    branch = chosen(node)
    if branch is not None:
        yield from contents(branch, package)


def _box(node: Any, package: Package) -> Iterator[Found]:
    yield Found(box=node)


def _shape(node: Any, package: Package) -> Iterator[Found]:
    yield Found(text="".join(part.text or "" for part in node.iter(f"{A}t")))


def _art(node: Any, package: Package) -> Iterator[Found]:
    yield Found(text=node.get("string") or "")


def _is_hidden(node: Any) -> bool:
    properties = node.find(f"{WP}docPr")
    if properties is not None and properties.get("hidden") in ("1", "true"):
        return True
    return "visibility:hidden" in (node.get("style") or "").replace(" ", "")


def _object(node: Any, package: Package) -> Iterator[Found]:
    program = clean(node.get("ProgID") or "")
    if program.startswith(("Equation", "MathType")):
        yield Found(unread="a formula that is stored as an object")
    else:
        yield Found(unread=f"an embedded object ({program})" if program else "an embedded object")


def _picture(node: Any, package: Package) -> Iterator[Found]:
    """A picture that seems to hold words, by its size on the page and by what it shows."""
    width, height = _size(node)
    if large(width, height) and seems_written(package.picture(node.get(f"{R}embed") or node.get(f"{R}id") or "")):
        across, down = (round(side / 28.35) for side in (width, height))
        yield Found(unread=f"a picture of {across} x {down} cm that seems to hold words")


def _size(node: Any) -> tuple[float, float]:
    """How large a picture is shown, in points; (0, 0) where that is not said."""
    holder = next(node.iterancestors(f"{WP}inline", f"{WP}anchor", f"{VML}shape", f"{VML}rect"), None)
    extent = None if holder is None else holder.find(f"{WP}extent")
    if extent is not None:
        return whole(extent.get("cx", "")[:-2], 0) / 127, whole(extent.get("cy", "")[:-2], 0) / 127
    style = "" if holder is None else holder.get("style", "")
    sides = (re.search(rf"(?:^|;)\s*{side}:\s*([\d.]{{1,8}})(pt|in|cm|mm|px)", style) for side in ("width", "height"))
    found = [float(one[1].strip(".") or 0) * _POINTS[one[2]] if one and one[1].count(".") < 2 else 0.0 for one in sides]
    return found[0], found[1]


def _chart(node: Any, package: Package) -> Iterator[Found]:
    """A chart's words, without its numbers, which are drawn."""
    root = package.related(node.get(f"{R}id", ""))
    words: list[str] = []
    for found in () if root is None else root.iter(f"{A}p", f"{CHART}strCache"):
        if found.tag == f"{A}p":
            words.append(clean("".join(part.text or "" for part in found.iter(f"{A}t"))))
        else:
            words += [clean(part.text or "") for part in found.iter(f"{CHART}v")]
    said = [word for word in dict.fromkeys(words) if word]
    if said:
        yield Found(text=f"[chart: {'; '.join(said)}]")
    yield Found(unread="the values of a chart")


def _new_chart(node: Any, package: Package) -> Iterator[Found]:
    """A kind of chart that older programs only excuse themselves for."""
    yield Found(unread="a chart")


def _diagram(node: Any, package: Package) -> Iterator[Found]:
    root = package.related(node.get(f"{R}dm", ""))
    if root is None:
        yield Found(unread="a diagram")
        return
    for point in root.iter(f"{DIAGRAM}pt"):
        if point.get("type", "node") in ("node", "asst"):
            for paragraph in point.iter(f"{A}p"):
                yield Found(text="".join(part.text or "" for part in paragraph.iter(f"{A}t")))


_READERS: dict[str, Callable[[Any, Package], Iterator[Found]]] = {
    f"{W}txbxContent": _box,
    f"{MC}AlternateContent": _alternatives,
    f"{CHART}chart": _chart,
    f"{NEW_CHART}chart": _new_chart,
    f"{DIAGRAM}relIds": _diagram,
    f"{A}p": _shape,
    f"{VML}textpath": _art,
    f"{OFFICE}OLEObject": _object,
    f"{A}blip": _picture,
    f"{VML}imagedata": _picture,
}
