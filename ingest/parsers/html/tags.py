"""What the elements of a page are to a reader: no words, a block, a heading, or something shown in their place."""

from __future__ import annotations

import re
from typing import Any

from ingest.parsers.clean import clean
from ingest.parsers.html import controls
from ingest.parsers.html.mathml import linear

DROPPED = frozenset(
    "head script style noscript object embed applet canvas audio video map datalist meta link base title param source "
    "track rp xml progress meter frame option optgroup".split()
)
SPACED = frozenset("progress meter object audio video".split())  # dropped, and words around them do not touch
BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol p plaintext pre search section "
    "summary table tbody td tfoot th thead tr ul xmp caption template".split()
)  # fmt: skip
BLOCK_DISPLAY = frozenset("block flex grid table list-item table-row".split())
LISTS = frozenset(("ol", "ul", "menu", "dir"))
PREFORMATTED = frozenset(("pre", "listing", "xmp", "plaintext"))
STRUCK = frozenset(("del", "s", "strike"))
_HEADING = re.compile(r"h[1-6]")
_ICONS = re.compile(r"\bmaterial-(icons|symbols)|\bkatex-html\b|\bMathJax_Preview\b|\bmjx-assistive-mml\b")
_WORD_NUMBER = re.compile(r"mso-list:\s*ignore", re.IGNORECASE)
_WORD_BULLETS = frozenset(("·", "o", "§", "•", ""))


def level(node: Any, tag: str) -> int:
    """1 to 6 for a heading, else 0."""
    if _HEADING.fullmatch(tag):
        return int(tag[1])
    if node.get("role") == "heading":
        given = node.get("aria-level") or "2"
        return min(6, max(1, int(given))) if given.isdecimal() else 2
    return 0


def is_wordless(node: Any, tag: str) -> bool:
    """Whether an element holds no words of the page: a menu, a template, a closed dialog, an icon."""
    if tag == "nav":
        return next(node.iter("p", "table", "h1"), None) is None
    if tag == "template":
        return node.get("shadowrootmode") is None
    if tag == "dialog":
        return node.get("open") is None
    return tag != "button" and bool(_ICONS.search(node.get("class") or ""))


def shown_instead(node: Any, tag: str) -> str | None:
    """What is read in place of the words in a control, a formula, a drawing or a list number of Word's, else None."""
    if tag in ("input", "select", "textarea"):
        words = clean(controls.shown(node))
        return f" {words} " if words else ""
    if tag == "math":
        return f" {linear(node)} " if node.get("display") == "block" else linear(node)
    if tag == "svg":
        words = " ".join("".join(one.itertext()) for one in node.iter("text", "foreignobject", "foreignObject"))
        return f" {words} " if words.strip() else ""
    if tag == "span" and _WORD_NUMBER.search(node.get("style") or ""):
        words = clean("".join(node.itertext()))
        return f"{words} " if words not in _WORD_BULLETS else ""
    return None


def hides_figures(node: Any) -> bool:
    """Whether a hidden element holds a sentence with figures, which a reader might be expected to see."""
    if node.tag not in ("p", "td", "tr", "li", "span", "font") or node.get("hidden") is not None:
        return False
    words = "".join(node.itertext())[:2_000].split()
    return len(words) > 3 and any(map(str.isdecimal, "".join(words))) and words[-1].endswith(".")
