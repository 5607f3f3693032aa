"""Plain text: paragraphs by blank lines and markers, headings by their wording. The standard library is enough."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.parsers import captions
from ingest.parsers.clean import clean, decode, stem
from ingest.types import Element, ElementKind, ParsedFile

_BLOCKS = re.compile(r"\n\s*\n|\f")
_RULE = re.compile(r"^[\W_]*$")
_UNWRAPPED = 200  # a line longer than this was never wrapped: it is a paragraph of its own


class TextParser:
    media_types = frozenset({"text/plain"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        elements = tuple(elements_of(decode(data)))
        at = _title_at(elements)
        if at is None:
            return ParsedFile(stem(name), "text/plain", elements)
        title = Element(ElementKind.TITLE, elements[at].text)
        return ParsedFile(title.text, "text/plain", (*elements[:at], title, *elements[at + 1 :]))


def _title_at(elements: Sequence[Element]) -> int | None:
    """The heading that opens the text, after exhibit labels and the like, if it is no numbered one."""
    for at, element in enumerate(elements):
        if element.kind is not ElementKind.HEADING or not captions.NO_TITLE.search(element.text):
            opens = element.kind is ElementKind.HEADING and not captions.depth(element.text, False)
            return at if opens else None
    return None


def elements_of(text: str, *, headings: bool = True) -> Iterator[Element]:
    """Elements of a text in which blank lines or form feeds divide paragraphs."""
    paragraphs = [part for block in _BLOCKS.split(re.sub(r"\r\n?", "\n", text)) for part in _paragraphs(block)]
    articles = any(captions.ARTICLE.match(part) and captions.is_part(part) for part in paragraphs)
    for part in paragraphs:
        yield from _elements(part, articles)


def _paragraphs(block: str) -> Iterator[str]:
    """The block's paragraphs, each on one line."""
    lines = [line for line in map(clean, block.split("\n")) if not _RULE.match(line)]
    held: list[str] = []
    for line in lines:
        if held and _begins(held[-1], line):
            yield " ".join(held)
            held = []
        held.append(line)
    if held:
        yield " ".join(held)


def _begins(last: str, line: str) -> bool:
    """Whether a line begins a new paragraph without a blank line before it."""
    if captions.BARE_ARTICLE.match(last):
        return not (line.isupper() or captions.is_caption(line))
    if captions.MARKER.match(line) and captions.CLOSED.search(last):
        return True
    return captions.is_part(last) or last.isupper() != line.isupper() or max(len(line), len(last)) > _UNWRAPPED


def _elements(text: str, articles: bool) -> Iterator[Element]:
    level = captions.level(text, articles, False, False) if captions.could_be_heading(text) else 0
    if level:
        yield Element(ElementKind.HEADING, text, level)
        return
    end, level = captions.run_in(text, articles, False)
    if end:
        yield Element(ElementKind.HEADING, text[:end].strip(), level)
        text = text[end:].strip()
    kind = ElementKind.LIST_ITEM if not end and captions.is_list_item(text) else ElementKind.PARAGRAPH
    yield Element(kind, text)
