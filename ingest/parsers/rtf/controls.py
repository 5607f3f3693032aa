"""The control words of RTF: which change how words look, which stand for words, which groups are passed over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SKIPPED = {
    "fonttbl", "colortbl", "stylesheet", "listtable", "listoverridetable", "revtbl", "rsidtbl", "generator", "pict",
    "object", "themedata", "colorschememapping", "datastore", "latentstyles", "xmlnstbl", "mmathPr",
    "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "bkmkstart", "bkmkend",
    "pntxta", "pntxtb", "filetbl", "listname", "userprops", "wgrffmtfilter", "info", "nonshppict", "private",
    "sp", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "template", "passwordhash", "atnref", "atrfstart", "atrfend",
}  # fmt: skip
# Read, though they are marked as groups that old readers may skip.
STARRED = ("atnauthor", "fldinst", "shppict", "shpinst", "shptxt", "pntext", "listtext")
WORDS = {
    "par": "\n", "sect": "\n", "page": "\n", "line": " ", "tab": " ", "emdash": "—", "endash": "–", "bullet": "•",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
TABULAR = frozenset(("cell", "nestcell", "row", "nestrow", "trowd", "clvmrg", "cellx"))
_PLAIN = {"hidden": False, "struck": False, "inserted": False, "deleted": False, "raised": False, "font": -1}


@dataclass(frozen=True, slots=True)
class State:
    """How the words of a group look, and where they go."""

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


def _switch(name: str) -> Callable[[int | None], dict[str, Any]]:
    return lambda value: {name: value != 0}


FORMAT: dict[str, Callable[[int | None], dict[str, Any]]] = {
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
