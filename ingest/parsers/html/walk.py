"""The walk through a page's tree that turns what a reader sees into elements, in reading order."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from ingest.errors import DamagedFile
from ingest.parsers.clean import clean
from ingest.parsers.html import controls
from ingest.parsers.html.counters import Counters
from ingest.parsers.html.mathml import linear
from ingest.parsers.html.notes import Note, Notes, leads_back, notes_of, without_mark
from ingest.parsers.html.numbering import ListState, list_state
from ingest.parsers.html.sinks import Aside, Sink, struck_out, warned
from ingest.parsers.html.styles import Styles, is_struck, is_unseen, styles_of
from ingest.parsers.html.tables import Survey, Table, is_wide, survey
from ingest.parsers.raised import raised
from ingest.types import Element, ElementKind, FileWarning, WarningKind

_DROPPED = frozenset(
    "head script style noscript object embed applet canvas audio video map datalist meta link base title param source "
    "track rp xml progress meter frame option optgroup".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol p plaintext pre search section "
    "summary table tbody td tfoot th thead tr ul xmp caption template".split()
)  # fmt: skip
_LISTS = frozenset(("ol", "ul", "menu", "dir"))
_STRUCK = frozenset(("del", "s", "strike"))
_HEADING = re.compile(r"h[1-6]")
_BLOCK_DISPLAY = frozenset("block flex grid table list-item table-row".split())
_ICONS = re.compile(r"\bmaterial-(icons|symbols)|\bkatex-html\b|\bMathJax_Preview\b|\bmjx-assistive-mml\b")
_OPENING = re.compile(r"[\[(]?(\d{1,3}|[a-zA-Z]|[ivx]{2,4}|[*†‡§¶#]{1,3})[\])]?")
_WORD_NUMBER = re.compile(r"mso-list:\s*ignore", re.IGNORECASE)
_WORD_BULLETS = frozenset(("·", "o", "§", "•", ""))
_REFERS = re.compile(r"\(note ([^)]+)\)")
_DEGREES = re.compile(r"\s?[CF]\b")
_ROW_ENDS = re.compile(r"\s+;\s+|\s+;$")
_BULLETS = frozenset("•‣⁃⁌⁍∙○●◘◦☙❥❧⦾⦿·*")
_FRAMES = 2  # pages inside pages that are read
_MAX_DEPTH = 3_000
_HIDDEN = "The page hides words with figures in them from its reader; they are left out. Compare it with its source."


class Walk:
    """One page. `elements` is complete after `page`."""

    def __init__(self, tree: Any, *, frames: int = 0, unscripted: bool = False) -> None:
        self.elements: list[Element] = []
        self._styles: Styles = styles_of(tree)
        self._tables: dict[Any, Survey] = survey(tree)
        self._notes: Notes = notes_of(tree)
        self._frames = frames
        self._unscripted = unscripted
        self._sinks: list[Sink] = [Sink("block")]
        self._aside = Aside()
        self._lists: list[ListState] = []
        self._open_tables: list[Table | None] = []
        self._frames_open: list[tuple[str, ...]] = []
        self._marker = ""
        self._kind = ElementKind.PARAGRAPH
        self._level = 0
        self._pre = 0
        self._broken = False  # a line break stands last
        self._note: Note | None = None  # the note whose words are being read
        self._marked: dict[str, int] = {}  # mark -> the element that it stands in
        self._behind: dict[int, list[Element]] = {}
        self._hidden = False
        self._counters = Counters()

    def page(self, tree: Any) -> tuple[Element, ...]:
        self._walk(tree)
        self._flush()
        placed = [one for at, element in enumerate(self.elements) for one in (element, *self._behind.get(at, ()))]
        return tuple(placed)

    @property
    def warnings(self) -> tuple[FileWarning, ...]:
        """What concerns the page as a whole."""
        return (FileWarning(WarningKind.HIDDEN_TEXT, _HIDDEN),) if self._hidden else ()

    def _walk(self, root: Any) -> None:
        import lxml.etree

        skipped: Any = None
        walker = lxml.etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, node in walker:
            if event == "start":
                if len(self._frames_open) > _MAX_DEPTH:
                    raise DamagedFile("The page is nested too deeply. Open it in a browser and save it again.")
                done = self._start(node, node is root)
                if done is None:
                    skipped = node
                    walker.skip_subtree()
                else:
                    self._frames_open.append(done)
                    self._add(node.text or "")
                continue
            if event == "end":
                if node is skipped:
                    skipped = None
                else:
                    for action in reversed(self._frames_open.pop()):
                        self._end(action, node)
                    self._counters.end(len(self._frames_open))
            if node is not root:
                self._add(node.tail or "")

    def _add(self, text: str) -> None:
        if not text:
            return
        sink = self._sinks[-1]
        if not text.isspace():
            self._broken = False
        sink.add(text if self._pre else " ".join(("", *text.split(), "")) if text.isspace() else _spaced(text))

    def _start(self, node: Any, root: bool) -> tuple[str, ...] | None:
        """What to undo at the element's end, or None where nothing in it is to be read."""
        tag = node.tag
        if root and self._note is not None:
            return ()
        if tag in _DROPPED and not (tag == "noscript" and self._unscripted):
            self._add(" " * (tag in ("progress", "meter", "object", "audio", "video")))
            return None
        style = self._styles.of(node)
        if is_unseen(node, style):
            self._hide(node)
            return None
        if self._unread(node, tag) or self._replaced(node, tag):
            return None
        note = self._notes.holders.get(node)
        if note is not None and note is not self._note:
            self._flush()
            self._give(note)
            return None
        return self._begun(node, tag, style)

    def _unread(self, node: Any, tag: str) -> bool:
        """Whether an element holds no words of the page."""
        if tag == "nav":
            return next(node.iter("p", "table", "h1"), None) is None
        if tag == "template":
            return node.get("shadowrootmode") is None
        if tag == "dialog":
            return node.get("open") is None
        if tag == "button" and not self._level and not controls.is_worded(node):
            self._add(" ")
            return True
        return bool(_ICONS.search(node.get("class") or ""))

    def _replaced(self, node: Any, tag: str) -> bool:
        """Elements that stand for other words than those in them; whether this was one."""
        if tag in ("input", "select", "textarea"):
            if words := clean(controls.shown(node)):
                self._add(f" {words} ")
        elif tag == "br":
            self._break()
        elif tag == "math":
            self._add(f" {linear(node)} " if node.get("display") == "block" else linear(node))
        elif tag == "svg":
            words = " ".join("".join(one.itertext()) for one in node.iter("text", "foreignobject", "foreignObject"))
            self._add(f" {words} " if words.strip() else "")
        elif tag == "iframe":
            self._framed(node.get("srcdoc") or "")
        elif tag == "a" and node in self._notes.references:
            self._refer(self._notes.references[node])
        elif tag == "a" and self._note is not None and leads_back(node, self._note.mark):
            return True
        elif tag == "span" and _WORD_NUMBER.search(node.get("style") or ""):
            words = clean("".join(node.itertext()))
            self._add(f"{words} " if words not in _WORD_BULLETS else "")
        else:
            return False
        return True

    def _begun(self, node: Any, tag: str, style: dict[str, str]) -> tuple[str, ...]:
        undo: list[str] = []
        if tag in _BLOCKS or style.get("display") in _BLOCK_DISPLAY:
            self._flush()
            undo.append("block")
        undo += self._marked_off(node, tag, style)
        if tag == "rt":
            undo.append(self._push("ruby"))
        elif tag == "q":
            self._add("“")
            undo.append("quote")
        elif tag in ("pre", "listing", "xmp", "plaintext") and self._sinks[-1].kind == "block":
            self._pre += 1
            undo.append("pre")
        elif tag in _LISTS:
            above = self._lists[-1].current if self._lists else ""
            self._lists.append(list_state(node, style, above))
            undo.append("list")
        elif tag == "li" or tag == "dd":
            undo.insert(0, self._item(node, tag, style))  # undone when its last block has ended
        elif (level := _level(node, tag)) and self._sinks[-1].kind == "block":
            self._level = level
            undo.append("heading")
        elif tag == "p" and "mso-list" in (node.get("style") or "").lower():
            self._kind = ElementKind.LIST_ITEM
        undo += self._in_table(node, tag)
        self._count(node, style)
        return tuple(undo)

    def _count(self, node: Any, style: dict[str, str]) -> None:
        """Puts down the numbers that a style sheet prints before an element."""
        if not self._styles.by_key and not self._styles.generated:
            return
        depth = len(self._frames_open)
        self._counters.begin(style, depth)
        for place, styles in self._styles.generated.items():
            said = styles.of(node, inline=False)
            if not said:
                continue
            self._counters.begin(said, depth + 1)
            words = self._counters.printed(said.get("content", ""), [one.value for one in self._lists if one.ordered])
            if words and place == "marker":
                self._marker = words.strip()
            elif words:
                self._add(f"{words} ")

    def _marked_off(self, node: Any, tag: str, style: dict[str, str]) -> list[str]:
        """Struck-out, inserted and raised runs."""
        undo: list[str] = []
        if (tag in _STRUCK or is_struck(node, style)) and not any(sink.kind == "struck" for sink in self._sinks):
            undo.append(self._push("struck"))
        if tag == "label":
            self._add(" " * self._sinks[-1].tail[-1:].isalnum())
            undo.append("label")
        if tag == "ins":
            self._aside.inserted = self._aside.inserted or bool("".join(node.itertext()).strip())
        is_raised = (tag == "sup" or style.get("vertical-align") == "super") and node not in self._notes.around
        if is_raised and self._broken and self._sinks[-1].opening and _OPENING.fullmatch(node.findtext(".") or ""):
            self._next_note(self._sinks[-1])
        if is_raised and self._sinks[-1].kind != "raised":
            undo.append(self._push("raised"))
        return undo

    def _next_note(self, sink: Sink) -> None:
        """A note ends where the next one begins, in the same paragraph or cell."""
        if sink.kind != "cell" or not self._open_tables or self._open_tables[-1] is None:
            self._flush()
            return
        if words := without_mark(sink.text(), sink.opening):
            self._open_tables[-1].notes.append((sink.opening, words))
        sink.pieces, sink.tail, sink.opening = [], "", ""

    def _in_table(self, node: Any, tag: str) -> tuple[str, ...]:
        if tag == "table":
            kind = self._tables[node].kind if node in self._tables else "layout"
            if self._sinks[-1].kind != "block":
                self._open_tables.append(None)
                return ("inner",)
            if kind == "data":
                self._settle()
                self._open_tables.append(Table())
                return (self._push("stray"), "table")
            if kind == "line":
                self._open_tables.append(None)
                return (self._push("line"), "inner")
            self._open_tables.append(None)
            return ("inner",)
        table = self._open_tables[-1] if self._open_tables else None
        if table is None or self._sinks[-1].kind != "stray":
            return ("row",) if tag == "tr" and self._sinks[-1].kind == "cell" else ()
        if tag in ("tr", "thead", "tbody", "tfoot"):
            table.open(tag)
            return (f"part {tag}",)
        if tag in ("td", "th", "caption"):
            return (self._push("cell"),)
        return ()

    def _push(self, kind: str) -> str:
        self._sinks.append(Sink(kind))
        return kind

    def _end(self, action: str, node: Any) -> None:  # noqa: C901 - one branch an action
        if action == "block":
            self._flush()
        elif action in ("struck", "raised", "ruby", "cell", "line"):
            self._close(action, self._sinks.pop(), node)
        elif action in ("quote", "label"):
            self._add("”" if action == "quote" else " " * (node.tail or "x")[0].isalnum())
        elif action == "pre":
            self._lines()
            self._pre -= 1
        elif action == "list":
            self._lists.pop()
        elif action == "item":
            self._marker, self._kind = "", ElementKind.PARAGRAPH
            if self._lists:
                self._lists[-1].current = ""
        elif action == "heading":
            level, self._level = self._level, 0
            self._flush(level)
        elif action == "row":
            self._sinks[-1].add("; ")
        elif action == "inner":
            self._open_tables.pop()
        elif action == "table":
            self._tabled()
        elif action.startswith("part ") and self._open_tables[-1] is not None:
            self._open_tables[-1].close(action[5:])

    def _close(self, action: str, sink: Sink, node: Any) -> None:
        if action == "cell" and sink.opening and self._open_tables and is_wide(node):
            self._next_note(sink)
            return
        text = sink.text()
        if not text:
            self._sinks[-1].add(" " * bool(sink.pieces))
        elif action == "struck":
            author = unquote(re.sub(r"^mailto:", "", node.get("cite") or "")) if node.tag == "del" else ""
            date = (node.get("datetime") or "")[:10] if node.tag == "del" else ""
            self._aside.struck.append(struck_out(text, "" if "/" in author else clean(author), clean(date)))
            self._sinks[-1].add(" ")
        elif action == "raised":
            self._raise(text, "".join(sink.pieces), node)
        elif action == "ruby":
            self._sinks[-1].add(f"({text})")
        elif action == "line":
            self._sinks[-1].add(text)
            self._flush()
        elif (table := self._open_tables[-1]) is not None and node.tag == "caption":
            table.caption.append(text)
            return
        if action == "cell" and node.tag != "caption" and self._open_tables and self._open_tables[-1] is not None:
            self._open_tables[-1].add(node, _ROW_ENDS.sub("; ", text).rstrip("; ") if "; " in f"{text} " else text)

    def _raise(self, text: str, raw: str, node: Any) -> None:
        """A raised run: an exponent, an ordinal, or the mark of a note that no link leads to."""
        sink = self._sinks[-1]
        if is_numerator(node, text):
            sink.add(f" {text}" if sink.tail[-1:].isdigit() else text)
            return
        if text in ("o", "O", "0") and _DEGREES.match(node.tail or ""):
            sink.add("°")
            return
        if len(text) > 16:
            sink.add(raw)
            return
        words = raised(" ".join(("", *sink.tail.split())) if sink.tail.endswith(" ") else sink.tail, text)
        if not sink.tail.strip() and sink.kind in ("block", "cell") and (found := _OPENING.fullmatch(text)):
            sink.opening = found[1]
        if found := _REFERS.search(words):
            self._aside.marks.append(found[1])
        sink.add(words if not sink.opening or sink.tail.strip() else f"{words} ")

    def _refer(self, note: Note) -> None:
        sink = self._sinks[-1]
        sink.add(raised(sink.tail, note.mark, note=True))
        if not note.placed and note is not self._note:
            self._aside.notes.append(note)

    def _break(self) -> None:
        if self._pre:
            self._sinks[-1].add("\n")
        elif self._broken and self._sinks[-1].kind == "block" and not self._level:
            self._flush()
        else:
            self._sinks[-1].add(" ")
            self._broken = bool(self._sinks[-1].tail.strip())

    def _item(self, node: Any, tag: str, style: dict[str, str]) -> str:
        marker = self._lists[-1].item(node, style) if tag == "li" and self._lists else ""
        if self._sinks[-1].kind != "block":
            self._sinks[-1].add(f" {marker} ")
            return "inline"
        self._marker = marker or self._marker
        self._kind = ElementKind.LIST_ITEM
        return "item"

    def _flush(self, level: int = 0) -> None:
        """Ends the block that is being read; inside a heading, cell or the like, its words go on."""
        sink = self._sinks[-1]
        self._broken = False
        if self._pre:
            if sink.tail[-1:] not in ("", "\n"):
                sink.add("\n")
            return
        if self._level or sink.kind != "block":
            if sink.tail[-1:] not in ("", " "):
                sink.add(" ")
            return
        text = sink.text()
        if not text:
            sink.pieces, sink.tail = [], ""
            self._settle()
            return
        self._sinks[-1] = Sink("block")
        kind = ElementKind.HEADING if level else self._kind
        if kind is ElementKind.PARAGRAPH and _is_bulleted(text):
            kind = ElementKind.LIST_ITEM
        self._kind = ElementKind.PARAGRAPH
        text = f"{self._marker} {text}" if self._marker else text
        self._marker = ""
        if sink.opening and not level and (words := without_mark(text, sink.opening)) != text and words:
            self._loose(sink.opening, words)
            return
        self._emit(Element(kind, text, level))

    def _emit(self, element: Element) -> None:
        """Puts an element down, and behind it what is struck out in it and the notes that it refers to."""
        aside, self._aside = self._aside, Aside()
        at = len(self.elements)
        self.elements.append(warned(element, aside))
        self.elements += aside.struck
        for mark in aside.marks:
            self._marked[mark] = at
        for note in aside.notes:
            assert isinstance(note, Note)
            self._give(note)

    def _settle(self) -> None:
        """Puts down struck-out words that stand in no sentence."""
        if self._aside.struck:
            aside, self._aside = self._aside, Aside(notes=self._aside.notes, marks=self._aside.marks)
            self.elements += [warned(element, aside) for element in aside.struck]

    def _loose(self, mark: str, words: str) -> None:
        """A note that no link leads to: behind the last element with its mark, else where it stands."""
        aside, self._aside = self._aside, Aside()
        note = warned(Element(ElementKind.NOTE, f"Note {mark}: {words}"), aside)
        at = self._marked.pop(mark, None)
        (self.elements if at is None else self._behind.setdefault(at, [])).extend((note, *aside.struck))

    def _give(self, note: Note) -> None:
        """The words of a note, once, as one element."""
        if note.placed:
            return
        note.placed = True
        kept = (self._sinks, self._lists, self._aside, self._note, self._open_tables, self._frames_open, self._level)
        state = (self._marker, self._kind, self._pre)
        self._sinks, self._lists, self._aside, self._note = [Sink("note")], [], Aside(), note
        self._open_tables, self._frames_open, self._level, self._pre = [], [], 0, 0
        self._walk(note.node)
        text, aside = without_mark(self._sinks[0].text(), note.mark), self._aside
        (self._sinks, self._lists, self._aside, self._note, self._open_tables, self._frames_open, self._level) = kept
        self._marker, self._kind, self._pre = state
        if text or aside.struck:
            self.elements.append(warned(Element(ElementKind.NOTE, f"Note {note.mark}: {text}".strip()), aside))
            self.elements += aside.struck
        for other in aside.notes:
            if isinstance(other, Note):
                self._give(other)

    def _tabled(self) -> None:
        """The end of a table: its caption, stray words, and rows; one row or column was only a frame."""
        stray = self._sinks.pop().text()
        table = self._open_tables.pop()
        assert table is not None
        aside, self._aside = self._aside, Aside()
        for words in (*table.caption, stray):
            if words:
                self._emit(Element(ElementKind.PARAGRAPH, words))
        text = table.text()
        if self._marker and text:
            self._emit(Element(ElementKind.LIST_ITEM, self._marker))
            self._marker = ""
        self._aside = aside
        if "\n" in text and " | " in text:
            self._emit(Element(ElementKind.TABLE, text))
        else:
            for line in filter(None, text.replace(" | ", " ").split("\n")):
                self._emit(Element(ElementKind.PARAGRAPH, line))
        for mark, words in table.notes:
            self._loose(mark, words)
        self._settle()

    def _lines(self) -> None:
        """Preformatted text is read as plain text is: its lines mean something."""
        from ingest.parsers import text

        sink, self._sinks[-1] = self._sinks[-1], Sink("block")
        for element in text.elements_of("".join(sink.pieces), headings=False):
            self._emit(element)

    def _framed(self, source: str) -> None:
        if source.strip() and self._frames < _FRAMES and self._sinks[-1].kind == "block":
            from ingest.parsers.html import tree_of

            self._flush()
            tree = tree_of(source)
            self.elements += Walk(tree, frames=self._frames + 1).page(tree)

    def _hide(self, node: Any) -> None:
        """Notes that words with figures are hidden which a reader might be expected to see."""
        if self._hidden or node.tag not in ("p", "td", "tr", "li", "span", "font") or node.get("hidden") is not None:
            return
        words = "".join(node.itertext())[:2_000].split()
        self._hidden = len(words) > 3 and any(map(str.isdecimal, "".join(words))) and words[-1].endswith(".")


def _spaced(text: str) -> str:
    """`text` with single spaces, those at its ends kept."""
    return " " * text[0].isspace() + " ".join(text.split()) + " " * text[-1].isspace()


def _level(node: Any, tag: str) -> int:
    if _HEADING.fullmatch(tag):
        return int(tag[1])
    if node.get("role") == "heading":
        given = node.get("aria-level") or "2"
        return min(6, max(1, int(given))) if given.isdecimal() else 2
    return 0


def is_numerator(node: Any, text: str) -> bool:
    """Whether a raised number is the upper part of a fraction: a stroke and another number follow."""
    after = (node.tail or "").strip()
    if not text.isdecimal() or after[:1] not in ("/", "⁄"):
        return False
    beside = node.getnext() if len(after) == 1 else None
    return after[1:2].isdigit() or (
        beside is not None
        and beside.tag in ("sub", "small", "span")
        and beside.text is not None
        and beside.text.strip().isdecimal()
    )


def _is_bulleted(text: str) -> bool:
    """Whether a line begins with a bullet."""
    return text[:1] in _BULLETS and text[1:2] == " "


def walked(tree: Any) -> tuple[tuple[Element, ...], tuple[FileWarning, ...]]:
    """What a reader sees, the words for readers without scripts only where there are no others; and warnings."""
    walk = Walk(tree)
    elements = walk.page(tree)
    return elements or Walk(tree, unscripted=True).page(tree), walk.warnings
