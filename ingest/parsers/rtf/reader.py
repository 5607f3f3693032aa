"""The walk through an RTF file's tokens: which of its words are seen, and where they go."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ingest.errors import DamagedFile
from ingest.parsers.asides import STRUCK, Change
from ingest.parsers.clean import sensible_title
from ingest.parsers.docx import symbols
from ingest.parsers.rtf import head
from ingest.parsers.rtf.body import Body
from ingest.parsers.rtf.controls import FORMAT, SKIPPED, STARRED, TABULAR, WORDS, State
from ingest.types import Element, FileWarning, WarningKind

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_UTF8 = re.compile(rb"(?:[\x00-\x7f]|[\xc2\xc3][\x80-\xbf]|\xe2[\x80-\x84][\x80-\xbf])+")
_SIGN = re.compile(
    r"\s*SYMBOL\s+(0x[0-9a-fA-F]{1,4}|\d{1,5})\b.{0,80}?\\f\s*(?:\"([^\"]{1,60})\"|([\w-]{1,60}))", re.DOTALL
)
_DEEPEST = 500


def read(data: bytes) -> tuple[tuple[Element, ...], str, tuple[FileWarning, ...]]:
    """Elements, the title in the file's properties or "", and warnings about no element."""
    reader = _Reader(head.fonts(data), symbols=head.symbol_fonts(data), authors=head.authors(data))
    reader.run(data)
    reader.end_paragraph()
    reader.body.end_table()
    warnings = []
    if reader.hid:
        warnings.append(
            FileWarning(WarningKind.HIDDEN_TEXT, "The file holds hidden text, which was left out. Show it in Word.")
        )
    if reader.objects:
        warnings.append(
            FileWarning(WarningKind.UNREAD_PART, "An embedded object in the file was not read. Send it on its own.")
        )
    return tuple(reader.body.elements), reader.title, tuple(warnings)


def html_of(data: bytes) -> str | None:
    """The page that an RTF text was made of by Outlook (MS-OXRTFEX); None if it was not made of one."""
    if b"\\fromhtml1" not in data[:2048]:
        return None
    reader = _Reader(head.fonts(data), encapsulated=True)
    reader.run(data)
    return "".join(reader.html)


@dataclass(slots=True)
class _Reader:
    fonts: dict[int, str]
    encapsulated: bool = False
    symbols: dict[int, str] = field(default_factory=dict)
    authors: tuple[str, ...] = ()
    codepage: str = "cp1252"
    title: str = ""
    hid: bool = False
    objects: bool = False
    html: list[str] = field(default_factory=list)
    body: Body = field(default_factory=Body)
    _author: str = ""
    _field: str = ""
    _box: list[int] = field(default_factory=lambda: [25, 0])  # the state of a form's tick box and the one to begin with
    _note: str = ""
    _state: State = field(default_factory=State)
    _bytes: bytearray = field(default_factory=bytearray)

    def run(self, data: bytes) -> None:  # noqa: C901, PLR0912  the kinds of token, one after the other
        stack: list[State] = []
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
        if name in FORMAT:
            self._state = replace(state, **FORMAT[name](value))
        elif name in ("footnote", "annotation"):
            self._begin_note("note" if name == "footnote" else "comment")
        elif name in SKIPPED or (starred and name not in STARRED):
            self.objects = self.objects or name == "object"
            self._state = replace(state, skip=True)
        elif name == "ansicpg" and value:
            self.codepage = "utf-8" if value == 65001 else f"cp{value}"
        elif name == "mac":
            self.codepage = "mac_roman"
        elif name in TABULAR:
            self.body.tabular(name)
        elif name in ("ffres", "ffdefres"):
            self._box[name == "ffdefres"] = value or 0
        elif name in WORDS:
            self._break(WORDS[name])

    def _begin_note(self, kind: str) -> None:
        self.body.settle()
        self._note = ""
        state = self._state
        self._state = replace(State(uc=state.uc, font=state.font), into=kind, hidden=state.hidden)
        if kind == "note":
            self.body.mark()

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
            by = self.authors[state.by] if 0 < state.by < len(self.authors) else ""
            self.body.take_out(words, Change("deleted", by) if state.deleted else STRUCK)
        elif state.raised:
            self.body.add_raised(words)
        else:
            self.body.add(words, state.inserted)

    def _close(self, before: State) -> None:
        ended, self._state = self._state, before
        if ended.into == before.into:
            return
        if ended.into == "note":
            self.body.note(self._note)
        elif ended.into == "comment":
            self.body.comment(self._note, self._author)
            self._author = ""
        elif ended.into == "field":
            self._put(self._drawn())
            self._field, self._box = "", [25, 0]
        elif ended.into == "title":
            self.title = sensible_title(self.title)

    def end_paragraph(self) -> None:
        self.body.end_paragraph(self._state)

    def _drawn(self) -> str:
        """The sign or tick box that the field just ended stands for, "" for any other field."""
        if found := _SIGN.match(self._field):
            return symbols.sign(found[2] or found[3], int(found[1], 0))[0]
        if self._field.strip().startswith("FORMCHECKBOX"):
            return "☒" if self._box[self._box[0] > 1] == 1 else "☐"
        return ""
