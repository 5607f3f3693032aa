"""One paragraph of an OpenDocument text: which of its words are seen, and what is mentioned in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingest.parsers.clean import clean
from ingest.parsers.docx.line import STRUCK, Change, Line, Mention
from ingest.parsers.docx.symbols import spelled
from ingest.parsers.odt.styles import DC, DRAW, OFFICE, TEXT, Styles, count


class Lines:
    """`unread`: what was met that has no words to read."""

    def __init__(self, text: Any, styles: Styles) -> None:
        self.unread: list[str] = []
        self._styles = styles
        self._changes = {region.get(f"{TEXT}id") or "": region for region in text.iter(f"{TEXT}changed-region")}
        self._readers: dict[str, Callable[[Any, Line, str], None]] = {
            f"{TEXT}s": lambda node, line, style: self._say(line, " " * min(count(node, f"{TEXT}c"), 9), style),
            f"{TEXT}tab": lambda node, line, style: self._say(line, " ", style),
            f"{TEXT}line-break": lambda node, line, style: self._say(line, " ", style),
            f"{TEXT}note": self._note,
            f"{TEXT}change": self._deletion,
            f"{TEXT}change-start": self._insertion,
            f"{TEXT}hidden-text": self._hide,
            f"{TEXT}number": self._skip,
            f"{TEXT}tracked-changes": self._skip,
            f"{TEXT}ruby-text": self._ruby,
            f"{OFFICE}annotation": lambda node, line, style: line.mentions.append(Mention("comment", node)),
            f"{DRAW}frame": self._box,
            f"{DRAW}custom-shape": self._box,
            f"{DRAW}rect": self._box,
            f"{DRAW}g": self._box,
        }

    def loose(self, node: Any) -> Line | None:
        """What stands between paragraphs, as a line without words; None for what is no part of one."""
        if node.tag not in self._readers:
            return None
        line = Line()
        self._readers[node.tag](node, line, "")
        return line

    def line(self, node: Any) -> Line:
        """The words of a paragraph or heading."""
        line = Line()
        style = node.get(f"{TEXT}style-name") or ""
        if any(part.get(f"{TEXT}is-hidden") == "true" for part in node.iterchildren(f"{TEXT}hidden-paragraph")):
            line.hidden = True
            return line
        self._walk(node, line, style)
        return line

    def _walk(self, node: Any, line: Line, style: str) -> None:
        self._say(line, node.text or "", style)
        for child in node:
            own = child.get(f"{TEXT}style-name") if child.tag in (f"{TEXT}span", f"{TEXT}a") else None
            reader = self._readers.get(child.tag, self._walk)
            reader(child, line, self._styles.inner(style, own) if own else style)
            self._say(line, child.tail or "", style)

    def _say(self, line: Line, text: str, style: str) -> None:
        marks = self._styles.marks(style)
        text, known = spelled(text, marks.font)
        line.strange = line.strange or (not known and not marks.hidden)
        if marks.hidden:
            line.hidden = line.hidden or bool(text.strip())
        elif marks.struck and text.strip():
            line.remove(text, STRUCK)
        else:
            line.add(" ".join(text.split("\n")), marks.raised)

    def _note(self, node: Any, line: Line, style: str) -> None:
        if self._styles.marks(style).hidden:
            return
        citation = node.find(f"{TEXT}note-citation")
        label = "*" if citation is None else clean("".join(citation.itertext())).strip("()[]") or "*"
        line.mark(label)
        line.mentions.append(Mention("note", node, label))

    def _deletion(self, node: Any, line: Line, style: str) -> None:
        region = self._changes.get(node.get(f"{TEXT}change-id") or "")
        deletion = None if region is None else region.find(f"{TEXT}deletion")
        if deletion is None:
            return
        words = " ".join("".join(part.itertext()) for part in deletion.iter(f"{TEXT}p", f"{TEXT}h"))
        line.remove(words, Change("deleted", *who(deletion.find(f"{OFFICE}change-info"))))

    def _insertion(self, node: Any, line: Line, style: str) -> None:
        region = self._changes.get(node.get(f"{TEXT}change-id") or "")
        line.changed = line.changed or (region is not None and region.find(f"{TEXT}insertion") is not None)

    def _ruby(self, node: Any, line: Line, style: str) -> None:
        self._say(line, f"({clean(''.join(node.itertext()))})", style)

    def _hide(self, node: Any, line: Line, style: str) -> None:
        if node.get(f"{TEXT}is-hidden") == "true":
            line.hidden = True
        else:
            self._walk(node, line, style)

    def _skip(self, node: Any, line: Line, style: str) -> None:
        """What is given elsewhere."""

    def _box(self, node: Any, line: Line, style: str) -> None:
        if next(node.iter(f"{DRAW}object", f"{DRAW}object-ole"), None) is not None:
            self.unread.append("an embedded object, formula or chart")
        elif next(node.iter(f"{TEXT}p", f"{TEXT}h"), None) is not None:
            line.mentions.append(Mention("box", node))


def who(info: Any | None) -> tuple[str, str]:
    """Author and date of a comment or change, "" where they are not said."""
    found = [None if info is None else info.find(f"{DC}{name}") for name in ("creator", "date")]
    author, date = ("" if node is None else node.text or "" for node in found)
    return author, date
