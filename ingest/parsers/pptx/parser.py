"""A presentation's slides in order, each a page: its title, its shapes as they are read, comments, speaker notes.

unstructured's `partition_pptx`, and python-pptx under it, are not used: they refuse templates, shows and the strict
form of the format, pass over formulas, charts, diagrams, comments and the numbers of lists; words of hidden slides,
of hidden shapes and struck-out ones read on as if they stood there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ingest.parsers.clean import clean, sensible_title, stem
from ingest.parsers.packages.ooxml import is_on
from ingest.parsers.pptx.comments import Comments
from ingest.parsers.pptx.order import Box
from ingest.parsers.pptx.package import Package, whole
from ingest.parsers.pptx.pictures import recognised
from ingest.parsers.pptx.shapes import FURNITURE, Shape, Sheet, Sheets
from ingest.parsers.pptx.slide import SlideReader
from ingest.parsers.pptx.text import elements, paragraphs
from ingest.reading.detect import PPTX
from ingest.types import Element, ElementKind, FileWarning, PageInfo, PageSource, ParsedFile, WarningKind

_USUAL = (12_192_000, 6_858_000)  # EMU, 16:9
_TEMPLATE_TITLE = re.compile(
    r"power ?point|^(slide|folie|diapositi\w+|presentation) ?\d*$|\.(p[op][ts][xm]?|odp|key)$", re.IGNORECASE
)
_MARKS = re.compile(r"\(notes? ([^()]{1,40})\)")
_NUMBER = re.compile(r"^Note ([^:]+):")
_NOTES = "[speaker notes] "


class PptxParser:
    media_types = frozenset({PPTX})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile`, and what `check_zip` raises."""
        package = Package(data, name)
        read = _Reader(package)
        found = tuple(read.elements())
        heading = next((one.text for one in found if one.kind == ElementKind.HEADING and one.text[0] != "["), "")
        stated = sensible_title(package.title)
        title = ("" if _TEMPLATE_TITLE.search(stated) else stated) or heading or stem(name)
        return ParsedFile(title, PPTX, found, len(read.pages), tuple(read.warnings), tuple(read.pages))


@dataclass(slots=True)
class _Reader:
    package: Package
    pages: list[PageInfo] = field(default_factory=list)
    warnings: list[FileWarning] = field(default_factory=list)
    _once: set[str] = field(default_factory=set)  # what layouts print on many slides, and was given
    _headed: bool = False

    def elements(self) -> Iterator[Element]:
        sheets, comments = Sheets(self.package), Comments(self.package)
        slides = []
        for part in self.package.slides():
            root = self.package.xml(part)
            if root is not None:
                slides.append((part, sheets.of(part, root)))
        first = whole(self.package.presentation.get("firstSlideNum"), 1)
        has_sections = any(_layout(sheet) == "secHead" for _, sheet in slides)
        for number, (part, sheet) in enumerate(slides, start=1):
            if not is_on(sheet.root.get("show", "1")):
                self.pages.append(PageInfo(number, PageSource.BLANK))
                words = f"Slide {number} is hidden and was left out; show it in PowerPoint to see it."
                self.warnings.append(FileWarning(WarningKind.HIDDEN_TEXT, words, page=number))
                continue
            level = 2 if has_sections and _layout(sheet) not in ("title", "secHead") else 1
            yield from self._slide(part, sheet, number, str(first + number - 1), level)
            for comment in comments.of(part):
                yield _on(comment, number)
            for note in self._notes(part, str(first + number - 1)):
                yield _on(note, number)

    def _slide(self, part: str, sheet: Sheet, number: int, printed: str, level: int) -> Iterator[Element]:
        reader = SlideReader(self.package, part, sheet, printed, self._size())
        found = _with_notes(list(reader.elements(level)))
        headed = any(one.kind == ElementKind.HEADING for one in found)
        if found and not headed and self._headed:
            found.insert(0, Element(ElementKind.HEADING, f"[slide {number}]", level))
        self._headed = self._headed or headed
        found += self._furniture(reader)
        read = recognised(self.package, part, number, found, reader.pictures)
        for one in (*found, *read.elements):
            yield _on(one, number)
        numbers = any(shape.place == "sldNum" for shape in reader.furniture)
        source = PageSource.TEXT if found else PageSource.UNREAD if reader.unread and not read.elements else read.source
        self.pages.append(PageInfo(number, source, printed if numbers else "", confidence=read.confidence))
        for kind, words in (*reader.warnings(), *read.warnings):
            self.warnings.append(FileWarning(kind, f"Slide {number} {words}", page=number))

    def _furniture(self, reader: SlideReader) -> Iterator[Element]:
        """Footers, dates and what the layout prints, where they are new."""
        for shape in reader.furniture + reader.printed():
            if shape.place == "sldNum" or shape.body is None:
                continue
            for element in elements(paragraphs(shape.body, shape.styles, reader.number)):
                if element.text not in self._once:
                    self._once.add(element.text)
                    yield element

    def _notes(self, part: str, printed: str) -> Iterator[Element]:
        for path in self.package.parts(part, "notesSlide"):
            root = self.package.xml(path)
            shapes: list[Shape] = [] if root is None else Sheet(root, None, ()).shapes()
            for shape in shapes:
                if shape.place not in FURNITURE and shape.body is not None and not shape.hidden:
                    yield from elements(paragraphs(shape.body, shape.styles, printed), _NOTES)

    def _size(self) -> Box:
        size = self.package.presentation.find("{*}sldSz")
        across, down = (whole(None if size is None else size.get(name)) for name in ("cx", "cy"))
        return Box(0, 0, across or _USUAL[0], down or _USUAL[1])


def _with_notes(found: list[Element]) -> list[Element]:
    """Notes at the foot of a slide go after the last passage that refers to them."""
    notes = [one for one in found if one.kind == ElementKind.NOTE]
    rest = [one for one in found if one.kind != ElementKind.NOTE]
    last: dict[str, int] = {}
    for at, one in enumerate(rest):
        for marks in _MARKS.findall(one.text):
            last.update(dict.fromkeys(marks.split(", "), at))
    after: dict[int, list[Element]] = {}
    for note in notes:
        after.setdefault(last.get(_NUMBER.findall(note.text)[0], len(rest) - 1), []).append(note)
    return [*after.get(-1, []), *(each for at, one in enumerate(rest) for each in (one, *after.get(at, [])))]


def _layout(sheet: Sheet) -> str:
    found = None if sheet.above is None else sheet.above.root.get("type")
    return clean(found or "")


def _on(element: Element, page: int) -> Element:
    return replace(element, page=page)
