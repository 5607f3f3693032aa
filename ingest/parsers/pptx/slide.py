"""One slide: which of its shapes are seen, and the words of each in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ingest.parsers.clean import clean, rows_to_text
from ingest.parsers.docx.xml import MC, chosen
from ingest.parsers.packages.container import local
from ingest.parsers.packages.ooxml import is_on
from ingest.parsers.pptx import drawn
from ingest.parsers.pptx.colours import Colours
from ingest.parsers.pptx.order import Box, Placed, ordered
from ingest.parsers.pptx.package import Package
from ingest.parsers.pptx.pictures import Warned
from ingest.parsers.pptx.shapes import FURNITURE, TITLES, Shape, Sheet
from ingest.parsers.pptx.text import Paragraph, elements, flat, merged, paragraphs
from ingest.types import Element, ElementKind, WarningKind

_NOWHERE = Box(0, 0, 0, 0)
_COVERS = 200  # shapes on a slide that are looked at as covers, at most
_REPEATED = 2000  # characters of a cell that is merged downwards; longer ones are given once
_AUTOMATIC = re.compile(
    r"(automatically|ai)[- ]generated|automatisch generiert|générée? automatiquement|generad[ao] automáticamente"
    r"|\.(png|jpe?g|gif|bmp|tiff?|emf|wmf|svg)$|^(image|picture|bild|grafik|logo)\s*\d*$",
    re.IGNORECASE,
)


class SlideReader:
    """`number`: of the slide, as it is printed."""

    def __init__(self, package: Package, part: str, sheet: Sheet, number: str, size: Box) -> None:
        self._package = package
        self._part = part
        self._sheet = sheet
        self._size = size
        self.number = number
        self._unread: list[str] = []
        self.pictures: list[tuple[Any, float]] = []  # what holds an a:blip, and how much of the slide it takes up
        self._left_out: set[WarningKind] = set()
        self._top = sheet.shapes()
        leaves = list(_leaves(self._top))
        self._moves = sheet.root.find(".//{*}animMotion") is not None
        self._colours = Colours(sheet, leaves, self.printed()[::-1])
        self._covered = set() if next(sheet.root.iter("{*}spTgt"), None) is not None else set(_covered(leaves))
        self.furniture = [one for one in leaves if one.place in FURNITURE and self._is_seen(one)]
        self._titles = [one for one in leaves if one.place in TITLES and self._is_seen(one)]

    def elements(self, level: int) -> Iterator[Element]:
        for title in self._titles:
            if title.body is not None:
                words, found = self._flat(title.body, title)
                if words:
                    yield Element(ElementKind.HEADING, words, level, warnings=merged(found))
                yield from _struck(found)
        self._background()
        yield from self._shapes(self._top)

    def printed(self) -> list[Shape]:
        """Shapes of the layout and master that are seen on the slide, the layout's first."""
        found: list[Shape] = []
        sheet = self._sheet
        while sheet.shows_master and sheet.above is not None:
            sheet = sheet.above
            found += [one for one in _leaves(sheet.shapes()) if not one.place and not one.hidden and self._is_on(one)]
        return found

    def warnings(self) -> Iterator[Warned]:
        for what in dict.fromkeys(self._unread):
            yield WarningKind.UNREAD_PART, f"shows {what} that was not read; open the presentation to see it."
        if WarningKind.HIDDEN_TEXT in self._left_out:
            words = "has words that are hidden or stand outside of it, which were left out; open it in PowerPoint."
            yield WarningKind.HIDDEN_TEXT, words
        if WarningKind.COVERED_TEXT in self._left_out:
            words = "has words under another shape, which were left out; move the shape in PowerPoint to see them."
            yield WarningKind.COVERED_TEXT, words

    @property
    def unread(self) -> bool:
        """Whether it shows something that was not read."""
        return bool(self._unread)

    def _is_on(self, shape: Shape) -> bool:
        return shape.box is None or not shape.box.area or self._moves or shape.box.meets(self._size)

    def _is_seen(self, shape: Shape) -> bool:
        """Whether a shape is on the slide and nothing lies over it; notes down why not where it has words."""
        hidden = shape.hidden or not self._is_on(shape)
        if not hidden and id(shape) not in self._covered:
            return True
        if shape.words or shape.name in ("pic", "graphicFrame"):
            self._left_out.add(WarningKind.HIDDEN_TEXT if hidden else WarningKind.COVERED_TEXT)
        return False

    def _shapes(self, shapes: Sequence[Shape]) -> Iterator[Element]:
        placed: list[Placed] = []
        for at, shape in enumerate(shapes):
            if shape.inner or (
                shape.place not in FURNITURE | TITLES and shape.name != "cxnSp" and self._is_seen(shape)
            ):
                placed.append(Placed(shape, _extent(shape), at))
        for one in ordered(placed):
            yield from self._shapes(one.thing.inner) if one.thing.inner else self._shape(one.thing)

    def _shape(self, shape: Shape) -> Iterator[Element]:
        if shape.name == "pic":
            yield from self._picture(shape)
            return
        if shape.name == "contentPart":
            self._unread.append("handwriting")
        if shape.name == "graphicFrame":
            for child in shape.node.iterfind("{*}graphic/{*}graphicData/*"):
                yield from self._frame(child, shape)
            return
        filled = shape.node.find("{*}spPr/{*}blipFill")
        if filled is not None:
            self.pictures.append((filled, self._share(shape)))
        if shape.body is not None:
            found = list(paragraphs(shape.body, shape.styles, self.number, self._colours.unseen(shape)))
            self._look_for_hidden(found)
            yield from elements(found)

    def _frame(self, node: Any, shape: Shape) -> Iterator[Element]:
        name = local(node)
        if node.tag == f"{MC}AlternateContent":
            branch = chosen(node)
            for child in () if branch is None else branch:
                yield from self._frame(child, shape)
        elif name == "tbl":
            yield from self._table(node, shape)
        elif name == "chart":
            path = drawn.related(self._package, self._part, node, "id")
            new = "chartex" in node.tag
            found, known = (drawn.new_chart(self._package, path), False) if new else drawn.chart(self._package, path)
            yield from found
            if not known:
                self._unread.append("the values of a chart")
        elif name == "relIds":
            yield from self._diagram(node, shape)
        elif name == "oleObj":
            program = clean(node.get("progId") or "")
            self._unread.append(f"an embedded object ({program})" if program else "an embedded object")
        else:
            self._unread.append("an object")

    def _diagram(self, node: Any, shape: Shape) -> Iterator[Element]:
        part = drawn.related(self._package, self._part, node, "dm")
        bodies = list(drawn.diagram(self._package, part))
        for body in bodies:
            words, found = self._flat(body, shape)
            if words:
                yield Element(ElementKind.LIST_ITEM, words, warnings=merged(found))
            yield from _struck(found)
        if not bodies:
            self._unread.append("a diagram")

    def _table(self, node: Any, shape: Shape) -> Iterator[Element]:
        found: list[Paragraph] = []
        text = rows_to_text(self._rows(node, shape, found))
        if text:
            yield Element(ElementKind.TABLE, text, warnings=merged(found))
        yield from _struck(found)

    def _rows(self, table: Any, shape: Shape, found: list[Paragraph]) -> Iterator[list[str]]:
        """Cell texts; one merged downwards is repeated in each row, one merged across is followed by empty cells."""
        above: list[str] = []
        for row in table.iterfind("{*}tr"):
            cells: list[str] = []
            for cell in row.iterfind("{*}tc"):
                body = cell.find("{*}txBody")
                if is_on(cell.get("hMerge")):
                    cells.append("")
                elif is_on(cell.get("vMerge")):
                    held = above[len(cells)] if len(cells) < len(above) else ""
                    cells.append(held if len(held) <= _REPEATED else "")
                else:
                    words, inner = ("", []) if body is None else self._flat(body, shape)
                    found += inner
                    cells.append(words)
            above = cells
            yield cells

    def _flat(self, body: Any, shape: Shape) -> tuple[str, list[Paragraph]]:
        """As `text.flat` has it. What colour is behind the words is known of shapes, not of cells and diagrams."""
        if shape.name == "sp":
            words, found = flat(body, shape.styles, self.number, self._colours.unseen(shape))
        else:
            words, found = flat(body, shape.styles, self.number)
        self._look_for_hidden(found)
        return words, found

    def _look_for_hidden(self, found: Sequence[Paragraph]) -> None:
        """Notes down paragraphs of which nothing is left that could carry a warning."""
        if any(one.line.hidden and not one.text and not any(one.removed()) for one in found):
            self._left_out.add(WarningKind.HIDDEN_TEXT)

    def _picture(self, shape: Shape) -> Iterator[Element]:
        holder = shape.node.find("{*}blipFill")
        if holder is not None:
            self.pictures.append((holder, self._share(shape)))
        properties = shape.node.find("{*}nvPicPr/{*}nvPr")
        kinds = {local(child) for child in properties} if properties is not None else set()
        if "videoFile" in kinds:
            self._unread.append("a film")
        elif kinds & {"audioFile", "wavAudioFile"}:
            self._unread.append("a sound recording")
        about = shape.node.find("{*}nvPicPr/{*}cNvPr")
        said = clean("" if about is None else about.get("descr") or "")
        if len(said) > 2 and not _AUTOMATIC.search(said):
            yield Element(ElementKind.PARAGRAPH, f"[picture description: {said}]")

    def _background(self) -> None:
        filled = self._sheet.root.find("{*}cSld/{*}bg/{*}bgPr/{*}blipFill")
        if filled is not None:
            self.pictures.append((filled, 1.0))

    def _share(self, shape: Shape) -> float:
        return 0.0 if shape.box is None else shape.box.area / self._size.area


def _struck(found: Sequence[Paragraph]) -> Iterator[Element]:
    for one in found:
        yield from one.removed()


def _leaves(shapes: Sequence[Shape]) -> Iterator[Shape]:
    for shape in shapes:
        if shape.name == "grpSp":
            yield from _leaves(shape.inner)
        else:
            yield shape


def _covered(leaves: Sequence[Shape]) -> Iterator[int]:
    """The shapes with words that lie wholly under a later one that lets nothing through."""
    covers = [(at, one.box) for at, one in enumerate(leaves) if one.box is not None and not one.hidden and one.opaque]
    for at, shape in enumerate(leaves):
        box = shape.box
        if box is None or not box.area or not (shape.words or shape.name == "graphicFrame"):
            continue
        if any(later > at and cover.holds(box) for later, cover in covers[-_COVERS:]):
            yield id(shape)


def _extent(shape: Shape) -> Box:
    """Of a group, what its shapes take up."""
    boxes = [one.box for one in _leaves(shape.inner) if one.box is not None] if shape.inner else [shape.box or _NOWHERE]
    if not boxes:
        return _NOWHERE
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))
