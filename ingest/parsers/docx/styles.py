"""What holds for a paragraph or a run: its own marks, then those of its styles, then those of the document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ingest.parsers.docx.xml import W, switch, value

_WHITE = ("FFFFFF", "ffffff", "white")
_TINY = ("1", "2")  # half-points
_HIGHLIGHTS = {
    "black": "000000", "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00", "magenta": "FF00FF", "red": "FF0000",
    "yellow": "FFFF00", "white": "FFFFFF", "darkBlue": "000080", "darkRed": "800000", "lightGray": "C0C0C0",
    "darkGray": "808080",
}  # fmt: skip
_DEPTH = 20  # styles that a style is based on


@dataclass(frozen=True, slots=True)
class Marks:
    """How a run is printed. `raised`: "script" for a superscript, "position" where it is only shifted upwards.
    `white` words are seen only on a `ground` of another colour, `tiny` ones (a point) not at all, nor those whose
    `colour` is that of their `fill` (six hex digits, "" where none is stated)."""

    hidden: bool = False
    struck: bool = False
    raised: str = ""
    font: str = ""
    white: bool = False
    tiny: bool = False
    ground: bool = False
    colour: str = ""
    fill: str = ""

    @property
    def covered(self) -> bool:
        """Whether words are written in the colour of their own ground, as where somebody blackened them."""
        return bool(self.fill) and self.colour == self.fill


PLAIN = Marks()


class Styles:
    def __init__(self, root: Any | None) -> None:
        """`root` is the styles part, or None where the document has none."""
        found = [] if root is None else root.findall(f"{W}style")
        self._styles = {style.get(f"{W}styleId"): style for style in found}
        self._normal = next((s.get(f"{W}styleId") for s in found if _is_default(s)), "")
        self._defaults = None if root is None else root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        self._chains: dict[str, tuple[Any, ...]] = {}
        self._shading: dict[str, bool] = {}
        self._bases = lru_cache(4096)(self._base)

    def chain(self, style: str) -> tuple[Any, ...]:
        """The style and those that it is based on, the nearest first."""
        if style not in self._chains:
            found: list[Any] = []
            name = style
            while name in self._styles and len(found) < _DEPTH:
                found.append(self._styles[name])
                name = value(found[-1], "basedOn") or ""
            self._chains[style] = tuple(found)
        return self._chains[style]

    def of(self, paragraph: Any) -> str:
        """The id of a paragraph's style."""
        named = value(paragraph.find(f"{W}pPr"), "pStyle")
        return named if named in self._styles and named is not None else self._normal

    def name(self, paragraph: Any) -> str:
        """The name of a paragraph's style in lower case, "" without: the same in every language of Word."""
        named = value(paragraph.find(f"{W}pPr"), "pStyle") or ""
        return (value(self._styles.get(named), "name") or "").lower()

    def paragraph(self, paragraph: Any) -> list[Any]:
        """The property elements that hold for a paragraph: its own, then those of its styles."""
        marks = [paragraph.find(f"{W}pPr"), *(style.find(f"{W}pPr") for style in self.chain(self.of(paragraph)))]
        return [found for found in marks if found is not None]

    def shades(self, style: str) -> bool:
        """Whether a table's style, or one that it is based on, gives any cell a ground."""
        if style not in self._shading:
            holders = (step for found in self.chain(style) for step in found.iter(f"{W}tcPr", f"{W}tblPr", f"{W}pPr"))
            self._shading[style] = any(map(is_shaded, holders))
        return self._shading[style]

    def numbering(self, style: str) -> str:
        """The list that a numbering style stands for, "" without."""
        for found in self.chain(style):
            if number := value(found.find(f"{W}pPr/{W}numPr"), "numId"):
                return number
        return ""

    def run(self, marks: Any | None, style: str, table: tuple[Any, ...] = ()) -> Marks:
        """How a run with these own marks is printed in a paragraph of this style; `table`: run properties that the
        style of a table around it gives, the nearest first."""
        base = self._bases(style, value(marks, "rStyle") or "", table)
        return base if marks is None else _over(base, marks)

    def _base(self, paragraph: str, character: str, table: tuple[Any, ...]) -> Marks:
        """Toggles of a paragraph's and a character's style cancel each other out (ECMA-376 part 1, 17.7.3)."""
        below, above = self._rules(paragraph), self._rules(character)
        hidden, struck = (_toggle(below, name) != _toggle(above, name) for name in ("vanish", "strike"))
        base = PLAIN if self._defaults is None else _over(PLAIN, self._defaults)
        for name in ("vanish", "strike"):
            silent = all(switch(marks, name) is None for marks in (*above, *below))
            hidden = hidden or (name == "vanish" and silent and _toggle(list(table), name))
            struck = struck or (name == "strike" and silent and _toggle(list(table), name))
        for marks in (*reversed(table), *reversed(below), *reversed(above)):
            base = _over(base, marks)
        double = next((on for marks in (*above, *below, *table) if (on := switch(marks, "dstrike")) is not None), False)
        always = PLAIN if self._defaults is None else _over(PLAIN, self._defaults)
        return replace(base, hidden=hidden or always.hidden, struck=struck or double or always.struck)

    def _rules(self, style: str) -> list[Any]:
        found = (step.find(f"{W}rPr") for step in self.chain(style))
        return [marks for marks in found if marks is not None]


def _is_default(style: Any) -> bool:
    return style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on")


def _toggle(rules: list[Any], name: str) -> bool:
    return next((on for marks in rules if (on := switch(marks, name)) is not None), False)


def _over(base: Marks, marks: Any) -> Marks:
    hidden, single, double = (switch(marks, name) for name in ("vanish", "strike", "dstrike"))
    struck = base.struck if single is None and double is None else bool(single or double)
    colour, size = value(marks, "color"), value(marks, "sz")
    white = base.white if colour is None else colour in _WHITE
    tiny = base.tiny if size is None else size in _TINY
    ground = base.ground or is_shaded(marks) or value(marks, "highlight") not in (None, "none", "white")
    gone = base.hidden if hidden is None else hidden
    colour = base.colour if colour is None else colour.upper()
    return Marks(
        gone, struck, _raised(base, marks), _font(base, marks), white, tiny, ground, colour, _fill(base, marks)
    )


def _fill(base: Marks, marks: Any) -> str:
    """The colour right behind the words: a highlight covers any shading."""
    highlight = value(marks, "highlight")
    if highlight is not None and highlight != "none":
        return _HIGHLIGHTS.get(highlight, "")
    shading = marks.find(f"{W}shd")
    if shading is None:
        return base.fill
    side = {"clear": "fill", "solid": "color"}.get(shading.get(f"{W}val", "clear"))
    return "" if side is None else shading.get(f"{W}{side}", "").upper().replace("AUTO", "")


def is_shaded(marks: Any) -> bool:
    """Whether a run or paragraph has a ground of another colour than white."""
    found = marks.find(f"{W}shd")
    return found is not None and (
        found.get(f"{W}val", "clear") not in ("clear", "nil")
        or found.get(f"{W}fill", "auto") not in ("auto", *_WHITE)
        or found.get(f"{W}themeFill") is not None
    )


def _raised(base: Marks, marks: Any) -> str:
    aligned = value(marks, "vertAlign")
    if aligned is not None:
        return "script" if aligned == "superscript" else ""
    shifted = value(marks, "position")
    if shifted is None or base.raised == "script":
        return base.raised
    return "position" if shifted.rstrip("pt").isdecimal() and int(shifted.rstrip("pt")[:4]) >= 2 else ""


def _font(base: Marks, marks: Any) -> str:
    fonts = marks.find(f"{W}rFonts")
    if fonts is None:
        return base.font
    if fonts.get(f"{W}asciiTheme") or fonts.get(f"{W}hAnsiTheme"):
        return ""
    return fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or base.font
