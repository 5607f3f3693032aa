"""One place where raw text becomes final text: single spaces, NFC, nothing invisible, nothing fancy."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from ingest.types import FileWarning, WarningKind

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
_RECOVER = "footnote-windows-1252"
_HIGH = re.compile(rb"[\x80-\xff]+")
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
    """Text of unknown encoding (never fails); see `decoded`."""
    return decoded(data)[0]


def decoded(data: bytes) -> tuple[str, tuple[FileWarning, ...]]:
    """Text of unknown encoding, and what is unsure about it.

    A byte order mark decides, then UTF-8, in which single bytes may be wrong, then the pattern of zeros in UTF-16,
    else it is Windows-1252, unless there is so much beyond ASCII that it must be another language's encoding.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            text = data.decode(encoding, errors="replace" if encoding != "utf-8-sig" else _RECOVER)
            return text, _unsure(data, encoding)
    try:
        text = data.decode("utf-8")
        return (text, ()) if "\0" not in text[:4096] else _with_zeros(data, text)
    except UnicodeDecodeError:
        pass
    if wide := _wide(data):
        return data.decode(wide, errors="replace"), ()
    good, bad = _sequences(data)
    if good >= max(1, bad):
        return data.decode("utf-8", errors=_RECOVER), (_bytes_warning(bad),)
    if sum(map(len, _HIGH.findall(data[: 1 << 16]))) > 0.2 * len(data[: 1 << 16]) and (found := _guessed(data)):
        words = f"The file does not say how its letters are encoded; they were read as {found}. Check a few of them."
        return data.decode(found, errors="replace"), (FileWarning(WarningKind.ENCODING, words),)
    return data.decode("cp1252", errors="replace"), ()


def _recovered(error: UnicodeError) -> tuple[str, int]:
    """A single wrong byte as it reads in Windows-1252; part of a character that is cut off as U+FFFD."""
    assert isinstance(error, UnicodeDecodeError)
    wrong = error.object[error.start : error.end]
    return (wrong.decode("cp1252", errors="replace") if len(wrong) == 1 else "\ufffd"), error.end


codecs.register_error(_RECOVER, _recovered)


def _sequences(data: bytes) -> tuple[int, int]:
    """(right, wrong): how many characters beyond ASCII are UTF-8, and how many bytes are not."""
    ignored = data.decode("utf-8", errors="ignore")
    good = len(ignored) - len(ignored.encode("ascii", errors="ignore"))
    return good, len(data) - len(ignored.encode("utf-8"))


def _unsure(data: bytes, encoding: str) -> tuple[FileWarning, ...]:
    if encoding != "utf-8-sig" or not (bad := _sequences(data)[1]):
        return ()
    return (_bytes_warning(bad),)


def _bytes_warning(bad: int) -> FileWarning:
    which = "One byte" if bad == 1 else f"{bad} bytes"
    words = f"{which} of the file cannot be UTF-8, which the rest is; read as in Windows-1252. Check odd characters."
    return FileWarning(WarningKind.ENCODING, words)


def _wide(data: bytes) -> str:
    """ "utf-16-le" or "utf-16-be" for text in which every other byte is mostly zero, else ""."""
    head = data[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < 0.3 * len(head) / 2 or min(even, odd) > 0.1 * max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _with_zeros(data: bytes, text: str) -> tuple[str, tuple[FileWarning, ...]]:
    wide = _wide(data)
    return (data.decode(wide, errors="replace") if wide else text), ()


def _guessed(data: bytes) -> str:
    """The encoding of a text in another script, or ""."""
    from charset_normalizer import from_bytes

    found = from_bytes(data[: 1 << 16]).best()
    return found.encoding if found is not None and found.encoding not in ("utf_8", "ascii") else ""


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
