"""What shapes, pictures and embedded objects hold: text boxes, WordArt, diagrams, charts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.parsers.clean import clean
from ingest.parsers.docx.package import Package
from ingest.parsers.docx.xml import CHART, DIAGRAM, MC, OFFICE, VML, WP, A, R, W, chosen

_BOX = f"{W}txbxContent"
_CHART = f"{CHART}chart"
_DIAGRAM = f"{DIAGRAM}relIds"


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
    tag = drawing.tag
    if tag == _BOX:
        yield Found(box=drawing)
    elif tag == f"{MC}AlternateContent":
        branch = chosen(drawing)
        if branch is not None:
            yield from contents(branch, package)
    elif tag == _CHART:
        yield from _chart(drawing, package)
    elif tag == _DIAGRAM:
        yield from _diagram(drawing, package)
    elif tag == f"{A}p":
        yield Found(text="".join(part.text or "" for part in drawing.iter(f"{A}t")))
    elif tag == f"{VML}textpath":
        yield Found(text=drawing.get("string") or "")
    elif tag == f"{OFFICE}OLEObject":
        yield Found(unread=_object(drawing.get("ProgID") or ""))
    else:
        for child in drawing:
            yield from contents(child, package)


def _is_hidden(node: Any) -> bool:
    properties = node.find(f"{WP}docPr")
    if properties is not None and properties.get("hidden") in ("1", "true"):
        return True
    return "visibility:hidden" in (node.get("style") or "").replace(" ", "")


def _object(program: str) -> str:
    if program.startswith(("Equation", "MathType")):
        return "a formula that is stored as an object"
    return f"an embedded object ({clean(program)})" if clean(program) else "an embedded object"


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


def _diagram(node: Any, package: Package) -> Iterator[Found]:
    root = package.related(node.get(f"{R}dm", ""))
    if root is None:
        yield Found(unread="a diagram")
        return
    for point in root.iter(f"{DIAGRAM}pt"):
        if point.get("type", "node") in ("node", "asst"):
            for paragraph in point.iter(f"{A}p"):
                yield Found(text="".join(part.text or "" for part in paragraph.iter(f"{A}t")))
