"""What lies over the cells of an Excel sheet: comments, text boxes, charts, pictures, embedded files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ingest.parsers.asides import comment
from ingest.parsers.clean import clean
from ingest.parsers.packages.container import attribute, local
from ingest.parsers.packages.ooxml import OfficePackage, is_on
from ingest.parsers.sheets.references import ranges
from ingest.types import Element, ElementKind, FileWarning, WarningKind

_LARGE = 2_160_000  # EMU, 6 cm: a smaller picture is a logo or a button


def comments(package: OfficePackage, sheet: str, people: Mapping[str, str]) -> Iterator[tuple[int, int, Element]]:
    """Row, column and element of each comment. A thread's comments replace the note that stands in for them."""
    threads = set()
    for part in package.parts(sheet, "threadedComment"):
        if (root := package.xml(part)) is not None:
            for one in root.iter("{*}threadedComment"):
                text = clean(" ".join(part.text or "" for part in one if local(part) == "text"))
                for row, column, _, _ in ranges(one.get("ref", "")):
                    threads.add((row, column))
                    author, date = people.get(one.get("personId", ""), ""), (one.get("dT") or "")[:10]
                    yield row, column, comment(text, author, date, place=one.get("ref", ""))
    for part in package.parts(sheet, "comments"):
        if (root := package.xml(part)) is not None:
            authors = [clean(one.text or "") for one in root.iter("{*}author")]
            for one in root.iter("{*}comment"):
                for row, column, _, _ in ranges(one.get("ref", "")):
                    if (row, column) not in threads:
                        at = one.get("authorId", "")
                        author = authors[int(at)] if at.isdigit() and int(at) < len(authors) else ""
                        text = clean("".join(part.text or "" for part in one.iter("{*}t")))
                        text = text.removeprefix(f"{author}:").strip() if author else text
                        yield row, column, comment(text, author, place=one.get("ref", ""))


def people(package: OfficePackage) -> dict[str, str]:
    """Who wrote the comments of threads, by their id."""
    root = package.xml("xl/persons/person.xml")
    found = root.iter("{*}person") if root is not None else ()
    return {one.get("id", ""): clean(one.get("displayName", "")) for one in found}


def drawn(package: OfficePackage, part: str, sheet: str) -> tuple[list[Element], list[FileWarning]]:
    """The words of text boxes and charts of a sheet, and what in it is a picture or a file of its own."""
    elements: list[Element] = []
    unread: set[str] = set()
    for kind, path in package.relations(part).values():
        if kind in ("oleObject", "package"):
            unread.add("an embedded file")
        if kind == "drawing" and (root := package.xml(path)) is not None:
            for anchor in root:
                _anchor(package, anchor, package.relations(path), elements, unread)
    warnings = [
        FileWarning(
            WarningKind.UNREAD_PART,
            f'The sheet "{sheet}" holds {what}, which was not read; look at it in the file itself.',
        )
        for what in sorted(unread)
    ]
    return elements, warnings


def _anchor(
    package: OfficePackage, anchor: Any, parts: Mapping[str, tuple[str, str]], elements: list[Element], unread: set[str]
) -> None:
    for fallback in list(anchor.iter("{*}Fallback")):
        fallback.getparent().remove(fallback)
    if any(is_on(one.get("hidden")) for one in anchor.iter("{*}cNvPr")):
        return
    for body in anchor.iter("{*}txBody"):
        text = " ".join("".join(one.text or "" for one in line.iter("{*}t")) for line in body.iter("{*}p"))
        if clean(text):
            elements.append(Element(ElementKind.PARAGRAPH, clean(text)))
    for frame in anchor.iter("{*}graphicData"):
        for one in frame:
            name, path = parts.get(attribute(one, "id"), ("", ""))
            if local(one) == "chart" and name.lower().startswith("chart"):
                elements.extend(chart(package, path))
            elif local(one) == "relIds":
                unread.add("a diagram")
    if any(True for _ in anchor.iter("{*}pic")) and _is_large(anchor):
        unread.add("a picture")


def _is_large(anchor: Any) -> bool:
    """Whether a picture can hold more than a logo: over 6 cm both ways, or over 3 columns and 12 rows."""
    for size in anchor.iter("{*}ext"):
        sides = [int(size.get(name)) for name in ("cx", "cy") if (size.get(name) or "").isdigit()]
        if len(sides) == 2 and sides[0]:
            return min(sides) > _LARGE
    places = [int(one.text or 0) for one in anchor.iter("{*}col", "{*}row") if (one.text or "").isdigit()]
    return len(places) == 4 and places[2] - places[0] > 2 and places[3] - places[1] > 11


def chart(package: OfficePackage, part: str) -> Iterator[Element]:
    """Title and axis titles of a chart; its numbers stand in cells."""
    root = package.xml(part)
    if root is None:
        return
    titles = []
    for title in root.iter("{*}title"):
        text = clean("".join(one.text or "" for one in title.iter("{*}t", "{*}v")))
        if text and text not in titles:
            titles.append(text)
    if titles:
        yield Element(ElementKind.PARAGRAPH, f"[chart: {'; '.join(titles)}]")
