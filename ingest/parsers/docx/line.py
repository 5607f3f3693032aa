"""One paragraph while it is read: its words, and what stands at it without belonging to its sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ingest.parsers.clean import clean
from ingest.parsers.raised import raised
from ingest.types import Element, ElementKind, FileWarning, WarningKind

_TAIL = 64  # characters that say what a raised sign follows
_SHIFTED = re.compile(r"[\d*†‡§¶#,+\-−()\[\]]{1,5}|st|nd|rd|th|[a-z]", re.IGNORECASE)
_SLASHES = ("/", "\u2044", "\u2215")
_BELOW = re.compile(r"[/\u2044\u2215]\d{1,3}(?![\d.,]*\d)")
_REDLINE = (
    "This passage has tracked changes or struck-out words, which are not part of its text; "
    "compare it with the version that was agreed."
)
_HIDDEN = "This passage has hidden text, which was left out; open it in Word and show hidden or white text to see it."
_SIGNS = "This passage has signs of a symbol font that are not known; look them up in the original."
_NUMBERS = "A number before or in this passage could not be worked out as Word prints it; check it in the original."


@dataclass(frozen=True, slots=True)
class Change:
    """Why words are out: "struck out", "deleted", "moved elsewhere"; by whom and when, as the file has it."""

    what: str
    author: str = ""
    date: str = ""

    def element(self, text: str) -> Element:
        said = f"[{signed(self.what, self.author, self.date)}: {clean(text)}]"
        return Element(ElementKind.REVISION, said, author=self.author, date=self.date)


STRUCK = Change("struck out")


def signed(what: str, author: str, date: str) -> str:
    by = f" by {clean(author)}" if clean(author) else ""
    return f"{what}{by} on {date[:10]}" if re.match(r"\d{4}-\d\d-\d\d", date) else f"{what}{by}"


@dataclass(frozen=True, slots=True)
class Mention:
    """A note, comment or text box met in a line: `kind` "note", "comment" or "box"; `label`: a note's number."""

    kind: str
    node: Any
    label: str = ""
    change: Change | None = None


@dataclass(slots=True)
class Line:
    parts: list[str] = field(default_factory=list)
    removed: list[tuple[Change, list[str]]] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    changed: bool = False
    hidden: bool = False
    strange: bool = False  # a sign that is not known
    doubtful: bool = False  # a number that Word would work out
    _tail: str = ""
    _worded: bool = False
    _raised: str = ""
    _shifted: bool = False
    _slash: str = ""  # after raised digits
    _removed_at: int = -1

    def add(self, text: str, how: str = "") -> None:
        """Visible words; `how` they are raised: "", "script" or "position"."""
        if not text:
            return
        if how:
            if self._slash:
                self.settle()
            self._raised += text
            self._shifted = how == "position"
            if len(self._raised) > _TAIL:
                self.settle()
            return
        if self._fraction(text):
            return
        self.settle()
        glued = self._tail.endswith(")") and self.parts and self.parts[-1].strip().startswith(("(note ", "(notes "))
        self._push(f" {text}" if glued and text[0].isalnum() else text)

    def _fraction(self, text: str) -> bool:
        """Takes in the rest of a fraction that begins with raised digits, unless these are a power: "2 1/2"."""
        above = self._raised.strip()
        if not above.isdecimal() or raised(self._tail, above).startswith("^"):
            return False
        if text in _SLASHES and not self._slash:
            self._slash = text
            return True
        if not _BELOW.match(self._slash + text):
            return False
        gap = " " if self._tail[-1:].isdigit() or self._raised[0].isspace() else ""
        whole, self._raised, self._slash = f"{gap}{above}/{(self._slash + text)[1:]}", "", ""
        self._push(whole)
        return True

    def settle(self) -> None:
        """Writes the raised signs that are still held back."""
        text, self._raised = self._raised, ""
        slash, self._slash = self._slash, ""
        if text:
            self._settle(text)
        self._push(slash)

    def _settle(self, text: str) -> None:
        mark = text.strip()
        plain = not any(character.isalnum() or character in "*†‡§¶#+-−" for character in mark)
        if plain or (self._shifted and not _SHIFTED.fullmatch(mark)):
            self._push(text)
            return
        if text[0].isspace():
            self._push(" ")
        self._push(raised(self._tail, mark))
        if text[-1].isspace():
            self._push(" ")

    def mark(self, label: str) -> None:
        """A note's printed number, in the sentence."""
        self.settle()
        gap = "" if not self._tail.strip() or self._tail[-1].isspace() or self._tail.endswith(("(", "[")) else " "
        self._push(f"{gap}(note {label})")

    def remove(self, text: str, change: Change) -> None:
        self.settle()
        if self.removed and self.removed[-1][0] == change and self._removed_at == len(self.parts):
            self.removed[-1][1].append(text)
        else:
            self.removed.append((change, [text]))
        self._removed_at = len(self.parts)

    def text(self) -> str:
        self.settle()
        return clean("".join(self.parts))

    @property
    def empty(self) -> bool:
        self.settle()
        return not self._worded

    def warnings(self) -> tuple[FileWarning, ...]:
        redline = self.changed or any(clean(part) for _, parts in self.removed for part in parts)
        found = (
            (redline, WarningKind.REDLINE, _REDLINE),
            (self.hidden, WarningKind.HIDDEN_TEXT, _HIDDEN),
            (self.strange, WarningKind.FONT_MAPPING, _SIGNS),
            (self.doubtful, WarningKind.NUMBER_FORMAT, _NUMBERS),
        )
        return tuple(FileWarning(kind, words) for holds, kind, words in found if holds)

    def _push(self, text: str) -> None:
        if text:
            self.parts.append(text)
            self._worded = self._worded or bool(text.strip())
            self._tail = (self._tail + text)[-_TAIL:]
