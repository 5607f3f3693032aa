"""Foot- and endnotes of a page: which links refer to one, and where its words stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

_MARK = re.compile(r"[\[(]?\s*(?P<mark>\d{1,3}|[a-zA-Z]|[ivxl]{1,6}|[*†‡§¶#]{1,3}|[A-Za-z]\d{1,2})(:\d+)?\s*[\])]?")
_NOTED = re.compile(r"noteref|footnote|endnote|\bfn|ftn|sdfootnote|sdendnote|cite_(note|ref)|reference", re.IGNORECASE)
_PLURAL = re.compile(r"notes\b|references\b|reflist", re.IGNORECASE)
_BACK = re.compile(r"[\s↩↑⏎↵⤴^\ufe0e\ufe0f]*|back|return|jump up", re.IGNORECASE)
_BLOCKS = frozenset("p li div td th dd dt aside section article body blockquote h1 h2 h3 h4 h5 h6 tr table".split())


@dataclass(slots=True)
class Note:
    """The element that holds a note, its printed mark, and whether it has been given already."""

    node: Any
    mark: str
    placed: bool = False


@dataclass(slots=True)
class Notes:
    """`references`: link -> its note; `holders`: element -> its note; `around`: raised elements around such links."""

    references: dict[Any, Note] = field(default_factory=dict)
    holders: dict[Any, Note] = field(default_factory=dict)
    around: set[Any] = field(default_factory=set)


def notes_of(tree: Any) -> Notes:
    links = [node for node in tree.iter("a") if len(node.get("href") or "") > 1 and node.get("href")[0] == "#"]
    notes = Notes()
    if not links:
        return notes
    targets: dict[str, Any] = {}
    for node in tree.iter():
        for attribute in ("id", "name"):
            if isinstance(node.tag, str) and (name := node.get(attribute)):
                targets.setdefault(name, node)
    for link in links:
        mark = _reference(link)
        target = targets.get(link.get("href")[1:])
        if not mark or target is None or _opens(link):
            continue
        holder = _holder(target)
        if holder is None or holder in link.iterancestors() or not _is_note(holder, target, mark):
            continue
        notes.references[link] = notes.holders.setdefault(holder, Note(holder, mark))
        notes.around.update(node for node in link.iterancestors() if node.tag == "sup")
    return notes


def mark_of(link: Any) -> str:
    """The mark that a link prints, without brackets, or ""."""
    found = _MARK.fullmatch(_words(link))
    return found["mark"] if found else ""


def leads_back(link: Any, mark: str) -> bool:
    """Whether a link in a note only leads back to its reference."""
    href = link.get("href") or ""
    if "#" not in href:
        return False
    words = _words(link)
    return bool(_BACK.fullmatch(words)) or mark_of(link) == mark


def without_mark(text: str, mark: str) -> str:
    """The note's words without the mark in front."""
    return re.sub(rf"^\s*[\[(]?\s*{re.escape(mark)}\s*[\])]?(?![\w,])[.:)]?\s*", "", text, count=1)


def _words(node: Any) -> str:
    text = ""
    for piece in node.itertext(with_tail=False):
        text += piece
        if len(text) > 40:
            break
    return text.strip()


def _reference(link: Any) -> str:
    mark = mark_of(link)
    if not mark:
        return ""
    near = [link, *islice(link.iterancestors(), 2), *islice(link.iterdescendants(), 3)]
    if any(node.tag == "sup" for node in near):
        return mark
    said = " ".join(
        f"{node.get('role') or ''} {node.get('class') or ''} {node.get('epub:type') or ''}"
        for node in near
        if isinstance(node.tag, str) and node.tag not in _BLOCKS
    )
    return mark if _NOTED.search(f"{said} {link.get('href')}") else ""


def _opens(link: Any) -> bool:
    """Whether nothing stands before the link in its block: then it is the note's own mark."""
    node = link
    for _ in range(8):
        parent = node.getparent()
        if parent is None or node.tag in _BLOCKS:
            return True
        for before in islice(node.itersiblings(preceding=True), 20):
            if (before.tail or "").strip() or _words(before):
                return False
        if (parent.text or "").strip():
            return False
        node = parent
    return False


def _holder(target: Any) -> Any:
    """The block that is the note of a link's target."""
    node = target
    while node is not None and node.tag not in _BLOCKS:
        node = node.getparent()
    if node is None or node.tag in ("body", "table", "tr", "section", "article"):
        return None
    for _ in range(3):
        parent = node.getparent()
        if parent is None or parent.tag not in ("li", "aside", "div", "dd") or node.getprevious() is not None:
            break
        names = f"{parent.get('id') or ''} {parent.get('class') or ''} {parent.get('role') or ''}"
        if parent.tag == "div" and (not _NOTED.search(names) or _PLURAL.search(names)):
            break
        node = parent
    return node


def _is_note(holder: Any, target: Any, mark: str) -> bool:
    names = " ".join(
        f"{node.get('id') or ''} {node.get('name') or ''} {node.get('class') or ''} {node.get('role') or ''} "
        f"{node.get('epub:type') or ''}"
        for node in (holder, target)
    )
    if _NOTED.search(names):
        return True
    words = _words(holder).lstrip("[( ")
    return words.startswith(mark) or (holder.tag == "li" and holder.getparent().tag == "ol")
