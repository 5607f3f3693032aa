"""The words of a message's parts: which of several forms of one text is read, and in which encoding."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from email.message import MIMEPart
from itertools import groupby
from typing import Any

from ingest.errors import DamagedFile
from ingest.parsers import html
from ingest.parsers.labels import labelled
from ingest.parsers.mail import quoting
from ingest.types import Element, FileWarning

_WORD = re.compile(r"\w+")
_CITED = (
    "//blockquote[@type='cite' or @cite or contains(@class, 'gmail_quote') or contains(@class, 'protonmail_quote')]"
    "|//div[contains(@class, 'gmail_quote') or contains(@class, 'yahoo_quoted')][not(.//blockquote)]"
)
_EXCUSE = re.compile(r"\bhtml\b|\bbrowser\b|navigateur", re.IGNORECASE)  # of a text for programs that show no HTML


def content(part: MIMEPart) -> str:
    return read(part)[0]


def read(part: MIMEPart) -> tuple[str, tuple[FileWarning, ...]]:
    """The words of a part, and what is unsure about them; a page whose header names no encoding may name one itself."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return "", ()
    label = part.get_content_charset()
    if label is None and part.get_content_type() == "text/html":
        return html.page_of(payload)
    return labelled(payload, label)


def plain(part: MIMEPart, words: str) -> list[Element]:
    if str(part.get_param("format", "")).lower() == "flowed":
        delsp = str(part.get_param("delsp", "")).lower() == "yes"
        return list(quoting.joined(quoting.flowed(words, delsp)))
    return plain_text(words)


def plain_text(words: str) -> list[Element]:
    return list(quoting.joined(quoting.lines_of(words)))


def page(source: str) -> list[Element]:
    """Elements of an HTML body, what it cites marked as quoted."""
    if not source.strip():
        return []
    mark = "q" + hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:20]
    try:
        elements, _ = html.elements_of(_staked(source, mark))
    except DamagedFile:
        return []
    return list(_quoted(elements, mark))


def _staked(source: str, mark: str) -> str:
    """The page with a word before and one after each citation."""
    import lxml.html

    try:
        tree = html.tree_of(source)
    except DamagedFile:
        return source
    cited = tree.xpath(_CITED)
    laid_out = [node for node in tree.iter("pre") if _is_quoting(node)]
    if not cited and not laid_out:
        return source
    for node in laid_out:
        _divide(node, mark)
    for node in cited:
        if node.getparent() is None:
            continue
        for word, put in ((f"{mark}o", node.addprevious), (f"{mark}c", node.addnext)):
            stake = node.makeelement("p")
            stake.text = word
            if word.endswith("c"):
                stake.tail, node.tail = node.tail, None
            put(stake)
    return str(lxml.html.tostring(tree, encoding="unicode"))


def _is_quoting(node: Any) -> bool:
    """Whether a preformatted text quotes with ">" and has nothing in it that its words would lose."""
    return any(line.startswith(">") for line in node.text_content().split("\n")) and all(
        one.tag in ("pre", "a", "span", "br", "tt", "font") for one in node.iter()
    )


def _divide(node: Any, mark: str) -> None:
    """Puts a text of its own for each run of lines that are quoted equally often in the place of a preformatted one."""
    for br in node.iter("br"):
        br.tail = "\n" + (br.tail or "")
    if node.getparent() is None:
        return
    for depth, lines in groupby(quoting.lines_of(node.text_content()), key=lambda line: min(line.depth, 9)):
        for tag, words in (
            ("p", f"{mark}o" * depth),
            ("pre", "\n".join(line.text for line in lines)),
            ("p", f"{mark}c" * depth),
        ):
            piece = node.makeelement(tag)
            piece.text = words
            node.addprevious(piece)
    node.text = None
    for child in list(node):
        node.remove(child)


def _quoted(elements: Sequence[Element], mark: str) -> Iterator[Element]:
    own = [one for one in elements if mark not in one.text]
    ends = quoting.history_at(own)
    history = {id(one) for one in own[ends:]}
    depth = 0
    for element in elements:
        if mark in element.text:
            depth += element.text.count(f"{mark}o") - element.text.count(f"{mark}c")
            continue
        below = id(element) in history and depth == 0
        if depth == 0 and element.text.startswith(("> ", ">>")):
            words = re.sub(r"(?:^| )>+ (?=\S)", " ", element.text).strip()
            yield from quoting.marked([Element(element.kind, words)], 1)
            continue
        yield from quoting.marked([element], max(0, depth) + below)


def richer(forms: Sequence[tuple[str, list[Element]]]) -> list[Element]:
    """Of the forms of one text (kind and elements) the one that a reader is shown, unless it lacks most of another.

    Mail programs show the last form that they can, the HTML one as a rule.
    """
    said = [(kind, elements, _words(elements)) for kind, elements in forms if elements]
    if not said:
        return []
    best = said[-1]
    for other in reversed(said[:-1]):
        if _is_stub(best[2], other[2]) and not _EXCUSE.search(" ".join(one.text for one in other[1])[:600]):
            best = other
    plains = [one for one in said if one[0] == "plain"]
    if best[0] == "html" and plains and any(e.text.startswith("[quoted") for e in plains[0][1]):
        marked = any(element.text.startswith("[quoted") for element in best[1])
        if not marked and len(best[2] - plains[0][2]) * 10 <= len(best[2]):
            best = plains[0]  # the HTML only wraps the plain text, and has lost what tells quotations apart
    return best[1]


def _is_stub(form: set[str], other: set[str]) -> bool:
    """Whether a form lacks most words of another one, of which it is a piece or beside which it is nothing."""
    lacks = len(other - form) * 2 > len(other)
    return lacks and (len(form & other) * 2 > len(form) or len(other) > 3 * len(form))


def _words(elements: Sequence[Element]) -> set[str]:
    return {word for element in elements for word in _WORD.findall(element.text.lower())} - {"quoted", "level"}
