"""The paragraphs of a shape: their words and the numbers that PowerPoint prints before them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.parsers.clean import clean
from ingest.parsers.docx.line import STRUCK, Line
from ingest.parsers.docx.math import linear
from ingest.parsers.docx.numerals import write
from ingest.parsers.docx.symbols import is_symbolic, spelled
from ingest.parsers.docx.xml import MC, chosen
from ingest.parsers.packages.container import local
from ingest.parsers.pptx.package import whole
from ingest.types import Element, ElementKind, FileWarning, WarningKind

_REDLINE = "This passage has struck-out words, which are not part of its text; compare it with what was agreed."
_HIDDEN = "This passage has words that are not shown, left out here; open it in PowerPoint and colour them to see them."
_SIGNS = "This passage has signs of a symbol font that are not known; look them up in the original."
_NUMBERS = "A number before this passage could not be worked out as PowerPoint prints it; check it in the original."
_BULLETS = frozenset(("buNone", "buAutoNum", "buChar", "buBlip"))
_FORMS = {
    "arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman",
    "romanUc": "upperRoman", "circleNumDb": "decimalEnclosedCircle", "circleNumWdBlack": "decimalEnclosedCircle",
    "circleNumWdWhite": "decimalEnclosedCircle", "arabicDb": "decimalFullWidth", "thaiAlpha": "thaiLetters",
    "thaiNum": "thaiNumbers", "hindiNum": "hindiNumbers", "hebrew2": "hebrew2", "ea1Chs": "chineseCounting",
    "ea1Cht": "taiwaneseCounting", "ea1JpnKor": "japaneseCounting", "ea1JpnChsDb": "japaneseCounting",
}  # fmt: skip
_SCHEME = re.compile(r"(\w+?)(Period|ParenR|ParenBoth|Plain|Minus)?")
_AROUND = {"Period": ("", "."), "ParenR": ("", ")"), "ParenBoth": ("(", ")"), "Minus": ("", "-")}
_NOTE = re.compile(r"[\[(]?(\d{1,2}|[a-z]|[*†‡§¶#]{1,3})[\])]?")
_TELLING = frozenset("✓✔✗✘✕✖☐☑☒")  # bullets that say something


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`label`: the number or tick printed before it; `listed`: whether it has a number or bullet; `mark`: the raised
    sign that it opens with, as notes do."""

    line: Line
    label: str = ""
    listed: bool = False
    mark: str = ""

    @property
    def text(self) -> str:
        words = self.line.text()
        if self.mark and words.startswith(self.mark):
            return f"Note {self.mark.strip('()[]')}: {words.removeprefix(self.mark).strip()}"
        return clean(f"{self.label} {words}") if self.label and words else words

    def warnings(self) -> tuple[FileWarning, ...]:
        line = self.line
        found = (
            (any(clean(part) for _, parts in line.removed for part in parts), WarningKind.REDLINE, _REDLINE),
            (line.hidden, WarningKind.HIDDEN_TEXT, _HIDDEN),
            (line.strange, WarningKind.FONT_MAPPING, _SIGNS),
            (line.doubtful, WarningKind.NUMBER_FORMAT, _NUMBERS),
        )
        return tuple(FileWarning(kind, words) for holds, kind, words in found if holds)

    def removed(self) -> Iterator[Element]:
        """What is struck out of it; with the paragraph's warnings where nothing else is left to carry them."""
        for change, parts in self.line.removed:
            if clean("".join(parts)):
                element = change.element("".join(parts))
                yield element if self.text else replace(element, warnings=self.warnings())


Unseen = Callable[[Sequence[Any]], bool]


def _never(chain: Sequence[Any]) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class _Look:
    """What runs of a paragraph inherit, and the arguments of `paragraphs`."""

    defaults: Sequence[Any]
    number: str
    unseen: Unseen


def paragraphs(body: Any, styles: Sequence[Any], number: str, unseen: Unseen = _never) -> Iterator[Paragraph]:
    """Those of a p:txBody or its like. `styles`: list styles from the nearest to the most general; `number`: of the
    slide, as it is printed; `unseen`: whether runs with these properties, the nearest first, are not seen."""
    own = body.find("{*}lstStyle")
    styles = styles if own is None else (own, *styles)
    counter = _Counter()
    for node in body.iterfind("{*}p"):
        marks = node.find("{*}pPr")
        level = min(max(whole(None if marks is None else marks.get("lvl")), 0), 8)
        kept = [found for style in styles if (found := style.find(f"{{*}}lvl{level + 1}pPr")) is not None]
        chain = kept if marks is None else [marks, *kept]
        defaults = [found for one in kept if (found := one.find("{*}defRPr")) is not None]
        line = Line()
        _read(node, line, _Look(defaults, number, unseen))
        bullet = next((child for one in chain for child in one if local(child) in _BULLETS), None)
        if line.empty:
            yield Paragraph(line)
            continue
        label, known = counter.next(level, bullet)
        line.doubtful = not known
        listed = bullet is not None and local(bullet) != "buNone"
        mark = "" if label else _opening(node, defaults)
        yield Paragraph(line, label or _tick(bullet, chain), listed, mark)


def flat(body: Any, styles: Sequence[Any], number: str, unseen: Unseen = _never) -> tuple[str, list[Paragraph]]:
    """The words in one line, as in a cell, and the paragraphs, of which the rest is still to be said."""
    found = list(paragraphs(body, styles, number, unseen))
    return " ".join(one.text for one in found if one.text), found


def merged(found: Iterable[Paragraph]) -> tuple[FileWarning, ...]:
    """The warnings of many paragraphs, each once."""
    return tuple(dict.fromkeys(warning for one in found for warning in one.warnings()))


def elements(found: Iterable[Paragraph], before: str = "") -> Iterator[Element]:
    """An element for each paragraph, and after it what is struck out of it."""
    for one in found:
        if one.text:
            listed = ElementKind.LIST_ITEM if one.listed and not before else ElementKind.PARAGRAPH
            kind = ElementKind.NOTE if one.mark and not before else listed
            yield Element(kind, f"{before}{one.text}", warnings=one.warnings())
        yield from one.removed()


class _Counter:
    """Numbers go on while paragraphs of a level have the same scheme and start; deeper ones in between don't count."""

    def __init__(self) -> None:
        self._at: dict[int, tuple[tuple[str, int], int]] = {}

    def next(self, level: int, bullet: Any | None) -> tuple[str, bool]:
        """The printed number of the next paragraph that has words, and whether its scheme is known."""
        self._at = {at: held for at, held in self._at.items() if at <= level}
        if bullet is None or local(bullet) != "buAutoNum":
            self._at.pop(level, None)
            return "", True
        scheme = bullet.get("type", "arabicPlain"), whole(bullet.get("startAt"), 1)
        last, count = self._at.get(level, (scheme, scheme[1] - 1))
        count = count + 1 if last == scheme else scheme[1]
        self._at[level] = scheme, count
        return _printed(scheme[0], count)


def _printed(scheme: str, count: int) -> tuple[str, bool]:
    found = _SCHEME.fullmatch(scheme)
    form = _FORMS.get(found[1] if found else "", "")
    written, known = write(count, form) if form else (str(count), False)
    opening, closing = _AROUND.get((found[2] if found else "") or "", ("", ""))
    return f"{opening}{written}{closing}", known


def _opening(node: Any, defaults: Sequence[Any]) -> str:
    """The raised sign that a paragraph opens with and goes on after, or ""."""
    raised, plain = "", ""
    for run in node.iterfind("{*}r"):
        marks = run.find("{*}rPr")
        text = run.findtext("{*}t") or ""
        if not text.strip():
            continue
        if _raise(_stated(defaults if marks is None else (marks, *defaults), "baseline")) <= 0:
            plain = text
            break
        raised += text
    return raised.strip() if plain and _NOTE.fullmatch(raised.strip()) else ""


def _tick(bullet: Any | None, chain: Sequence[Any]) -> str:
    if bullet is None or local(bullet) != "buChar":
        return ""
    font = next((child.get("typeface", "") for one in chain for child in one if local(child) == "buFont"), "")
    sign, known = spelled(bullet.get("char", ""), font)
    return sign if known and sign in _TELLING else ""


def _read(node: Any, line: Line, look: _Look) -> None:
    for child in node:
        name = local(child)
        if name in ("r", "fld"):
            text = "".join(part.text or "" for part in child.iterfind("{*}t"))
            is_number = name == "fld" and child.get("type", "") == "slidenum"
            _add(look.number if is_number and look.number else text, child.find("{*}rPr"), line, look)
        elif name == "br":
            line.add(" ")
        elif name == "m":
            line.add("".join(linear(formula, _run) for formula in child))
        elif child.tag == f"{MC}AlternateContent":
            branch = chosen(child)
            if branch is not None:
                _read(branch, line, look)


def _run(node: Any) -> str:
    return "".join(part.text or "" for part in node.iterfind("{*}t"))


def _add(text: str, marks: Any | None, line: Line, look: _Look) -> None:
    chain = look.defaults if marks is None else (marks, *look.defaults)
    text = text if marks is None else _spelled(text, marks, line)
    if (marks is not None and is_clear(marks)) or look.unseen(chain):
        line.hidden = line.hidden or bool(text.strip())
        return
    if _stated(chain, "strike") in ("sngStrike", "dblStrike"):
        line.remove(text, STRUCK)
        return
    line.add(text, "script" if _raise(_stated(chain, "baseline")) > 0 else "")


def _stated(chain: Sequence[Any], name: str) -> str:
    return next((value for one in chain if (value := one.get(name)) is not None), "")


def _raise(baseline: str) -> int:
    """In thousandths of a percent, or percent in the strict form of the format."""
    return whole(baseline.removesuffix("%").partition(".")[0])


def _spelled(text: str, marks: Any, line: Line) -> str:
    """Signs of a symbol font as such; a run's second font is for those in the range of symbol fonts only."""
    latin, symbol = marks.find("{*}latin"), marks.find("{*}sym")
    font = "" if latin is None else latin.get("typeface", "")
    if is_symbolic(font) or symbol is None:
        found = [spelled(text, font)]
    else:
        second = symbol.get("typeface", "")
        found = [spelled(one, second if "\uf000" <= one <= "\uf0ff" else "") for one in text]
    line.strange = line.strange or not all(known for _, known in found)
    return "".join(sign for sign, _ in found)


def is_clear(marks: Any) -> bool:
    """Whether a run is drawn with no colour at all, or one that lets everything through."""
    line = marks.find("{*}ln")
    if line is not None and line.find("{*}noFill") is None:
        return False
    alpha = marks.find("{*}solidFill/*/{*}alpha")
    return marks.find("{*}noFill") is not None or (alpha is not None and alpha.get("val") in ("0", "0%"))
