"""The walk through a page's tree that turns what a reader sees into elements, in reading order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from ingest.errors import DamagedFile
from ingest.parsers.asides import STRUCK, Change
from ingest.parsers.clean import clean
from ingest.parsers.html import controls, tags
from ingest.parsers.html.blocks import Blocks
from ingest.parsers.html.counters import Counters
from ingest.parsers.html.notes import Note, Notes, leads_back, notes_of, without_mark
from ingest.parsers.html.numbering import ListState, list_state
from ingest.parsers.html.open_tables import OpenTables
from ingest.parsers.html.output import Output
from ingest.parsers.html.raises import opens_note, put_raised
from ingest.parsers.html.sinks import Sink
from ingest.parsers.html.styles import Styles, is_struck, is_unseen, styles_of
from ingest.parsers.html.tables import Survey, survey
from ingest.parsers.raised import raised
from ingest.types import Element, ElementKind, FileWarning, WarningKind

_FRAMES = 2  # pages inside pages that are read
_MAX_DEPTH = 3_000
_HIDDEN = "The page hides words with figures in them from its reader; they are left out. Compare it with its source."


def walked(tree: Any) -> tuple[tuple[Element, ...], tuple[FileWarning, ...]]:
    """What a reader sees, the words for readers without scripts only where there are no others; and warnings.

    Raises `DamagedFile`.
    """
    page = _page(tree)
    elements = _read(page, tree) or _read(_page(tree, unscripted=True), tree)
    return elements, (FileWarning(WarningKind.HIDDEN_TEXT, _HIDDEN),) if page.hidden else ()


@dataclass(slots=True)
class _Page:
    """What the walks through a page and through its notes share."""

    styles: Styles
    tables: dict[Any, Survey]
    notes: Notes
    frames: int  # pages that it stands in
    unscripted: bool
    counters: Counters = field(default_factory=Counters)
    out: Output = field(default_factory=Output)
    hidden: bool = False


def _page(tree: Any, frames: int = 0, *, unscripted: bool = False) -> _Page:
    return _Page(styles_of(tree), survey(tree), notes_of(tree), frames, unscripted)


def _read(page: _Page, tree: Any) -> tuple[Element, ...]:
    walk = _Walk(page)
    walk.read(tree)
    walk.blocks.flush()
    return page.out.elements()


class _Walk:
    """Through a page, or through one note of it, whose words go into the first sink."""

    def __init__(self, page: _Page, note: Note | None = None) -> None:
        self._page = page
        self._note = note
        self.blocks = Blocks(page.out, self._give, "note" if note else "block")
        self._lists: list[ListState] = []
        self._tables = OpenTables(self.blocks, page.tables)
        self._open: list[tuple[str, ...]] = []  # what to undo at the end of each open element

    def read(self, root: Any) -> None:
        import lxml.etree

        skipped: Any = None
        walker = lxml.etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, node in walker:
            if event == "start":
                if len(self._open) > _MAX_DEPTH:
                    raise DamagedFile("The page is nested too deeply. Open it in a browser and save it again.")
                done = self._start(node, node is root)
                if done is None:
                    skipped = node
                    walker.skip_subtree()
                else:
                    self._open.append(done)
                    self.blocks.add(node.text or "")
                continue
            if event == "end":
                if node is skipped:
                    skipped = None
                else:
                    for action in reversed(self._open.pop()):
                        self._end(action, node)
                    self._page.counters.end(len(self._open))
            if node is not root:
                self.blocks.add(node.tail or "")

    def _start(self, node: Any, root: bool) -> tuple[str, ...] | None:
        """What to undo at the element's end, or None where nothing in it is to be read."""
        tag = node.tag
        if root and self._note is not None:
            return ()
        if tag in tags.DROPPED and not (tag == "noscript" and self._page.unscripted):
            self.blocks.add(" " * (tag in tags.SPACED))
            return None
        style = self._page.styles.of(node)
        if is_unseen(node, style):
            self._page.hidden = self._page.hidden or tags.hides_figures(node)
            return None
        if tags.is_wordless(node, tag) or self._replaced(node, tag):
            return None
        note = self._page.notes.holders.get(node)
        if note is not None and note is not self._note:
            self.blocks.flush()
            self._give(note)
            return None
        return self._begun(node, tag, style)

    def _replaced(self, node: Any, tag: str) -> bool:
        """Elements that hold no words of the page, or stand for others than those in them; whether this is one."""
        if tag == "button" and not self.blocks.level and not controls.is_worded(node):
            self.blocks.add(" ")
        elif (words := tags.shown_instead(node, tag)) is not None:
            self.blocks.add(words)
        elif tag == "br":
            self.blocks.line_break()
        elif tag == "iframe":
            self._framed(node.get("srcdoc") or "")
        elif tag == "a" and node in self._page.notes.references:
            self._refer(self._page.notes.references[node])
        elif tag != "a" or self._note is None or not leads_back(node, self._note.mark):
            return False
        return True

    def _begun(self, node: Any, tag: str, style: dict[str, str]) -> tuple[str, ...]:
        undo: list[str] = []
        if tag in tags.BLOCKS or style.get("display") in tags.BLOCK_DISPLAY:
            self.blocks.flush()
            undo.append("block")
        undo += self._marked_off(node, tag, style)
        if tag == "rt":
            undo.append(self.blocks.push("ruby"))
        elif tag == "q":
            self.blocks.add("“")
            undo.append("quote")
        elif tag in tags.PREFORMATTED and self.blocks.sink.kind == "block":
            self.blocks.pre += 1
            undo.append("pre")
        elif tag in tags.LISTS:
            above = self._lists[-1].current if self._lists else ""
            self._lists.append(list_state(node, style, above))
            undo.append("list")
        elif tag == "li" or tag == "dd":
            undo.insert(0, self._item(node, tag, style))  # undone when its last block has ended
        elif (level := tags.level(node, tag)) and self.blocks.sink.kind == "block":
            self.blocks.level = level
            undo.append("heading")
        elif tag == "p" and "mso-list" in (node.get("style") or "").lower():
            self.blocks.kind = ElementKind.LIST_ITEM
        undo += self._tables.begin(node, tag)
        self._count(node, style)
        return tuple(undo)

    def _count(self, node: Any, style: dict[str, str]) -> None:
        """Puts down the numbers that a style sheet prints before an element."""
        if not self._page.styles.by_key and not self._page.styles.generated:
            return
        depth = len(self._open)
        self._page.counters.begin(style, depth)
        for place, styles in self._page.styles.generated.items():
            said = styles.of(node, inline=False)
            if not said:
                continue
            self._page.counters.begin(said, depth + 1)
            words = self._page.counters.printed(
                said.get("content", ""), [one.value for one in self._lists if one.ordered]
            )
            if words and place == "marker":
                self.blocks.marker = words.strip()
            elif words:
                self.blocks.add(f"{words} ")

    def _marked_off(self, node: Any, tag: str, style: dict[str, str]) -> list[str]:
        """Struck-out, inserted and raised runs."""
        undo: list[str] = []
        if (tag in tags.STRUCK or is_struck(node, style)) and not any(
            sink.kind == "struck" for sink in self.blocks.sinks
        ):
            undo.append(self.blocks.push("struck"))
        if tag == "label":
            self.blocks.add(" " * self.blocks.sink.tail[-1:].isalnum())
            undo.append("label")
        if tag == "ins":
            self.blocks.aside.inserted = self.blocks.aside.inserted or bool("".join(node.itertext()).strip())
        is_raised = (tag == "sup" or style.get("vertical-align") == "super") and node not in self._page.notes.around
        if is_raised and self.blocks.broken and self.blocks.sink.opening and opens_note(node):
            self._tables.next_note(self.blocks.sink)
        if is_raised and self.blocks.sink.kind != "raised":
            undo.append(self.blocks.push("raised"))
        return undo

    def _end(self, action: str, node: Any) -> None:
        if action == "block":
            self.blocks.flush()
        elif action == "cell":
            self._tables.end_cell(self.blocks.pop(), node)
        elif action in ("struck", "raised", "ruby", "line"):
            self._close(action, self.blocks.pop(), node)
        elif action in ("quote", "label"):
            self.blocks.add("”" if action == "quote" else " " * (node.tail or "x")[0].isalnum())
        elif action == "pre":
            self.blocks.end_preformatted()
            self.blocks.pre -= 1
        elif action == "list":
            self._lists.pop()
        elif action == "item":
            self.blocks.marker, self.blocks.kind = "", ElementKind.PARAGRAPH
            if self._lists:
                self._lists[-1].current = ""
        elif action == "heading":
            level, self.blocks.level = self.blocks.level, 0
            self.blocks.flush(level)
        else:
            self._tables.end(action)

    def _close(self, action: str, sink: Sink, node: Any) -> None:
        text = sink.text()
        if not text:
            self.blocks.sink.add(" " * bool(sink.pieces))
        elif action == "struck":
            self.blocks.aside.struck.append(_change(node).element(text))
            self.blocks.sink.add(" ")
        elif action == "raised":
            if mark := put_raised(self.blocks.sink, text, "".join(sink.pieces), node):
                self.blocks.aside.marks.append(mark)
        elif action == "ruby":
            self.blocks.sink.add(f"({text})")
        else:
            self.blocks.sink.add(text)
            self.blocks.flush()

    def _refer(self, note: Note) -> None:
        sink = self.blocks.sink
        sink.add(raised(sink.tail, note.mark, note=True))
        if not note.placed and note is not self._note:
            self.blocks.aside.notes.append(note)

    def _item(self, node: Any, tag: str, style: dict[str, str]) -> str:
        marker = self._lists[-1].item(node, style) if tag == "li" and self._lists else ""
        if self.blocks.sink.kind != "block":
            self.blocks.sink.add(f" {marker} ")
            return "inline"
        self.blocks.marker = marker or self.blocks.marker
        self.blocks.kind = ElementKind.LIST_ITEM
        return "item"

    def _give(self, note: Note) -> None:
        """The words of a note, once, as one element."""
        if note.placed:
            return
        note.placed = True
        inside = _Walk(self._page, note)
        inside.read(note.node)
        aside = inside.blocks.aside
        self._page.out.note(note.mark, without_mark(inside.blocks.sink.text(), note.mark), aside)
        for other in aside.notes:
            self._give(other)

    def _framed(self, source: str) -> None:
        if source.strip() and self._page.frames < _FRAMES and self.blocks.sink.kind == "block":
            from ingest.parsers.html import tree_of

            self.blocks.flush()
            tree = tree_of(source)
            self._page.out.take(_read(_page(tree, self._page.frames + 1), tree))


def _change(node: Any) -> Change:
    """Who struck words out, and when, as far as <del> says so."""
    if node.tag != "del":
        return STRUCK
    author = unquote(re.sub(r"^mailto:", "", node.get("cite") or ""))
    author, date = "" if "/" in author else clean(author), clean((node.get("datetime") or "")[:10])
    return Change("deleted", author, date) if author or date else STRUCK
