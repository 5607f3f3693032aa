"""Fields: of what stands between their marks only the result is printed, not the instruction."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ingest.parsers.docx.symbols import sign
from ingest.parsers.docx.xml import W, switch, value, whole

_SYMBOL = re.compile(r"SYMBOL\s+(0x[0-9a-f]{1,5}|\d{1,6})\b", re.IGNORECASE)
_FONT = re.compile(r'\\f\s+"?([^"\\]+)"?', re.IGNORECASE)
_COMPUTED = frozenset(
    "LISTNUM AUTONUM AUTONUMLGL AUTONUMOUT EQ = SEQ REF NUMPAGES MERGEFIELD DOCPROPERTY FORMULA".split()
)
_LONGEST = 1000  # characters of an instruction


@dataclass(slots=True)
class Field:
    instruction: str = ""
    data: Any | None = None
    shown: bool = False  # past the mark that ends the instruction


@dataclass(slots=True)
class Fields:
    """The fields that are open at a place in the text. Those that never end do not swallow what follows."""

    _whole: set[Any] = field(default_factory=set)
    _open: list[Field] = field(default_factory=list)
    _instructing: int = 0

    def expect(self, root: Any) -> None:
        """Finds out which fields under `root` have an end."""
        begun: list[Any] = []
        for mark in root.iter(f"{W}fldChar"):
            if mark.get(f"{W}fldCharType") == "begin":
                begun.append(mark)
            elif mark.get(f"{W}fldCharType") == "end" and begun:
                self._whole |= {begun.pop(), mark}

    @property
    def instructing(self) -> bool:
        return self._instructing > 0

    @property
    def names_note(self) -> bool:
        """Whether the words here repeat a note's number."""
        return bool(self._open) and self._open[-1].instruction.lstrip().upper().startswith("NOTEREF")

    def instruct(self, text: str) -> None:
        if self._open and not self._open[-1].shown:
            self._open[-1].instruction = (self._open[-1].instruction + text)[:_LONGEST]

    def turn(self, mark: Any) -> Field | None:
        """Goes past a w:fldChar; gives the field that ends here without ever having had a result."""
        kind = mark.get(f"{W}fldCharType")
        if kind == "begin" and mark in self._whole:
            self._open.append(Field(data=mark.find(f"{W}ffData")))
            self._instructing += 1
        elif kind == "separate" and self._open and not self._open[-1].shown:
            if not _is_form(self._open[-1].data):
                self._open[-1].shown = True
                self._instructing -= 1
        elif kind == "end" and mark in self._whole and self._open:
            ended = self._open.pop()
            self._instructing -= not ended.shown
            return None if ended.shown else ended
        return None


def without_result(field: Field) -> tuple[str, bool]:
    """What a field prints that has no stored result, and whether that is sure."""
    if box := _box(field.data):
        return box, True
    chosen = _choice(field.data)
    if chosen is not None:
        return chosen, True
    instruction = field.instruction.strip()
    if found := _SYMBOL.match(instruction):
        named = _FONT.search(instruction)
        code = int(found[1], 16) if found[1].lower().startswith("0x") else int(found[1])
        return sign(named[1].strip() if named else "", code)
    name = instruction.split(" ", 1)[0].upper()
    return (instruction[2:].strip() if name == "EQ" else ""), name not in _COMPUTED and not name.startswith("=")


def _is_form(data: Any | None) -> bool:
    """Whether a field is a form's box or choice, which stand in its data; what it holds as text may be older."""
    return data is not None and (data.find(f"{W}checkBox") is not None or data.find(f"{W}ddList") is not None)


def _box(data: Any | None) -> str:
    box = None if data is None else data.find(f"{W}checkBox")
    if box is None:
        return ""
    checked, otherwise = switch(box, "checked"), switch(box, "default")
    return "☒" if (otherwise if checked is None else checked) else "☐"


def _choice(data: Any | None) -> str | None:
    choices = None if data is None else data.find(f"{W}ddList")
    if choices is None:
        return None
    entries = [entry.get(f"{W}val", "") for entry in choices.findall(f"{W}listEntry")]
    at = whole(value(choices, "result") or value(choices, "default"), 0)
    return entries[at] if at < len(entries) else ""
