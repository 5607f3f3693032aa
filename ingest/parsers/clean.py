"""One place where raw text becomes final text: single spaces, NFC, nothing invisible, nothing fancy."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import PurePath

_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_SYMBOL_BULLETS = dict.fromkeys((0xF0B7, 0xF0A7, 0xF076, 0xF0D8), "•")
# Soft hyphen, zero-width, bidi and other format characters; surrogates; private use; non-characters.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_SPACES = re.compile(r"\s+")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TITLE_NOISE = re.compile(
    r"^(microsoft (word|excel|powerpoint)\b|untitled|document\d*$|slide \d|printmgr|layout \d|\(anonymous\)|book\d*$)"
    r"|\.(docx?|pdf|xlsx?|html?|txt|rtf|indd|md|wpd|csv|eml|tmp)$",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """`text` in NFC on one line: ligatures opened, invisible and control characters gone, single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    opened = text.translate(_LIGATURES).translate(_SYMBOL_BULLETS)
    return unicodedata.normalize("NFC", _SPACES.sub(" ", _UNWANTED.sub("", opened)).strip())


def decode(data: bytes) -> str:
    """Text of unknown encoding: a byte order mark decides, then UTF-8, else Windows-1252 (never fails)."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def rows_to_text(rows: Iterable[Sequence[str]]) -> str:
    """A table as one line per row, cells joined by " | "; empty rows and columns are left out.

    A bar inside a cell becomes "¦", so that `line.split("|")` gives the cells of a line and nothing else.
    """
    return cells_to_text([clean(cell) for cell in row] for row in rows)


def cells_to_text(rows: Iterable[Sequence[str]]) -> str:
    """`rows_to_text` of cells that are clean."""
    table = [[cell.replace("|", "¦") for cell in row] for row in rows]
    table = [row for row in table if any(row)]
    width = max(map(len, table), default=0)
    table = [row + [""] * (width - len(row)) for row in table]
    kept = [column for column in range(width) if any(row[column] for row in table)]
    return "\n".join(" ".join(" | ".join(row[column] for column in kept).split()) for row in table)


def sensible_title(candidate: str | None) -> str:
    """A metadata title, cleaned, or "" where it is a program's leftover or a file name."""
    title = clean(candidate or "")
    return "" if len(title) < 3 or len(title) > 300 or _TITLE_NOISE.search(title) else title


def stem(name: str) -> str:
    """The file's name without folders and extension; the title of last resort, never empty."""
    path = PurePath(name.replace("\\", "/"))
    return clean(path.stem) or clean(name) or "Untitled"
