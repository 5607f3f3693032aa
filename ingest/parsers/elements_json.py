"""Lists of elements that unstructured wrote (JSON, or one element a line), by its own `partition_json` and `_ndjson`.

What an organisation parsed with unstructured before can be taken over without the original files. It is unstructured's
own format: nothing is lost or guessed where it reads its own words again. Any other JSON is plain text: unstructured
would sort its keys and write its numbers anew (12.50 as 12.5).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ingest.errors import DamagedFile, UnsupportedFormat
from ingest.parsers import html
from ingest.parsers.clean import clean, decoded, sensible_title, stem
from ingest.parsers.text import TextParser
from ingest.reading.detect import ELEMENTS
from ingest.types import Element, ElementKind, FileWarning, ParsedFile, WarningKind

_AROUND = frozenset("Header Footer PageNumber PageBreak Page-header Page-footer".split())  # of pages
_HEADINGS = frozenset("Title Headline Subheadline Section-header".split())
_CHUNKED = frozenset(("CompositeElement", "TableChunk"))
_LISTED = frozenset(("ListItem", "BulletedText", "List-item", "List"))
_DEEPEST = 6


class ElementsParser:
    media_types = frozenset({ELEMENTS})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `UnsupportedFormat` for a list that was chunked, and `DamagedFile` for one that cannot be read."""
        text, warnings = decoded(data)
        stated = _stated(text)
        if stated is None:
            return TextParser().parse(data, name)
        found = _partitioned(text, name)
        if len(found) != len(stated) or any(one.text.startswith("{\n") for one in found):
            return TextParser().parse(data, name)  # kinds that this version of unstructured does not know
        if _CHUNKED & set(stated):
            raise UnsupportedFormat(
                f"{name}: elements that unstructured has cut into chunks, which may overlap. "
                "Export the elements before chunking, or send the original file."
            )
        elements = [one for element, kind in zip(found, stated, strict=True) for one in _elements(element, kind)]
        elements, printed = _titled(elements)
        file = next((sensible_title(stem(one.metadata.filename)) for one in found if one.metadata.filename), "")
        pages = [page for one in found if isinstance(page := one.metadata.page_number, int) and page > 0]
        return ParsedFile(
            printed or file or stem(name),
            ELEMENTS,
            tuple(elements),
            page_count=max(pages, default=None),
            warnings=warnings,
        )


def _stated(text: str) -> list[str] | None:
    """The kind that each element says it is of; None for other JSON."""
    try:
        lines = text.lstrip("\ufeff \r\n\t").startswith("{")
        values = [json.loads(line) for line in text.splitlines() if line.strip()] if lines else json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        return None
    return [str(value.get("type")) for value in values]


def _partitioned(text: str, name: str) -> Sequence[Any]:
    """What unstructured makes of it. Its calls home and its advertisement are switched off before it is loaded."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("UNSTRUCTURED_DISABLE_NOTICE", "1")
    from unstructured.partition.json import partition_json
    from unstructured.partition.ndjson import partition_ndjson

    read: Callable[..., Sequence[Any]] = (
        partition_ndjson if text.lstrip("\ufeff \r\n\t").startswith("{") else partition_json
    )
    try:
        return read(text=text.lstrip("\ufeff"))
    except ValueError as error:
        raise DamagedFile(f"{name}: a list of unstructured's elements that is damaged. Export it again.") from error


def _elements(found: Any, kind: str) -> Iterator[Element]:
    page = found.metadata.page_number
    page = page if isinstance(page, int) and page > 0 else None
    if kind in _AROUND:
        return
    if kind == "Table":
        yield from _table(found, page)
        return
    text = ("☒" if found.checked else "☐") if kind == "CheckBox" else clean(found.text)
    if not text:
        return
    if kind in _HEADINGS:
        depth = found.metadata.category_depth
        level = min(_DEEPEST, 1 + depth) if isinstance(depth, int) and depth >= 0 else 1
        yield Element(ElementKind.HEADING, text, level, page)
    else:
        yield Element(ElementKind.LIST_ITEM if kind in _LISTED else ElementKind.PARAGRAPH, text, page=page)


def _table(found: Any, page: int | None) -> Iterator[Element]:
    """A table by its HTML; without that its words in one paragraph, with a warning."""
    grid = html.elements_of(found.metadata.text_as_html)[0] if found.metadata.text_as_html else ()
    if any(element.kind is ElementKind.TABLE for element in grid):
        yield from (replace(element, page=page) for element in grid)
    elif text := clean(found.text):
        said = (
            "Rows and columns of this table are not in the list of elements; its words follow each other as they came."
        )
        yield Element(
            ElementKind.PARAGRAPH, text, page=page, warnings=(FileWarning(WarningKind.CUT_TABLE, said, page),)
        )


def _titled(elements: list[Element]) -> tuple[list[Element], str]:
    """A first heading that is the only one of its level becomes the title."""
    promoted, title = html.promote_title(tuple(elements))
    if not title:
        return elements, ""
    at = next(at for at, element in enumerate(promoted) if element.kind is ElementKind.TITLE)
    return [*promoted[:at], replace(promoted[at], page=elements[at].page), *promoted[at + 1 :]], title
