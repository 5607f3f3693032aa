"""The shapes of a slide, each with its place, what it inherits from the layout and master, and whether it is seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.parsers.docx.xml import MC, chosen
from ingest.parsers.packages.container import local
from ingest.parsers.packages.ooxml import is_on
from ingest.parsers.pptx.order import Box
from ingest.parsers.pptx.package import Package, whole

FURNITURE = frozenset(("dt", "ftr", "hdr", "sldNum"))
TITLES = frozenset(("title", "ctrTitle"))
_SHAPES = frozenset(("sp", "graphicFrame", "pic", "grpSp", "cxnSp", "contentPart"))
_STYLES = {"title": "titleStyle", "ctrTitle": "titleStyle", **dict.fromkeys(FURNITURE, "otherStyle")}
_RECTANGLES = frozenset(("rect", "roundRect", "snip1Rect", "round2SameRect", "flowChartProcess"))
_Move = tuple[float, float, float, float]  # scale and shift across, then down
_STILL: _Move = (1.0, 0.0, 1.0, 0.0)


@dataclass(slots=True)
class Shape:
    """`place`: the type of its placeholder, "" for none; `styles`: list styles that its paragraphs inherit."""

    node: Any
    name: str
    box: Box | None
    place: str = ""
    styles: Sequence[Any] = ()
    kin: Sequence[Any] = ()  # the placeholders that it fills in
    hidden: bool = False
    inner: list[Shape] = field(default_factory=list)

    @property
    def body(self) -> Any | None:
        found = self.node.find("{*}txBody")
        return self.node.find("{*}txSp/{*}txBody") if found is None else found

    @property
    def words(self) -> str:
        return "".join(part.text or "" for part in self.node.iter("{*}t")).strip()

    @property
    def opaque(self) -> bool:
        """Whether nothing under it is seen: a rectangle with a colour that lets nothing through."""
        marks = self.node.find("{*}spPr")
        form = None if marks is None else marks.find("{*}prstGeom")
        if self.name != "sp" or marks is None or form is None or form.get("prst") not in _RECTANGLES:
            return False
        fill = marks.find("{*}solidFill")
        return fill is not None and fill.find("*/{*}alpha") is None and whole(_frame_of(self.node, "rot")) == 0


class Sheet:
    """A slide, layout or master: its shapes, and the placeholders that others inherit from."""

    def __init__(self, root: Any, above: Sheet | None, general: Sequence[Any]) -> None:
        """`above`: the layout of a slide, the master of a layout. `general`: the presentation's own list styles."""
        self.root = root
        self.above = above
        self.theme: Any | None = None  # of a master
        self._general = general
        self._tree = root.find("{*}cSld/{*}spTree")
        self._found: list[Shape] | None = None
        self._by_number: dict[str, Any] = {}
        self._by_type: dict[str, Any] = {}
        if self._tree is not None:
            for node in self._tree.iter("{*}sp", "{*}pic", "{*}graphicFrame"):
                mark = _placeholder(node)
                if mark is not None:
                    self._by_number.setdefault(mark.get("idx", "0"), node)
                    self._by_type.setdefault(_family(mark), node)

    @property
    def shows_master(self) -> bool:
        return self.root.get("showMasterSp", "1") not in ("0", "false")

    def shapes(self) -> list[Shape]:
        """Those of the outermost level; groups hold their own."""
        if self._found is None:
            self._found = [] if self._tree is None else list(self._shapes(self._tree, _STILL, False))
        return self._found

    def _shapes(self, tree: Any, move: _Move, hidden: bool) -> Iterator[Shape]:
        for node in tree:
            if node.tag == f"{MC}AlternateContent":
                branch = chosen(node)
                if branch is not None:
                    yield from self._shapes(branch, move, hidden)
            elif local(node) in _SHAPES:
                yield self._shape(node, move, hidden)

    def _shape(self, node: Any, move: _Move, hidden: bool) -> Shape:
        name, mark = local(node), _placeholder(node)
        properties = next((child.find("{*}cNvPr") for child in node if local(child).startswith("nv")), None)
        hidden = hidden or (properties is not None and is_on(properties.get("hidden")))
        kin = self._kin(mark)
        box = next((found for one in (node, *kin) if (found := _box(one)) is not None), None)
        shape = Shape(node, name, None if box is None else _moved(box, move), hidden=hidden)
        if mark is not None:
            shape.place = mark.get("type", "obj")
        if name == "grpSp":
            shape.inner = list(self._shapes(node, _within(node, move), hidden))
        else:
            shape.styles, shape.kin = self._styles(shape.place, kin), kin
        return shape

    def _kin(self, mark: Any | None) -> list[Any]:
        """The placeholders that one fills in, of the layout and the master."""
        kin: list[Any] = []
        sheet = self.above
        while mark is not None and sheet is not None:
            found = sheet._by_number.get(mark.get("idx", "0")) if sheet.above is not None else None
            if found is None or _family(mark) != "body":
                found = sheet._by_type.get(_family(mark), found)
            if found is not None:
                kin.append(found)
                mark = _placeholder(found)
            sheet = sheet.above
        return kin

    def _styles(self, place: str, kin: Sequence[Any]) -> list[Any]:
        master = self
        while master.above is not None:
            master = master.above
        texts = master.root.find("{*}txStyles")
        named = _STYLES.get(place, "bodyStyle") if place else ""
        own = [one.find("{*}txBody/{*}lstStyle") for one in kin]
        found = [*own, texts.find(f"{{*}}{named}") if texts is not None and named else None, *self._general]
        return [one for one in found if one is not None]


class Sheets:
    """Slides with their layouts and masters, which many share."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._general = [one for one in (package.presentation.find("{*}defaultTextStyle"),) if one is not None]
        self._layouts: dict[str, Sheet | None] = {}

    def of(self, part: str, root: Any) -> Sheet:
        layout = next(iter(self._package.parts(part, "slideLayout")), "")
        if layout not in self._layouts:
            master = next(iter(self._package.parts(layout, "slideMaster")), "") if layout else ""
            above: Sheet | None = None
            for path in (master, layout):
                found = self._package.xml(path) if path else None
                above = above if found is None else Sheet(found, above, self._general)
                if above is not None and path == master:
                    above.theme = self._package.xml(next(iter(self._package.parts(master, "theme")), ""))
            self._layouts[layout] = above
        return Sheet(root, self._layouts[layout], self._general)


def _placeholder(node: Any) -> Any | None:
    return next((found for child in node if (found := child.find("{*}nvPr/{*}ph")) is not None), None)


def _family(mark: Any) -> str:
    """Titles and furniture are of their own kind; all others fill in the body."""
    kind = mark.get("type", "obj")
    return "title" if kind in TITLES else kind if kind in FURNITURE else "body"


def _frame(node: Any) -> Any | None:
    found = node.find("{*}xfrm")
    for marks in ("spPr", "grpSpPr"):
        found = node.find(f"{{*}}{marks}/{{*}}xfrm") if found is None else found
    return found


def _frame_of(node: Any, name: str) -> str | None:
    found = _frame(node)
    return None if found is None else found.get(name)


def _box(node: Any) -> Box | None:
    frame = _frame(node)
    start = None if frame is None else frame.find("{*}off")
    size = None if frame is None else frame.find("{*}ext")
    if start is None or size is None:
        return None
    x, y = whole(start.get("x")), whole(start.get("y"))
    return Box(x, y, x + whole(size.get("cx")), y + whole(size.get("cy")))


def _moved(box: Box, move: _Move) -> Box:
    across, right, down, below = move
    return Box(box.x0 * across + right, box.y0 * down + below, box.x1 * across + right, box.y1 * down + below)


def _within(group: Any, move: _Move) -> _Move:
    """From the coordinates inside of a group to those of the slide."""
    outer, frame = _box(group), _frame(group)
    start = None if frame is None else frame.find("{*}chOff")
    size = None if frame is None else frame.find("{*}chExt")
    if outer is None or start is None or size is None:
        return move
    across = (outer.x1 - outer.x0) / (whole(size.get("cx")) or 1) or 1.0
    down = (outer.y1 - outer.y0) / (whole(size.get("cy")) or 1) or 1.0
    right, below = outer.x0 - across * whole(start.get("x")), outer.y0 - down * whole(start.get("y"))
    return move[0] * across, move[0] * right + move[1], move[2] * down, move[2] * below + move[3]
