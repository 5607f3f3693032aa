"""Numbers that Word shows but does not store: "5.2", "(a)", "ARTICLE IV", counted from numbering.xml."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from ingest.parsers.docx.numerals import write
from ingest.parsers.docx.styles import Styles
from ingest.parsers.docx.symbols import spelled
from ingest.parsers.docx.xml import MC, W, switch, value, whole

_LEVELS = 9  # that Word allows
_TICKS = frozenset("☐☑☒✓✔✗✘")


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed before a paragraph: "" without, "•" for any bullet. `gap` is what stands between it and the
    words; `known`: whether the number's format is."""

    text: str = ""
    gap: str = " "
    known: bool = True


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str
    start: int
    restart: int  # levels above this one (counted from 0) start it anew; 0: none does
    legal: bool
    gap: str
    hidden: bool
    font: str


@dataclass(frozen=True, slots=True)
class _List:
    counter: str  # lists of one abstract list count together
    levels: dict[int, _Level]
    overrides: dict[int, int]  # level -> where it starts when this list is first used there


class Numbering:
    """Counts the numbered paragraphs of one document, in order."""

    def __init__(self, root: Any | None, styles: Styles) -> None:
        """`root` is the numbering part's XML element, or None where the document has none."""
        self._styles = styles
        found = [] if root is None else root.findall(f"{W}abstractNum")
        self._abstract = {abstract.get(f"{W}abstractNumId"): abstract for abstract in found}
        self._named = {value(node, "styleLink"): key for key, node in self._abstract.items()}
        self._parsed: dict[str, tuple[dict[int, _Level], dict[str, int]]] = {}
        self._entries = {} if root is None else {n.get(f"{W}numId"): n for n in root.findall(f"{W}num")}
        self._lists: dict[str, _List | None] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._used: set[tuple[str, int]] = set()

    def next(self, paragraph: Any) -> Label:
        """The label of a paragraph, which is thereby counted."""
        number, level = self._place(paragraph)
        found = self._list(number) if number else None
        if found is None or level not in found.levels:
            return Label()
        return self._label(number, found, level)

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """A paragraph's list and level: its own, else those of its styles, where a level may name the style."""
        chain = self._styles.chain(self._styles.of(paragraph))
        steps = [("", paragraph), *((style.get(f"{W}styleId") or "", style) for style in chain)]
        number, level = "", None
        for name, step in steps:
            marks = step.find(f"{W}pPr/{W}numPr")
            if not number:
                number = value(marks, "numId") or ""
            if level is None:
                level = value(marks, "ilvl")
            if name and level is None and number:
                named = self._linked(number).get(name)
                level = None if named is None else str(named)
        if number and level is None:
            links = self._linked(number)
            level = next((str(links[name]) for name, _ in steps if name in links), None)
        return ("", 0) if number == "0" else (number, whole(level, 0))

    def _linked(self, number: str) -> dict[str, int]:
        entry = self._entries.get(number)
        return {} if entry is None else self._levels(self._resolved(entry))[1]

    def _list(self, number: str) -> _List | None:
        if number not in self._lists:
            entry = self._entries.get(number)
            self._lists[number] = None if entry is None else self._read(entry)
        return self._lists[number]

    def _read(self, entry: Any) -> _List:
        abstract = self._resolved(entry)
        levels = dict(self._levels(abstract)[0])
        starts: dict[int, int] = {}
        for override in entry.findall(f"{W}lvlOverride"):
            at = whole(override.get(f"{W}ilvl"), 0)
            if at >= _LEVELS:
                continue
            own = override.find(f"{W}lvl")
            if own is not None:
                levels[at] = _level(own, at)
            start = value(override, "startOverride")
            if start is not None:
                starts[at] = whole(start, 1)
                if at in levels:
                    levels[at] = replace(levels[at], start=starts[at])
        return _List(abstract, levels, starts)

    def _resolved(self, entry: Any) -> str:
        """The abstract list of a list; one that only names a numbering style stands for that style's."""
        abstract = value(entry, "abstractNumId") or ""
        for _ in range(5):
            link = value(self._abstract.get(abstract), "numStyleLink")
            if not link:
                return abstract
            target = self._entries.get(self._styles.numbering(link))
            abstract = (value(target, "abstractNumId") or "") if target is not None else self._named.get(link, "")
        return abstract

    def _levels(self, abstract: str) -> tuple[dict[int, _Level], dict[str, int]]:
        """The levels of an abstract list, and the styles that stand for them."""
        if abstract not in self._parsed:
            root = self._abstract.get(abstract)
            found = (
                {}
                if root is None
                else {at: n for n in root.findall(f"{W}lvl") if (at := whole(n.get(f"{W}ilvl"), 0)) < _LEVELS}
            )
            links = {name: at for at, node in found.items() if (name := value(node, "pStyle"))}
            self._parsed[abstract] = ({at: _level(node, at) for at, node in found.items()}, links)
        return self._parsed[abstract]

    def _label(self, number: str, found: _List, at: int) -> Label:
        counts = self._counts[found.counter]
        if at in found.overrides and (number, at) not in self._used:
            counts.pop(at, None)
        self._used.add((number, at))
        for above in range(at):
            if above in found.levels:
                counts.setdefault(above, found.levels[above].start)
        counts[at] = counts.get(at, found.levels[at].start - 1) + 1
        for deeper in [other for other in counts if other > at]:
            if deeper not in found.levels or at < found.levels[deeper].restart:
                del counts[deeper]
        return _printed(found.levels, counts, at)


def _printed(levels: dict[int, _Level], counts: dict[int, int], at: int) -> Label:
    level = levels[at]
    if level.hidden:
        return Label()
    if level.form == "bullet":
        return Label(_bullet(level), level.gap)
    known = True

    def number(match: re.Match[str]) -> str:
        nonlocal known
        other = int(match[1]) - 1
        form = levels[other].form if other in levels else "decimal"
        text, sure = write(counts.get(other, 1), "decimal" if level.legal and form != "none" else form)
        known = known and sure
        return text

    text = re.sub(r"%([1-9])", number, level.text)
    return Label(spelled(text, level.font)[0].strip(), level.gap, known)


def _bullet(level: _Level) -> str:
    """ "•" for whatever is only a bullet; boxes, ticks and words stay."""
    text, known = spelled(level.text.strip(), level.font)
    if known and (text in _TICKS or (len(text) > 2 and any(map(str.isalnum, text)))):
        return text
    return "•"


def _level(node: Any, at: int) -> _Level:
    form, restart, marks = _form(node), value(node, "lvlRestart"), node.find(f"{W}rPr")
    fonts = None if marks is None else marks.find(f"{W}rFonts")
    return _Level(
        form,
        value(node, "lvlText") or "",
        whole(value(node, "start"), 1),
        at if restart is None else whole(restart, at),
        bool(switch(node, "isLgl")),
        "" if value(node, "suff") == "nothing" else " ",
        bool(switch(marks, "vanish")),
        "" if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or "",
    )


def _form(node: Any) -> str:
    """The format; a newer one stands in mc:AlternateContent, before the one for older programs."""
    for found in node.findall(f"{MC}AlternateContent/{MC}Choice/{W}numFmt"):
        if found.get(f"{W}val") == "custom" and found.get(f"{W}format"):
            return f"custom {found.get(f'{W}format')}"
    found = node.find(f"{W}numFmt")
    if found is None:
        found = node.find(f"{MC}AlternateContent/{MC}Fallback/{W}numFmt")
    if found is None:
        return "decimal"
    form = found.get(f"{W}val", "decimal")
    return f"custom {found.get(f'{W}format')}" if form == "custom" and found.get(f"{W}format") else form
