"""Plain text: paragraphs by blank lines and markers, headings by their wording. The standard library is enough."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from ingest.parsers import captions, hyphens, text_tables
from ingest.parsers.clean import clean, decoded, stem
from ingest.types import Element, ElementKind, ParsedFile

_BLOCKS = re.compile(r"\n\s*\n|\f")
_CUT = re.compile(r"\w[-\u2010\u2011\u00ad][ \t]*\r?\n")
_CUT_LINE = re.compile(r"\w[-\u2010\u2011\u00ad]$")
_QUOTED = re.compile(r"^[ \t]*>(?:[ \t]?>)*(?!=)[ \t]?")
_LABELLED = re.compile(r"^[A-Z0-9][^:]{0,40}:(?:\s|$)")
_SHORT = 50  # characters of lines that nobody wrapped
_LISTED = 80
_RUNS_ON = re.compile(
    r"(?:[,(\u2013\u2014]|\b(?:an?|the|of|to|in|on|at|by|for|from|with|and|or|nor|but|is|are|was|were|be|been|has|have|had"
    r"|must|shall|will|may|can|not|that|which|who|whether|than|as|if|its|their|his|her|our|your|this|these|those|any|each"
    r"|no|per|about|under|until|EUR|USD|GBP|CHF)|[€$£])$",
    re.IGNORECASE,
)  # ends of lines that a sentence runs through
_BULLETED = re.compile(r"([-*•‣◦–·]) +(?=\S)")
_NUMBERED = re.compile(r"(\d{1,3})([.)]) +(?=\S)")
_RULE = re.compile(r"^[\W_]*$")
_UNWRAPPED = 200  # a line longer than this was never wrapped: it is a paragraph of its own


class TextParser:
    media_types = frozenset({"text/plain"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        text, warnings = decoded(data)
        elements = tuple(elements_of(text))
        at = _title_at(elements)
        if at is None:
            return ParsedFile(stem(name), "text/plain", elements, warnings=warnings)
        title = Element(ElementKind.TITLE, elements[at].text)
        return ParsedFile(title.text, "text/plain", (*elements[:at], title, *elements[at + 1 :]), warnings=warnings)


def _title_at(elements: Sequence[Element]) -> int | None:
    """The heading that opens the text, after exhibit labels and the like, if it is no numbered one."""
    for at, element in enumerate(elements):
        if element.kind is not ElementKind.HEADING or not captions.NO_TITLE.search(element.text):
            opens = element.kind is ElementKind.HEADING and not captions.depth(element.text, False)
            rest = (one.text for one in elements[at + 1 :] if one.kind is ElementKind.HEADING)
            return at if opens and not captions.one_of_several(element.text, rest) else None
    return None


def elements_of(text: str, *, headings: bool = True) -> Iterator[Element]:
    """Elements of a text in which blank lines or form feeds divide paragraphs.

    Lines quoted as in e-mail (">") are paragraphs of their own without the mark. Without `headings` none is told by
    its wording, and short lines stay apart, as in a listing.
    """
    text = re.sub(r"\r\n?", "\n", text)
    known = hyphens.words(text) if _CUT.search(text) else set()
    parts = [part for block in _blocks(text) for part in _parts(block, known, headings)]
    articles = any(captions.ARTICLE.match(part) and captions.is_part(part) for _, part in parts)
    for kind, part in parts:
        if kind is ElementKind.PARAGRAPH and headings:
            yield from _elements(part, articles)
        elif kind is ElementKind.PARAGRAPH:
            yield Element(ElementKind.LIST_ITEM if captions.is_list_item(part) else kind, part)
        else:
            yield Element(kind, part)


def _blocks(text: str) -> Iterator[list[str]]:
    """Runs of lines without a blank one; quoted lines without their mark, apart from those that are not quoted."""
    for block in _BLOCKS.split(text):
        lines = [line for line in block.split("\n") if line.strip()]
        if not any(line.lstrip().startswith(">") for line in lines):
            yield lines
            continue
        held: list[str] = []
        depth = 0
        for at, line in enumerate(lines):
            marks = _QUOTED.match(line) if _is_quoted(lines, at) else None
            now = marks[0].count(">") if marks else 0
            rest = line[marks.end() :] if marks else line
            if now != depth or not rest.strip():
                yield held
                held, depth = [], now
            if rest.strip():
                held.append(rest)
        yield held


def _is_quoted(lines: Sequence[str], at: int) -> bool:
    """Whether a ">" is a mark of quoting, and not "greater than" at a line's start."""
    if not _QUOTED.match(lines[at]):
        return False
    if any(0 <= near < len(lines) and _QUOTED.match(lines[near]) for near in (at - 1, at + 1)):
        return True
    opens = at == 0 or lines[at - 1].rstrip().endswith(":")
    return opens and not re.match(r"\s*>=?\s*[\d€$£]", lines[at])


def _parts(block: Sequence[str], known: Collection[str], headings: bool) -> Iterator[tuple[ElementKind, str]]:
    before, table, after = text_tables.split_off(block)
    for part in _paragraphs(before, known, headings):
        yield ElementKind.PARAGRAPH, part
    if table:
        yield ElementKind.TABLE, table
    for part in _paragraphs(after, known, headings):
        yield ElementKind.PARAGRAPH, part


def _paragraphs(block: Sequence[str], known: Collection[str], headings: bool) -> Iterator[str]:
    """The block's paragraphs, each on one line."""
    lines = [line for line in map(_cleaned, block) if not _RULE.match(line)]
    if _are_records(lines, headings):
        yield from lines
        return
    margin = _is_margin(lines)
    held: list[str] = []
    for line in lines:
        cut = bool(held) and bool(_CUT_LINE.search(held[-1])) and line[:1].isalnum()
        if held and not cut and (_begins(held[-1], line) or (not margin and _goes_on_listing(held[0], line))):
            yield " ".join(held).replace("\u00ad", "")
            held = []
        if held and cut:
            word, _, rest = line.partition(" ")
            held[-1] = hyphens.joined(held[-1], word, known)
            held += [rest] if rest else []
        elif held and re.search(r"\d[–—]$", held[-1]) and line[0].isdigit():
            held[-1] += line  # "pages 10–" + "12"
        else:
            held.append(line)
    if held:
        yield " ".join(held).replace("\u00ad", "")


def _cleaned(line: str) -> str:
    """The line in its final form, but for a soft hyphen at its end, which says that a word was cut."""
    return clean(line) + "\u00ad" * line.rstrip().endswith("\u00ad")


def _is_margin(lines: Sequence[str]) -> bool:
    """Whether "*" before each line is a margin, as of a box drawn around sentences, and no bullet."""
    if not all(line.startswith("*") for line in lines) or max(map(len, lines), default=0) < _SHORT:
        return False
    return any(re.match(r"\*+ +[a-z]", after) and before[-1] not in ".;:," for before, after in pairwise(lines))


def _goes_on_listing(first: str, line: str) -> bool:
    """Whether a line is the item after the one that `first` begins: the same bullet, or the next number."""
    if found := _BULLETED.match(line):
        return first.startswith(f"{found[1]} ")
    if (found := _NUMBERED.match(line)) and (before := _NUMBERED.match(first)):
        return before[2] == found[2] and int(before[1]) + 1 == int(found[1])
    return False


def _are_records(lines: Sequence[str], headings: bool) -> bool:
    """Whether each line is one for itself: all labelled ("Fee: EUR 3"), or short ones that no sentence runs through."""
    if len(lines) < 2 or any(_CUT_LINE.search(line) or _RUNS_ON.search(line) for line in lines[:-1]):
        return False
    if any(line[0].islower() for line in lines[1:]):
        return not headings and max(map(len, lines)) < _SHORT
    if all(_LABELLED.match(line) for line in lines):
        return True
    if not headings:
        return max(map(len, lines)) < _LISTED
    short = max(map(len, lines)) < _SHORT and not any(line.isupper() for line in lines)
    return short and len(lines) > 2 and not any(captions.MARKER.match(line) for line in lines)


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
