"""What a paragraph is: title, heading, list item or plain words."""

from __future__ import annotations

from typing import Any

from ingest.parsers import captions
from ingest.parsers.clean import clean
from ingest.parsers.docx.styles import Styles
from ingest.parsers.docx.xml import W, switch, value, whole
from ingest.types import ElementKind

_LARGE = 28  # half-points


class Kinds:
    def __init__(self, styles: Styles, body: Any) -> None:
        self._styles = styles
        self._styled = any(self._heading_level(paragraph) for paragraph in body.iter(f"{W}p"))

    def of(self, paragraph: Any, text: str, numbered: bool) -> tuple[ElementKind, int]:
        """The kind, and the level of a heading. `numbered`: whether Word prints a number or bullet before it."""
        style = self._styles.name(paragraph)
        if style == "title":
            return ElementKind.TITLE, 0
        if level := self._heading_level(paragraph) or self._guessed_level(paragraph, text):
            return ElementKind.HEADING, level
        listed = numbered or style.startswith("list") or captions.is_list_item(text)
        return (ElementKind.LIST_ITEM if listed else ElementKind.PARAGRAPH), 0

    def _heading_level(self, paragraph: Any) -> int:
        name = self._styles.name(paragraph)
        if name.startswith("heading ") and name[8:9].isdecimal():
            return min(6, int(name[8]))
        stated = (value(marks, "outlineLvl") for marks in self._styles.paragraph(paragraph))
        outline = next((found for found in stated if found), "9")
        return min(6, int(outline) + 1) if outline.isdecimal() and int(outline[:3]) < 9 else 0

    def stands_out(self, paragraph: Any, text: str) -> bool:
        """Whether a paragraph could be a title by its place in the middle or its large type."""
        if not captions.could_be_heading(text) or captions.is_list_item(text):
            return False
        if any(value(marks, "jc") == "center" for marks in self._styles.paragraph(paragraph)):
            return True
        runs = [run for run in paragraph.iter(f"{W}r") if words_of(run)]
        return bool(runs) and all(whole(value(run.find(f"{W}rPr"), "sz"), 0) >= _LARGE for run in runs)

    def _guessed_level(self, paragraph: Any, text: str) -> int:
        """By wording and bold type, only in documents that use no heading styles."""
        if self._styled or not captions.could_be_heading(text):
            return 0
        runs = [run for run in paragraph.iter(f"{W}r") if words_of(run)]
        bold = bool(runs) and all(switch(run.find(f"{W}rPr"), "b") for run in runs)
        centred = any(value(marks, "jc") == "center" for marks in self._styles.paragraph(paragraph))
        return captions.level(text, False, bold, centred)


def words_of(node: Any) -> str:
    return clean("".join(part.text or "" for part in node.iter(f"{W}t")))
