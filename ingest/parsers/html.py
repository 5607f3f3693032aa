"""HTML through unstructured, after everything that a reader would not see has been cut out of the tree.

unstructured is called for blocks, headings and lists. Its sentence model (downloaded at first use) only tells
prose from other text, which is not needed here, so an empty spaCy pipeline takes its place.
"""

from __future__ import annotations

import copy
import os
import re
from collections import deque
from collections.abc import Iterator
from functools import cache
from typing import Any

from ingest.errors import DamagedFile
from ingest.parsers.clean import clean, decode, rows_to_text, sensible_title, stem
from ingest.types import Element, ElementKind, ParsedFile

_DROPPED = (
    "script", "style", "noscript", "template", "iframe", "object", "embed", "applet", "svg", "canvas", "audio",
    "video", "map", "select", "button", "input", "textarea", "dialog", "meta", "link", "base", "title",
)  # fmt: skip
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|opacity\s*:\s*0(\.0*)?\s*(;|!|$)|mso-hide\s*:\s*all"
    r"|font-size\s*:\s*0(\.0*)?\s*(px|pt|em|rem|%)?\s*(;|!|$)",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)|<\?xml[^>]+encoding=[\"']([\w-]+)", re.IGNORECASE)
_CONTROLS = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff\\ufffe\\uffff]")
_LAYOUT = ".//table | .//h1 | .//h2 | .//h3 | .//h4 | .//h5 | .//h6"
_MAX_SPAN = 100


class HtmlParser:
    media_types = frozenset({"text/html"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile` where no HTML tree can be made of the text."""
        return parse_page(_decode(data), name, "text/html")


def parse_page(page: str, name: str, media_type: str, title: str = "") -> ParsedFile:
    """The file that an HTML text stands for; a known `title` goes before the page's own."""
    elements, own = elements_of(page)
    elements, heading = promote_title(elements)
    title = title or heading or own or next((e.text for e in elements if e.kind is ElementKind.HEADING), "")
    return ParsedFile(title or stem(name), media_type, elements)


def elements_of(page: str) -> tuple[tuple[Element, ...], str]:
    """All visible elements of an HTML text, and the sensible part of its <title>."""
    import lxml.etree
    import lxml.html

    try:
        tree = lxml.html.document_fromstring(_acceptable(page))
    except (lxml.etree.LxmlError, ValueError) as error:
        raise DamagedFile("The page is not readable HTML. Open it in a browser and save it again.") from error
    title = sensible_title(tree.findtext(".//title"))
    _prune(tree)
    _straighten_tables(tree)
    parts = _partition()(text=lxml.html.tostring(tree, encoding="unicode"), languages=[""])
    return tuple(_elements(parts)), title


def promote_title(elements: tuple[Element, ...]) -> tuple[tuple[Element, ...], str]:
    """A first heading that is the only one of level 1 becomes the TITLE."""
    tops = [position for position, element in enumerate(elements) if element.level == 1]
    first = next((position for position, element in enumerate(elements) if element.level), None)
    if len(tops) != 1 or tops[0] != first:
        return elements, ""
    text = elements[first].text
    return (*elements[:first], Element(ElementKind.TITLE, text), *elements[first + 1 :]), text


def _decode(data: bytes) -> str:
    declared = _CHARSET.search(data[:2048])
    if declared is None or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return decode(data)
    try:
        return data.decode((declared[1] or declared[2]).decode("ascii"))
    except (LookupError, UnicodeDecodeError):
        return decode(data)


def _acceptable(page: str) -> str:
    """What lxml takes: no control characters, no XML encoding declaration in front."""
    return re.sub(r"^\s*<\?xml[^>]*>", "", _CONTROLS.sub("", page), count=1)


def _prune(tree: Any) -> None:
    """Cuts out what is not shown: scripts, styles, comments, controls and hidden elements."""
    for node in list(tree.iter()):
        if node is tree or node.getparent() is None:
            continue
        unseen = not isinstance(node.tag, str) or node.tag in _DROPPED or "hidden" in node.attrib
        if unseen or node.get("aria-hidden") == "true" or _HIDING.search(node.get("style", "")):
            node.drop_tree()


def _straighten_tables(tree: Any) -> None:
    """Tables that lay out a page become plain blocks; cells that span rows or columns become single cells."""
    for table in tree.xpath("//table"):
        if table.xpath(_LAYOUT) or len(table.xpath(".//tr")) < 2:
            for part in table.xpath(".|.//tr|.//td|.//th|.//tbody|.//thead|.//tfoot|.//caption"):
                part.tag = "div"
    for table in tree.xpath("//table"):
        _open_spans(table)


def _open_spans(table: Any) -> None:
    """A cell over several rows is repeated in each; one over several columns is followed by empty cells."""
    below: dict[int, tuple[int, Any]] = {}  # column -> rows still to fill, cell
    for row in table.iter("tr"):
        waiting = deque(cell for cell in row if cell.tag in ("td", "th"))
        line: list[Any] = []
        while waiting or len(line) in below:
            column = len(line)
            if column in below:
                left, cell = below.pop(column)
                line.append(copy.deepcopy(cell))
                if left > 1:
                    below[column] = (left - 1, cell)
                continue
            cell = waiting.popleft()
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            line += [cell, *(cell.makeelement(cell.tag) for _ in range(wide - 1))]
            if high > 1:
                below.update({at: (high - 1, line[at]) for at in range(column, column + wide)})
        row[:] = line


def _span(cell: Any, attribute: str) -> int:
    """The cell's span, taken off it."""
    value = cell.attrib.pop(attribute, "1").strip()
    return min(_MAX_SPAN, max(1, int(value))) if value.isdecimal() else 1


@cache
def _partition() -> Any:
    """unstructured's HTML reader, kept off the network."""
    os.environ.update(UNSTRUCTURED_DISABLE_NOTICE="1", SCARF_NO_ANALYTICS="true", DO_NOT_TRACK="true")
    import spacy
    import unstructured.nlp.tokenize
    from unstructured.partition.html import partition_html

    blank = spacy.blank("en")
    blank.add_pipe("sentencizer")
    tokenizer: Any = unstructured.nlp.tokenize
    tokenizer._get_nlp = lambda: blank
    return partition_html


def _elements(parts: Any) -> Iterator[Element]:
    for part in parts:
        category = part.category
        if category == "Table":
            yield from _table(part.metadata.text_as_html or "")
        elif category not in ("Image", "PageBreak") and (text := clean(part.text)):
            if category == "Title":
                yield Element(ElementKind.HEADING, text, level=min(6, 1 + (part.metadata.category_depth or 0)))
            else:
                yield Element(ElementKind.LIST_ITEM if category == "ListItem" else ElementKind.PARAGRAPH, text)


def _table(source: str) -> Iterator[Element]:
    """One TABLE; a table of a single row or column was only a frame and becomes paragraphs."""
    import lxml.html

    rows = [[cell.text_content() for cell in row.xpath("td|th")] for row in lxml.html.fromstring(source).xpath("//tr")]
    text = rows_to_text(rows)
    if "\n" in text and " | " in text:
        yield Element(ElementKind.TABLE, text)
    elif text:
        yield from (Element(ElementKind.PARAGRAPH, line) for line in text.replace(" | ", " ").split("\n"))
