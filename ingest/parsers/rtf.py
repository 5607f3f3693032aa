"""Rich Text (RTF 1.9): a reader of its own, as hidden, struck-out, raised and noted words have to be told apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.errors import DamagedFile
from ingest.parsers import rtf_tables
from ingest.parsers.clean import clean, rows_to_text, sensible_title, stem
from ingest.parsers.docx import symbols
from ingest.parsers.raised import raised
from ingest.types import Element, ElementKind, FileWarning, ParsedFile, WarningKind

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_SKIPPED = {
    "fonttbl", "colortbl", "stylesheet", "listtable", "listoverridetable", "revtbl", "rsidtbl", "generator", "pict",
    "object", "themedata", "colorschememapping", "datastore", "latentstyles", "xmlnstbl", "mmathPr",
    "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "bkmkstart", "bkmkend",
    "pntxta", "pntxtb", "filetbl", "listname", "userprops", "wgrffmtfilter", "info", "nonshppict", "private",
    "sp", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "template", "passwordhash", "atnref", "atrfstart", "atrfend",
}  # fmt: skip
_WORDS = {
    "par": "\n", "sect": "\n", "page": "\n", "line": " ", "tab": " ", "emdash": "—", "endash": "–", "bullet": "•",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_UTF8 = re.compile(rb"(?:[\x00-\x7f]|[\xc2\xc3][\x80-\xbf]|\xe2[\x80-\x84][\x80-\xbf])+")
_SIGN = re.compile(
    r"\s*SYMBOL\s+(0x[0-9a-fA-F]{1,4}|\d{1,5})\b.{0,80}?\\f\s*(?:\"([^\"]{1,60})\"|([\w-]{1,60}))", re.DOTALL
)
_TABULAR = frozenset(("cell", "nestcell", "row", "nestrow", "trowd", "clvmrg", "cellx"))
_DEEPEST = 500
_STARRED = (
    "atnauthor",
    "fldinst",
    "shppict",
    "shpinst",
    "shptxt",
    "pntext",
    "listtext",
)  # that are read though old readers may skip them
_PLAIN = {"hidden": False, "struck": False, "inserted": False, "deleted": False, "raised": False, "font": -1}


def _switch(name: str) -> Callable[[int | None], dict[str, Any]]:
    return lambda value: {name: value != 0}


_FORMAT: dict[str, Callable[[int | None], dict[str, Any]]] = {
    "htmltag": lambda _: {"tag": True, "html_off": False},
    "htmlrtf": _switch("html_off"),
    "title": lambda _: {"into": "title", "skip": False},
    "info": lambda _: {"into": "info"},
    "result": lambda _: {"skip": False},
    "fldinst": lambda _: {"into": "field", "skip": True},
    "atnauthor": lambda _: {"into": "author", "skip": False},
    "revauthdel": lambda value: {"by": value or 0},
    "fldrslt": lambda _: {"skip": False},
    "plain": lambda _: _PLAIN,
    "pard": lambda _: {"level": 0, "list_item": False, "in_table": False},
    "f": lambda value: {"font": -1 if value is None else value},
    "uc": lambda value: {"uc": max(0, min(1 if value is None else value, 8))},
    "v": _switch("hidden"),
    "strike": _switch("struck"),
    "striked": _switch("struck"),
    "revised": _switch("inserted"),
    "deleted": _switch("deleted"),
    "super": _switch("raised"),
    "up": lambda value: {"raised": (value or 0) > 0},
    "nosupersub": lambda _: {"raised": False},
    "sub": lambda _: {"raised": False},
    "outlinelevel": lambda value: {"level": min(6, value + 1) if value is not None and 0 <= value < 9 else 0},
    "listtext": lambda _: {"skip": False},
    "pntext": lambda _: {"skip": False},
    "ls": _switch("list_item"),
    "intbl": lambda _: {"in_table": True},
}


class RtfParser:
    media_types = frozenset({"application/rtf"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile`."""
        elements, title, warnings = read(data)
        return ParsedFile(title or stem(name), "application/rtf", elements, warnings=warnings)


def read(data: bytes) -> tuple[tuple[Element, ...], str, tuple[FileWarning, ...]]:
    """Elements, the title in the file's properties or "", and warnings about no element."""
    reader = _Reader(rtf_tables.fonts(data), symbols=rtf_tables.symbol_fonts(data), authors=rtf_tables.authors(data))
    reader.run(data)
    reader.end_paragraph()
    reader.end_table()
    warnings = []
    if reader.hid:
        warnings.append(
            FileWarning(WarningKind.HIDDEN_TEXT, "The file holds hidden text, which was left out. Show it in Word.")
        )
    if reader.objects:
        warnings.append(
            FileWarning(WarningKind.UNREAD_PART, "An embedded object in the file was not read. Send it on its own.")
        )
    return tuple(reader.elements), reader.title, tuple(warnings)


def html_of(data: bytes) -> str | None:
    """The page that an RTF text was made of by Outlook (MS-OXRTFEX); None if it was not made of one."""
    if b"\\fromhtml1" not in data[:2048]:
        return None
    reader = _Reader(rtf_tables.fonts(data), encapsulated=True)
    reader.run(data)
    return "".join(reader.html)


@dataclass(frozen=True, slots=True)
class _State:
    skip: bool = False
    hidden: bool = False
    struck: bool = False
    inserted: bool = False
    deleted: bool = False
    raised: bool = False
    font: int = -1
    uc: int = 1
    into: str = ""  # "", "note", "comment", "title", "field", "author"
    level: int = 0
    list_item: bool = False
    in_table: bool = False
    html_off: bool = False
    tag: bool = False
    by: int = 0  # who deleted it, in the table of authors


@dataclass(slots=True)
class _Reader:
    fonts: dict[int, str]
    encapsulated: bool = False
    symbols: dict[int, str] = field(default_factory=dict)
    authors: tuple[str, ...] = ()
    codepage: str = "cp1252"
    elements: list[Element] = field(default_factory=list)
    title: str = ""
    hid: bool = False
    objects: bool = False
    html: list[str] = field(default_factory=list)
    _text: str = ""
    _raised: str = ""
    _revised: list[tuple[str, str]] = field(default_factory=list)  # kind, words
    _notes: list[tuple[int, str]] = field(default_factory=list)
    _comments: list[tuple[str, str]] = field(default_factory=list)  # author, words
    _author: str = ""
    _field: str = ""
    _box: list[int] = field(default_factory=lambda: [25, 0])  # the state of a form's tick box and the one to begin with
    _note: str = ""
    _count: int = 0
    _gap: bool = True  # between two struck-out pieces
    _inserted: bool = False
    _state: _State = field(default_factory=_State)
    _cells: list[str] = field(default_factory=list)
    _spans: list[bool] = field(default_factory=list)  # for each column of the row, whether it goes on from above
    _goes_on: bool = False
    _rows: list[list[str]] = field(default_factory=list)
    _after: list[Element] = field(default_factory=list)
    _bytes: bytearray = field(default_factory=bytearray)

    def run(self, data: bytes) -> None:  # noqa: C901, PLR0912  the kinds of token, one after the other
        stack: list[_State] = []
        skip, at = 0, 0
        starred = False
        while at < len(data):
            token = _TOKEN.match(data, at)
            if token is None:
                at += 1
                continue
            at = token.end()
            word, number, byte, symbol, brace, plain = token.groups()
            if byte is None:
                self._flush()
            if brace == b"{":
                if len(stack) >= _DEEPEST:
                    raise DamagedFile("The file has groups in groups without end. Open it in Word and save it again.")
                stack.append(self._state)
                skip = 0
            elif brace == b"}":
                if not stack:
                    break
                self._close(stack.pop())
                skip = 0
            elif word is not None:
                name, value = word.decode(), int(number) if number else None
                if name == "bin":
                    at += max(0, value or 0)
                elif name == "u" and value is not None:
                    self._put(self._sign(value % 0x10000))
                    skip = self._state.uc
                else:
                    self._control(name, value, starred)
                starred = False
            elif byte is not None:
                if skip:
                    skip -= 1
                else:
                    self._bytes += bytes.fromhex(byte.decode())
            elif symbol is not None:
                starred = symbol == b"*"
                self._symbol(symbol)
            elif plain:
                drop = min(skip, len(plain))
                skip -= drop
                self._bytes += plain[drop:]
                self._flush()
        self._flush()

    def _flush(self) -> None:
        """Bytes in the font's code page; a character may take two of them."""
        if self._bytes and self._state.font in self.symbols:
            words, _ = symbols.spelled(self._bytes.decode("latin-1"), self.symbols[self._state.font])
            self._bytes.clear()
            self._put(words)
        elif self._bytes:
            encoding = self.fonts.get(self._state.font) or self.codepage
            if encoding == "cp1252" and _UTF8.fullmatch(self._bytes):
                encoding = "utf-8"  # some programs write it without saying so
            try:
                words = self._bytes.decode(encoding, "replace")
            except LookupError:
                words = self._bytes.decode("cp1252", "replace")
            self._bytes.clear()
            self._put(words)

    def _sign(self, code: int) -> str:
        """A character by its number; those of sign fonts lie in Unicode's private use area."""
        font = self.symbols.get(self._state.font, "")
        return symbols.sign(font, code)[0] if font and 0xF020 <= code <= 0xF0FF else chr(code)

    def _symbol(self, symbol: bytes) -> None:
        if symbol in b"\\{}":
            self._put(symbol.decode())
        elif symbol == b"~":
            self._put(" ")
        elif symbol == b"_":
            self._put("-")
        elif symbol in b"\r\n":
            self.end_paragraph()

    def _control(self, name: str, value: int | None, starred: bool) -> None:
        state = self._state
        if name in _FORMAT:
            self._state = replace(state, **_FORMAT[name](value))
        elif name in ("footnote", "annotation"):
            self._begin_note("note" if name == "footnote" else "comment")
        elif name in _SKIPPED or (starred and name not in _STARRED):
            self.objects = self.objects or name == "object"
            self._state = replace(state, skip=True)
        elif name == "ansicpg" and value:
            self.codepage = "utf-8" if value == 65001 else f"cp{value}"
        elif name == "mac":
            self.codepage = "mac_roman"
        elif name in _TABULAR:
            self._tabular(name)
        elif name in ("ffres", "ffdefres"):
            self._box[name == "ffdefres"] = value or 0
        elif name in _WORDS:
            self._break(_WORDS[name])

    def _tabular(self, name: str) -> None:
        if name in ("cell", "nestcell"):
            self._end_cell()
        elif name in ("row", "nestrow"):
            self._end_row()
        elif name == "trowd":
            self._spans, self._goes_on = [], False
        elif name == "clvmrg":
            self._goes_on = True
        else:
            self._spans.append(self._goes_on)
            self._goes_on = False

    def _begin_note(self, kind: str) -> None:
        self._settle()
        self._note = ""
        state = self._state
        self._state = replace(_State(uc=state.uc, font=state.font), into=kind, hidden=state.hidden)
        if kind == "note":
            self._count += 1
            if not re.search(r"\(note \d+\)$", self._text):
                self._text = self._text.rstrip() + f" (note {self._count})"

    def _break(self, words: str) -> None:
        if self.encapsulated:
            self._put("\n" if words == "\n" else words)
        elif words != "\n":
            self._put(words)
        elif self._state.skip:
            return
        elif self._state.into or self._state.in_table:
            self._put(" ")
        else:
            self.end_paragraph()

    def _put(self, words: str) -> None:
        state = self._state
        if self.encapsulated:
            if not state.html_off and (state.tag or not state.skip):
                self.html.append(words)
            return
        self._field += words[: max(0, 200 - len(self._field))] if state.into == "field" else ""
        if state.skip or not words or state.into == "info":
            return
        if state.into in ("title", "author"):
            self.title += words if state.into == "title" else ""
            self._author += words if state.into == "author" else ""
        elif state.hidden:
            self.hid = self.hid or bool(words.strip())
        elif state.into in ("note", "comment"):
            self._note += words
        elif state.struck or state.deleted:
            self._take_out(words)
        elif state.raised:
            self._raised += words
        else:
            self._settle()
            self._inserted = self._inserted or (state.inserted and bool(words.strip()))
            self._gap = True
            self._text += words

    def _take_out(self, words: str) -> None:
        """Struck-out or deleted words, joined to those right before them."""
        state = self._state
        by = self.authors[state.by] if 0 < state.by < len(self.authors) else ""
        kind = f"deleted{f' by {by}' if by else ''}" if state.deleted else "struck out"
        if self._revised and self._revised[-1][0] == kind and not self._gap:
            self._revised[-1] = (kind, self._revised[-1][1] + words)
        else:
            self._revised.append((kind, words))
        self._gap = False

    def _settle(self) -> None:
        """Raised characters, now that they are all there, as plain text."""
        if self._raised:
            self._text += raised(self._text, self._raised)
            self._raised = ""

    def _close(self, before: _State) -> None:
        ended, self._state = self._state, before
        if ended.into == before.into:
            return
        words = clean(self._note)
        if ended.into == "note" and words:
            self._notes.append((self._count, words))
        elif ended.into == "comment" and words:
            self._comments.append((clean(self._author), words))
            self._author = ""
        elif ended.into == "field":
            self._put(self._drawn())
            self._field, self._box = "", [25, 0]
        elif ended.into == "title":
            self.title = sensible_title(self.title)

    def _drawn(self) -> str:
        """The sign or tick box that the field just ended stands for, "" for any other field."""
        if found := _SIGN.match(self._field):
            return symbols.sign(found[2] or found[3], int(found[1], 0))[0]
        if self._field.strip().startswith("FORMCHECKBOX"):
            return "☒" if self._box[self._box[0] > 1] == 1 else "☐"
        return ""

    def _end_cell(self) -> None:
        self._settle()
        self._cells.append(self._taken())

    def _end_row(self) -> None:
        if self._cells:
            above = self._rows[-1] if self._rows else []
            for at, goes_on in enumerate(self._spans[: min(len(self._cells), len(above))]):
                self._cells[at] = self._cells[at] or (above[at] if goes_on else "")
            self._rows.append(self._cells)
            self._cells = []

    def _taken(self) -> str:
        """The words of a paragraph or cell; what hangs on it waits."""
        self._settle()
        words, self._text = clean(self._text), ""
        self._after += _hanging(self._revised, self._notes, self._comments)
        self._revised, self._notes, self._comments = [], [], []
        return words

    def end_table(self) -> None:
        self._end_row()
        if not self._rows:
            return
        text = rows_to_text(self._rows)
        self._rows = []
        if text:
            self._emit(ElementKind.TABLE if "\n" in text or " | " in text else ElementKind.PARAGRAPH, text, 0)

    def end_paragraph(self) -> None:
        if not self._state.in_table:
            waiting, self._cells = self._cells, []
            if waiting:
                self._rows.append(waiting)
            if self._rows:
                held = self._revised, self._notes, self._comments
                self._revised, self._notes, self._comments = [], [], []
                self.end_table()
                self._revised, self._notes, self._comments = held
        state = self._state
        words = self._taken()
        kind = ElementKind.PARAGRAPH
        if state.level and len(words) <= 200:
            kind = ElementKind.HEADING
        elif state.list_item:
            kind = ElementKind.LIST_ITEM
        self._emit(kind, words, state.level if kind is ElementKind.HEADING else 0)

    def _emit(self, kind: ElementKind, words: str, level: int) -> None:
        after, self._after = self._after, []
        redlined = self._inserted or any(one.kind is ElementKind.REVISION for one in after)
        self._inserted = False
        warning = FileWarning(
            WarningKind.REDLINE, "Words of this passage are struck out or changed; see which of them hold."
        )
        if words:
            self.elements.append(Element(kind, words, level, warnings=(warning,) if redlined else ()))
        elif redlined and after:
            after[0] = replace(after[0], warnings=(warning,))
        self.elements += after


def _hanging(
    revised: list[tuple[str, str]], notes: list[tuple[int, str]], comments: list[tuple[str, str]]
) -> Iterator[Element]:
    for number, words in notes:
        yield Element(ElementKind.NOTE, f"Note {number}: {words}")
    for kind, words in revised:
        if text := clean(words):
            author = kind.partition(" by ")[2]
            yield Element(ElementKind.REVISION, f"[{kind}: {text}]", author=author)
    for author, words in comments:
        yield Element(ElementKind.COMMENT, f"[comment{f' by {author}' if author else ''}: {words}]", author=author)
