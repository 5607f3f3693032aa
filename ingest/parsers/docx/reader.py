"""Runs to words: what a reader sees of a paragraph, and what was changed, hidden or hangs on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingest.parsers.docx import math
from ingest.parsers.docx.drawings import contents
from ingest.parsers.docx.fields import Field, Fields, without_result
from ingest.parsers.docx.line import STRUCK, Change, Line, Mention
from ingest.parsers.docx.notes import Notes
from ingest.parsers.docx.package import Package
from ingest.parsers.docx.styles import PLAIN, Marks, Styles, is_shaded
from ingest.parsers.docx.symbols import sign, spelled
from ingest.parsers.docx.table_styles import TableStyles
from ingest.parsers.docx.xml import MC, W14, M, W, chosen, switch, value

OUT = {f"{W}del": "deleted", f"{W}moveFrom": "moved elsewhere"}
IN = frozenset((f"{W}ins", f"{W}moveTo"))
_SKIPPED = frozenset(f"{W}{name}" for name in (
    "pPr rPr sdtPr sdtEndPr smartTagPr customXmlPr fldData rubyPr tblPr tblGrid trPr tcPr sectPr tblPrEx "
    "softHyphen footnoteRef endnoteRef annotationRef".split()
))  # fmt: skip
_DRAWN = frozenset((f"{W}drawing", f"{W}pict", f"{W}object"))
_BLANKS = frozenset((f"{W}tab", f"{W}br", f"{W}cr", f"{W}ptab", f"{W}noBreakHyphen"))
_REFERENCES = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
_GROUNDS = {f"{W}tc": f"{W}tcPr", f"{W}tr": f"{W}tblPrEx", f"{W}tbl": f"{W}tblPr"}  # what may have a ground of its own
_LONGEST_MARK = 6

_Reading = Callable[[Any, Line, Change | None, Marks], None]


def change_of(node: Any) -> Change | None:
    """The tracked change that takes a node's words out, or None."""
    what = OUT.get(node.tag)
    return None if what is None else Change(what, node.get(f"{W}author", ""), node.get(f"{W}date", ""))


class RunReader:
    """Reads the runs of one document in order: fields go on from one paragraph to the next."""

    def __init__(self, package: Package, styles: Styles, notes: Notes) -> None:
        self._package = package
        self._styles = styles
        self._notes = notes
        self._fields = Fields()
        self._tables = TableStyles(styles)
        self._style = ""
        self._tabled: tuple[Any, ...] = ()  # what the style of the table around the paragraph says of its runs
        self._on_paper = False  # on white: in no table or box, without a ground or a picture behind
        self._drawn = package.body.getparent().find(f"{W}background") is not None or any(
            True for _ in package.body.iter(*_DRAWN)
        )
        self._custom: str | None = None  # a note's own mark, while it is read
        self._pending = ("", "")
        self.unread: list[str] = []
        self._readers: dict[str, _Reading] = {
            **dict.fromkeys(_SKIPPED, self._skip),
            **dict.fromkeys(OUT, self._taken_out),
            **dict.fromkeys(IN, self._put_in),
            **dict.fromkeys((f"{W}t", f"{W}delText", f"{M}t"), self._text),
            **dict.fromkeys(_BLANKS, self._blank),
            **dict.fromkeys((f"{W}instrText", f"{W}delInstrText"), self._instruction),
            **dict.fromkeys((f"{M}oMath", f"{M}oMathPara"), self._formula),
            **dict.fromkeys(_REFERENCES, self._reference),
            **dict.fromkeys((f"{W}commentReference", f"{W}commentRangeEnd"), self._comment),
            **dict.fromkeys(_DRAWN, self._drawing),
            f"{W}r": self._run,
            f"{W}sdt": self._control,
            f"{MC}AlternateContent": self._alternatives,
            f"{W}fldSimple": self._simple,
            f"{W}fldChar": self._field,
            f"{W}sym": self._symbol,
            f"{W}ruby": self._ruby,
            f"{W}subDoc": self._elsewhere,
            f"{W}lastRenderedPageBreak": self._page,
        }

    def hides(self, row: Any) -> bool:
        """Whether the style of its table hides a row."""
        return self._tables.hides(row)

    def expect(self, root: Any) -> None:
        self._fields.expect(root)

    def read(self, paragraph: Any, line: Line, change: Change | None = None) -> None:
        """Adds what stands in a paragraph to `line`; with `change`, as words that this took out."""
        self._style = self._styles.of(paragraph)
        self._tabled = self._tables.marks(paragraph)
        self._on_paper = not self._drawn and not self._has_ground(paragraph)
        self._custom = None
        self._walk(paragraph, line, change, PLAIN)
        self._close_custom(line)

    def _has_ground(self, paragraph: Any) -> bool:
        if any(map(is_shaded, self._styles.paragraph(paragraph))):
            return True
        for holder in paragraph.iterancestors(*_GROUNDS, f"{W}txbxContent"):
            if holder.tag == f"{W}txbxContent":
                return True
            marks = holder.find(_GROUNDS[holder.tag])
            if marks is not None and (is_shaded(marks) or self._styles.shades(value(marks, "tblStyle") or "")):
                return True
        return False

    def _walk(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        for child in node:
            self._readers.get(child.tag, self._walk)(child, line, change, marks)

    def _run(self, run: Any, line: Line, change: Change | None, marks: Marks) -> None:
        if (self._custom or "").strip():
            self._close_custom(line)
        self._walk(run, line, change, self._styles.run(run.find(f"{W}rPr"), self._style, self._tabled))

    def _taken_out(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        self._walk(node, line, change or change_of(node), marks)

    def _put_in(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        line.changed = line.changed or any((part.text or "").strip() for part in node.iter(f"{W}t", f"{M}t"))
        self._walk(node, line, change, marks)

    def _alternatives(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        branch = chosen(node)
        if branch is not None:
            self._walk(branch, line, change, marks)

    def _text(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        text, known = spelled(node.text or "", marks.font)
        line.strange = line.strange or (not known and not marks.hidden)
        gone = Change("deleted") if node.tag == f"{W}delText" else None
        self._say(line, text, marks, change or gone)

    def _symbol(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        text, known = sign(node.get(f"{W}font") or marks.font, _code(node.get(f"{W}char")))
        line.strange = line.strange or (not known and not marks.hidden)
        self._say(line, text, marks, change)

    def _blank(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        if node.get(f"{W}type") == "page":
            self._notes.end_page()
        self._say(line, "-" if node.tag == f"{W}noBreakHyphen" else " ", marks, change)

    def _instruction(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        self._fields.instruct(node.text or "")

    def _field(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        ended = self._fields.turn(node)
        if ended is not None:
            self._result(line, *without_result(ended), marks, change)

    def _comment(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        line.mentions.append(Mention("comment", node.get(f"{W}id", "")))

    def _page(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        self._notes.end_page()

    def _elsewhere(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        self.unread.append("a part that is kept in another file")

    def _formula(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        self._say(line, self._linear(node, line), marks, change)

    def _skip(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        """A property, or a sign of which the words are given elsewhere."""

    def _say(self, line: Line, text: str, marks: Marks, change: Change | None) -> None:
        if not text or self._fields.instructing:
            return
        if marks.hidden or marks.tiny or marks.covered or (marks.white and self._on_paper and not marks.ground):
            line.hidden = line.hidden or bool(text.strip())
        elif self._custom is not None and change is None:
            self._custom += text
            if len(self._custom) > _LONGEST_MARK:
                self._close_custom(line)
        elif change is not None:
            line.remove(text, change)
        elif marks.struck and text.strip():
            line.remove(text, STRUCK)
        elif marks.raised and self._fields.names_note and text.strip():
            line.mark(text.strip())
        else:
            line.add(text, marks.raised)

    def _result(self, line: Line, text: str, sure: bool, marks: Marks, change: Change | None) -> None:
        line.doubtful = line.doubtful or (not sure and not marks.hidden)
        self._say(line, text, marks, change)

    def _simple(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        self._walk(node, line, change, marks)
        if node.find(f".//{W}t") is None and not self._fields.instructing:
            self._result(line, *without_result(Field(node.get(f"{W}instr", ""))), marks, change)

    def _control(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        """A content control; a check box is its state, whatever sign is drawn for it."""
        box = node.find(f"{W}sdtPr/{W14}checkbox")
        if box is None:
            self._walk(node, line, change, marks)
            return
        first = node.find(f"{W}sdtContent//{W}r")
        looks = PLAIN if first is None else self._styles.run(first.find(f"{W}rPr"), self._style, self._tabled)
        inner = next((found for part in node.iter(*OUT) if (found := change_of(part))), None)
        self._say(line, ticked(box), looks, change or inner)

    def _reference(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        kind, name = _REFERENCES[node.tag], node.get(f"{W}id", "")
        if marks.hidden or self._fields.instructing or not self._notes.has(kind, name):
            return
        out = change or (STRUCK if marks.struck else None)
        if out is not None:
            note = self._notes.take(kind, name)
            if note is not None:
                line.mentions.append(Mention("note", note, "", out))
        elif node.get(f"{W}customMarkFollows") in ("1", "true", "on"):
            self._custom, self._pending = "", (kind, name)
        else:
            label, known = self._notes.number(kind)
            line.doubtful = line.doubtful or not known
            self._note(line, kind, name, label)

    def _close_custom(self, line: Line) -> None:
        if self._custom is None:
            return
        mark, self._custom = self._custom.strip(), None
        if len(mark) <= _LONGEST_MARK:
            self._note(line, *self._pending, mark.strip("()[]") or "*")
        else:
            self._note(line, *self._pending, "*")
            line.add(mark)

    def _note(self, line: Line, kind: str, name: str, label: str) -> None:
        line.mark(label)
        note = self._notes.take(kind, name)
        if note is not None:
            line.mentions.append(Mention("note", note, label))

    def _drawing(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        for found in contents(node, self._package):
            if marks.hidden:
                line.hidden = True
            elif found.unread:
                self.unread.append(found.unread)
            else:
                line.mentions.append(Mention("box", found.text if found.box is None else found.box, "", change))

    def _ruby(self, node: Any, line: Line, change: Change | None, marks: Marks) -> None:
        for part in node.iterchildren(f"{W}rubyBase"):
            self._walk(part, line, change, marks)
        above = Line()
        for part in node.iterchildren(f"{W}rt"):
            self._walk(part, above, None, marks)
        if text := above.text():
            self._say(line, f"({text})", marks, change)

    def _linear(self, node: Any, line: Line) -> str:
        def run(part: Any) -> str:
            held = Line()
            self._walk(part, held, None, self._styles.run(part.find(f"{W}rPr"), self._style, self._tabled))
            line.hidden, line.strange = line.hidden or held.hidden, line.strange or held.strange
            line.removed += held.removed
            line.mentions += held.mentions
            held.settle()
            return "".join(held.parts)

        for part in node.iter(*OUT):
            line.remove(
                "".join(t.text or "" for t in part.iter(f"{M}t", f"{W}t", f"{W}delText")), change_of(part) or STRUCK
            )
        line.changed = line.changed or next(node.iter(*IN), None) is not None
        return math.linear(node, run)


def ticked(box: Any) -> str:
    found = box.find(f"{W14}checked")
    return "☒" if found is not None and found.get(f"{W14}val", "1") in ("1", "true", "on") else "☐"


def mark_change(paragraph: Any) -> Change | None:
    """The change that took out a paragraph's end: it runs on in the next one."""
    for tag in OUT:
        found = paragraph.find(f"{W}pPr/{W}rPr/{tag}")
        if found is not None:
            return change_of(found)
    return None


def drops_cap(paragraph: Any) -> bool:
    """Whether a paragraph is but the large first letter of the next one."""
    frame = paragraph.find(f"{W}pPr/{W}framePr")
    return frame is not None and frame.get(f"{W}dropCap", "none") != "none"


def end_is_hidden(paragraph: Any) -> bool:
    return bool(switch(paragraph.find(f"{W}pPr/{W}rPr"), "vanish"))


def _code(text: str | None) -> int:
    try:
        return int(text or "", 16) & 0x1FFFFF
    except ValueError:
        return 0
