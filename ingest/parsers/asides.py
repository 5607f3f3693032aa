"""What hangs on a passage and is no part of it: comments, and words that were struck out or deleted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.parsers.clean import clean
from ingest.types import Element, ElementKind, FileWarning

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Change:
    """Why words are out: "struck out", "deleted", "moved elsewhere"; by whom and when, as the file has it."""

    what: str
    author: str = ""
    date: str = ""

    def element(self, text: str, place: str = "", warnings: tuple[FileWarning, ...] = ()) -> Element:
        """`place`: where the words stood, "cell B3"."""
        said = _said(self.what, text, self.author, self.date, place)
        return Element(ElementKind.REVISION, said, warnings=warnings, author=self.author, date=self.date)


STRUCK = Change("struck out")


def comment(text: str, author: str = "", date: str = "", *, place: str = "", reply: bool = False) -> Element:
    said = _said("reply" if reply else "comment", text, author, date, place)
    return Element(ElementKind.COMMENT, said, author=author, date=date)


def _said(what: str, text: str, author: str, date: str, place: str) -> str:
    by = f" by {clean(author)}" if clean(author) else ""
    on = f" on {date[:10]}" if _DATE.match(date) else ""
    return f"{f'{place}: ' if place else ''}[{what}{by}{on}: {clean(text)}]"
