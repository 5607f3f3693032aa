"""Whether words have the colour of what lies behind them. Where that is not certain, they are taken to be seen."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

from ingest.parsers.packages.container import local
from ingest.parsers.pptx.shapes import Shape, Sheet

_NEAR = 6  # steps of 256 between colours that look the same
_MOST = 500  # filled shapes under one that are looked at
_NAMED = {"white": "FFFFFF", "black": "000000"}
_FILLS = ("noFill", "solidFill", "gradFill", "blipFill", "pattFill", "grpFill")
_UNKNOWN = "?"


class Colours:
    """Of one slide. `leaves`: all shapes on it, the lowest first."""

    def __init__(self, sheet: Sheet, leaves: Sequence[Shape], under: Sequence[Shape]) -> None:
        """`under`: what the layout and master draw below them."""
        self._sheets = [sheet]
        while self._sheets[-1].above is not None:
            self._sheets.append(self._sheets[-1].above)
        self._scheme = self._sheets[-1].theme
        self._map = self._sheets[-1].root.find("{*}clrMap")
        if any(one.root.find("{*}clrMapOvr/{*}overrideClrMapping") is not None for one in self._sheets):
            self._map = None
        below = [*under, *leaves]
        self._at = {id(one): at for at, one in enumerate(below)}
        self._filled = [(at, one, fill) for at, one in enumerate(below) if not one.hidden and (fill := self._fill(one))]

    def behind(self, shape: Shape) -> str:
        """The colour that the words of a shape stand on, RRGGBB, or "?"."""
        own = self._fill(shape)
        if own or shape.box is None:
            return own or _UNKNOWN
        before = bisect_left(self._filled, self._at.get(id(shape), 0), key=lambda held: held[0])
        if before > _MOST:
            return _UNKNOWN
        for _, one, fill in reversed(self._filled[:before]):
            if one.box is None or one.box.meets(shape.box):
                return fill if one.box is not None and one.opaque and one.box.holds(shape.box) else _UNKNOWN
        return self._background()

    def unseen(self, shape: Shape) -> Callable[[Sequence[Any]], bool]:
        """Whether runs of the shape with these properties, the nearest first, have the colour of what is behind."""
        behind = self.behind(shape)
        styled = shape.node.find("{*}style/{*}fontRef/*") is not None  # a colour that counts more than the defaults
        return lambda chain: self._same([one for one in chain if local(one) == "rPr"] if styled else chain, behind)

    def _same(self, chain: Sequence[Any], behind: str) -> bool:
        if behind == _UNKNOWN or any(local(child) in _SHOWN for one in chain for child in one):
            return False
        fill = next((child for one in chain for child in one if local(child) in _FILLS), None)
        colour = self._colour(fill) if fill is not None and local(fill) == "solidFill" else _UNKNOWN
        return colour != _UNKNOWN and all(
            abs(int(colour[at : at + 2], 16) - int(behind[at : at + 2], 16)) <= _NEAR for at in (0, 2, 4)
        )

    def _fill(self, shape: Shape) -> str:
        """RRGGBB, "" for none at all, "?" for what is no plain colour."""
        if shape.name != "sp":
            return "" if shape.name == "cxnSp" else _UNKNOWN
        for one in (shape.node, *shape.kin):
            marks = one.find("{*}spPr")
            fill = next((child for child in (() if marks is None else marks) if local(child) in _FILLS), None)
            if fill is not None:
                return "" if local(fill) == "noFill" else self._colour(fill)
        style = shape.node.find("{*}style/{*}fillRef")
        return "" if style is None or style.get("idx") == "0" else _UNKNOWN

    def _background(self) -> str:
        for sheet in self._sheets:
            ground = sheet.root.find("{*}cSld/{*}bg")
            if ground is None:
                continue
            fill, reference = ground.find("{*}bgPr/{*}solidFill"), ground.find("{*}bgRef")
            if reference is not None and reference.get("idx") == "1001":
                return self._colour(reference)
            return _UNKNOWN if fill is None else self._colour(fill)
        return "FFFFFF"

    def _colour(self, holder: Any) -> str:
        found = next(iter(holder), None)
        if found is None or len(found) or local(holder) not in ("solidFill", "bgRef"):
            return _UNKNOWN
        name, value = local(found), found.get("val", "")
        if name == "schemeClr":
            value = value if self._map is None else self._map.get(value, value)
            scheme = None if self._scheme is None else self._scheme.find(f".//{{*}}clrScheme/{{*}}{value}")
            found = None if scheme is None or self._map is None else next(iter(scheme), None)
            name, value = ("", "") if found is None else (local(found), found.get("val", ""))
        if name == "sysClr" and found is not None:
            value = found.get("lastClr", "")
        value = _NAMED.get(value, "") if name == "prstClr" else value
        return (
            value.upper() if len(value) == 6 and all(sign in "0123456789abcdefABCDEF" for sign in value) else _UNKNOWN
        )


_SHOWN = frozenset(("ln", "effectLst", "highlight", "hlinkClick"))
