"""HTML: an own walk through lxml's tree, so that no word that a reader sees is lost or moved.

unstructured's partitioner leaves out <form>, <figure>, <summary>, <label>, whatever stands outside of <main>, and
texts of one character.
"""

from __future__ import annotations

import base64
import html.entities
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from ingest.errors import DamagedFile
from ingest.parsers.clean import decoded, sensible_title, stem
from ingest.parsers.labels import labelled
from ingest.parsers.ocr.look import unread
from ingest.types import Element, ElementKind, FileWarning, ParsedFile

_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)|<\?xml[^>]+encoding=[\"']([\w-]+)", re.IGNORECASE)
_CONTROLS = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff\\ufffe\\uffff]")
_XHTML = re.compile(r"\s*(<\?xml|<!DOCTYPE[^>]*XHTML|<html[^>]*xmlns)", re.IGNORECASE)
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]*);")
_STRIKES = re.compile(r"<(/?)(?:s|strike)(?=[\s>])", re.IGNORECASE)  # libxml2 ends these two where a paragraph begins
_HEAD = 1 << 16  # bytes in which the encoding is looked for
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


class HtmlParser:
    media_types = frozenset({"text/html"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile` where no HTML tree can be made of the text."""
        page, warnings = page_of(data)
        return parse_page(page, name, "text/html", warnings=warnings)


def parse_page(
    page: str, name: str, media_type: str, title: str = "", warnings: tuple[FileWarning, ...] = ()
) -> ParsedFile:
    """The file that an HTML text stands for; a known `title` goes before the page's own."""
    elements, own, hidden = read(page)
    elements, heading = promote_title(elements)
    title = title or heading or own or next((e.text for e in elements if e.kind is ElementKind.HEADING), "")
    return ParsedFile(title or stem(name), media_type, elements, warnings=(*warnings, *hidden))


def elements_of(page: str) -> tuple[tuple[Element, ...], str]:
    """All visible elements of an HTML text, and the sensible part of its <title>."""
    elements, title, _ = read(page)
    return elements, title


def read(page: str) -> tuple[tuple[Element, ...], str, tuple[FileWarning, ...]]:
    """As `elements_of`, and what is unsure about the page as a whole."""
    from ingest.parsers.html.walk import walked

    tree = tree_of(page)
    elements, warnings = walked(tree)
    return elements, sensible_title(tree.findtext(".//title")), (*warnings, *unread(_pictures(tree)))


def _pictures(tree: Any) -> Iterator[bytes]:
    """Those that are written into the page itself."""
    for node in tree.iter("img"):
        kind, _, data = (node.get("src") or "").partition(",")
        if kind.startswith("data:image/") and kind.endswith(";base64"):
            try:
                yield base64.b64decode(unquote_to_bytes(data))
            except ValueError:
                continue


def promote_title(elements: tuple[Element, ...]) -> tuple[tuple[Element, ...], str]:
    """A first heading that is the only one of level 1 becomes the TITLE."""
    tops = [position for position, element in enumerate(elements) if element.level == 1]
    first = next((position for position, element in enumerate(elements) if element.level), None)
    if len(tops) != 1 or tops[0] != first:
        return elements, ""
    found = elements[first]
    title = Element(ElementKind.TITLE, found.text, warnings=found.warnings)
    return (*elements[:first], title, *elements[first + 1 :]), found.text


def tree_of(page: str) -> Any:
    """The page's tree with plain, lower-case tags. Well-formed XHTML is read as XML, where <title/> is no open tag."""
    import lxml.etree
    import lxml.html

    page = _STRIKES.sub(r"<\1del", _CONTROLS.sub("", page))
    if _XHTML.match(page[:2048]) and "<!ENTITY" not in page and (tree := _xhtml(page)) is not None:
        return tree
    page = re.sub(r"^\s*<\?xml[^>]*>", "", page, count=1)
    try:
        tree = lxml.html.document_fromstring(page, parser=lxml.html.HTMLParser(huge_tree=True, no_network=True))
    except (lxml.etree.LxmlError, ValueError) as error:
        raise DamagedFile("The page is not readable HTML. Open it in a browser and save it again.") from error
    lxml.etree.strip_tags(tree, lxml.etree.Comment, lxml.etree.ProcessingInstruction)
    return tree


def _xhtml(page: str) -> Any:
    """The tree of well-formed XHTML, or None."""
    import lxml.etree

    page = re.sub(r"^\s*<\?xml[^>]*\?>", "", page, count=1).lstrip("\ufeff \t\r\n")
    page = _NAMED.sub(lambda found: html.entities.html5.get(f"{found[1]};", found[0]), page)
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        tree = lxml.etree.fromstring(page, parser)
    except (lxml.etree.LxmlError, ValueError):
        return None
    lxml.etree.strip_tags(tree, lxml.etree.Comment, lxml.etree.ProcessingInstruction)
    for node in tree.iter(lxml.etree.Element):
        if "}" in node.tag:
            node.tag = node.tag.rsplit("}", 1)[1].lower()
        if kind := node.get(_EPUB_TYPE):
            node.set("role", f"{node.get('role') or ''} {kind}".strip())
    return tree if tree.tag == "html" else None


def page_of(data: bytes) -> tuple[str, tuple[FileWarning, ...]]:
    """The text of a page: its byte order mark, then the encoding that it names, wherever in its head."""
    named = None if data.startswith(_BOMS) else _CHARSET.search(_uncommented(data[:_HEAD]))
    if named is None:
        return decoded(data)
    label = (named[1] or named[2]).decode("ascii")
    return decoded(data) if label.lower().startswith(("utf-16", "utf-32", "utf-7")) else labelled(data, label)


def _uncommented(head: bytes) -> bytes:
    first, *rest = head.split(b"<!--")
    return first + b"".join(piece.partition(b"-->")[2] for piece in rest)
