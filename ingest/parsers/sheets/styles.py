"""What of a cell's style changes its words: number format, struck out, written in the colour of its ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.parsers.packages.container import local
from ingest.parsers.packages.ooxml import is_on

# Built-in formats (18.8.30). 5 to 8, 42 and 44 take the currency of the computer that shows the file.
_BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: '"$"#,##0_);("$"#,##0)', 6: '"$"#,##0_);("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)', 8: '"$"#,##0.00_);("$"#,##0.00)', 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0_);(#,##0)",
    38: "#,##0_);(#,##0)", 39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);(#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', 42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((32, 34, 55), "h:mm"), **dict.fromkeys((33, 35, 56), "h:mm:ss"),
}  # fmt: skip
_CURRENCY_OF_THE_COMPUTER = frozenset({5, 6, 7, 8, 42, 44})


@dataclass(frozen=True, slots=True)
class Style:
    """`code`: the number format. `own_currency`: the sign in it is that of whichever computer shows the file."""

    code: str = "General"
    bold: bool = False
    struck: bool = False
    unseen: bool = False
    own_currency: bool = False

    @property
    def of_words(self) -> bool:
        """Whether the format changes words as well."""
        return self.code != "@" and ("@" in self.code or self.code.count(";") > 2)


@dataclass(frozen=True, slots=True)
class _Font:
    bold: bool
    struck: bool
    colour: str


def styles(root: Any) -> list[Style]:
    """The styles that cells refer to by number; none where the workbook has none."""
    if root is None:
        return [Style()]
    parts = {local(part): part for part in root}
    codes = {
        int(one.get("numFmtId")): one.get("formatCode", "")
        for one in parts.get("numFmts", ())
        if (one.get("numFmtId") or "").isdigit()
    }
    fonts = [_font(one) for one in parts.get("fonts", ()) if local(one) == "font"]
    fills = [_ground(one) for one in parts.get("fills", ()) if local(one) == "fill"]
    return [_style(one, codes, fonts, fills) for one in parts.get("cellXfs", ()) if local(one) == "xf"] or [Style()]


def _style(xf: Any, codes: dict[int, str], fonts: Sequence[_Font], fills: Sequence[str]) -> Style:
    number, font, fill = (_number(xf.get(name)) for name in ("numFmtId", "fontId", "fillId"))
    written = fonts[font] if font < len(fonts) else _Font(False, False, "")
    ground = fills[fill] if fill < len(fills) else "white"
    code = codes.get(number) or _BUILT_IN.get(number, "General")
    own = number in _CURRENCY_OF_THE_COMPUTER and number not in codes
    return Style(code, written.bold, written.struck, bool(written.colour) and written.colour == ground, own)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _font(font: Any) -> _Font:
    found = {local(one): one for one in font}
    bold, struck = (name in found and found[name].get("val", "1") not in ("0", "false") for name in ("b", "strike"))
    return _Font(bold, struck, _colour(found.get("color")))


def _ground(fill: Any) -> str:
    """The colour behind the words; "" where it is a pattern or gradient."""
    pattern = next(iter(fill), None)
    if pattern is None or local(pattern) != "patternFill" or pattern.get("patternType", "none") == "none":
        return "white" if pattern is None or local(pattern) == "patternFill" else ""
    colours = {local(one): one for one in pattern}
    return _colour(colours.get("fgColor")) if pattern.get("patternType") == "solid" else ""


def _colour(element: Any) -> str:
    """One spelling for each colour; "" for the automatic one, which is always seen."""
    if element is None or is_on(element.get("auto")):
        return ""
    tint = element.get("tint", "")
    if rgb := element.get("rgb"):
        return "white" if rgb.upper().endswith("FFFFFF") and not tint else f"rgb {rgb[-6:].upper()} {tint}"
    if (element.get("theme") == "0" and not tint) or element.get("indexed") in ("1", "9"):
        return "white"
    return f"{element.get('theme')} {element.get('indexed')} {tint}"
