"""One place where raw text becomes final text: single spaces, NFC, nothing invisible, nothing fancy."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from ingest.parsers import code_pages
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
_CUT_SIGN = re.compile(rb"\xe2[\x80\x82\x84](?![\x80-\xbf])")  # of dashes, quotation marks, the euro sign
_SIGN_IN_WORD = re.compile(
    r"[^\W\d_][±³¶¹¼¾¿•†‡][^\W\d_]|(?<![\w.])[³¹¼¾][a-z]{2}|[a-z][ŠŒŽŸÀ-ÖØ-Þ](?![A-Z])"
)  # what other encodings' letters look like
_HACEK = re.compile(r"[šžŠŽ]")
_HEAD = 1 << 16  # bytes by which an encoding is told
_C1 = re.compile(rb"[\x80-\x9f]")
STRAY = {
    at: sign for at in range(0x80, 0xA0) if at != 0x85 and (sign := bytes([at]).decode("cp1252", errors="ignore"))
}  # Windows-1252 that somebody took for ISO-8859-1 and saved as UTF-8
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


def decoded(data: bytes, *, foreign: bool = True) -> tuple[str, tuple[FileWarning, ...]]:
    """Text of unknown encoding, and what is unsure about it.

    A byte order mark decides, then UTF-8, in which single bytes may be wrong, then the pattern of zeros in UTF-16,
    else it is Windows-1252, unless what is beyond ASCII must be another language's encoding; without `foreign` it is
    Windows-1252 at once.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            text = data.decode(encoding, errors="replace" if encoding != "utf-8-sig" else _RECOVER)
            return text.translate(STRAY), _unsure(data, encoding)
    if b"\x1b$" in data[:_HEAD] and data.isascii():
        return data.decode("iso2022_jp", errors="replace"), ()
    try:
        text = data.decode("utf-8")
        return (text.translate(STRAY), ()) if "\0" not in text[:4096] else _with_zeros(data, text)
    except UnicodeDecodeError:
        pass
    if wide := _wide(data):
        return data.decode(wide, errors="replace"), ()
    good, bad = _sequences(data)
    if 2 * good >= bad:
        return data.decode("utf-8", errors=_RECOVER).translate(STRAY), (_bytes_warning(bad),)
    text = data.decode("cp1252", errors="replace")
    if foreign and (found := _foreign(data, text)):
        words = f"The file does not say how its letters are encoded; they were read as {found}. Check a few of them."
        return data.decode(found, errors="replace"), (FileWarning(WarningKind.ENCODING, words),)
    if "\ufffd" in text:
        words = 'Some characters of the file could not be made out; marked "\ufffd". Compare it with the original.'
        return text, (FileWarning(WarningKind.ENCODING, words),)
    return text, ()


def _foreign(data: bytes, text: str) -> str:
    """The encoding of a text that is none in Windows-1252, "" where that is what it is."""
    head = data[:_HEAD]
    page, doubtful = code_pages.latin(head)
    if _is_other_script([len(run) for run in _HIGH.findall(head)], len(head)):
        return code_pages.other_script(head) or _guessed(data) or page
    if doubtful:
        return page
    return _guessed(data) if _is_foreign(data, text) else ""


def _is_foreign(data: bytes, text: str) -> bool:
    """Whether bytes make no sense as Windows-1252: beyond ASCII in runs, or signs in the middle of words."""
    head = data[:_HEAD]
    runs = [len(run) for run in _HIGH.findall(head)]
    signs = len(_SIGN_IN_WORD.findall(text[:_HEAD]))
    czech = len(_HACEK.findall(text[:_HEAD]))
    signs += czech * (10 * czech > sum(runs))
    return _is_other_script(runs, len(head)) or signs > 1 or "\ufffd" in text


def _is_other_script(runs: Sequence[int], size: int) -> bool:
    """Whether runs of bytes beyond ASCII are words in another script than the Latin one."""
    return sum(run > 3 for run in runs) > 1 or (sum(runs) > 0.2 * size and max(runs, default=0) > 2)


def _recovered(error: UnicodeError) -> tuple[str, int]:
    """A single wrong byte as it reads in Windows-1252; part of a character that is cut off as U+FFFD."""
    assert isinstance(error, UnicodeDecodeError)
    data, start, end = error.object, error.start, error.end
    if end - start > 1 or (end == len(data) and 0xC2 <= data[start] <= 0xF4):
        return "\ufffd", end
    tail = end
    while tail < len(data) and tail - start < 3 and 0x80 <= data[start] < 0xC0 and 0x80 <= data[tail] < 0xC0:
        tail += 1
    return (data[start:end].decode("cp1252", errors="replace"), end) if tail == end else ("\ufffd", tail)


codecs.register_error(_RECOVER, _recovered)


def _sequences(data: bytes) -> tuple[int, int]:
    """(right, wrong): how many characters beyond ASCII are UTF-8, or signs of it that were cut off, and how many
    pieces are not UTF-8."""
    ignored = data.decode("utf-8", errors="ignore")
    good = len(ignored) - len(ignored.encode("ascii", errors="ignore"))
    bad = data.decode("utf-8", errors="replace").count("\ufffd") - ignored.count("\ufffd")
    return good + len(_CUT_SIGN.findall(data)), bad


def _unsure(data: bytes, encoding: str) -> tuple[FileWarning, ...]:
    if encoding != "utf-8-sig" or not (bad := _sequences(data)[1]):
        return ()
    return (_bytes_warning(bad),)


def _bytes_warning(bad: int) -> FileWarning:
    which = "One place in the file is" if bad == 1 else f"{bad} places in the file are"
    words = f'{which} no UTF-8, which the rest is; read as Windows-1252, or marked "\ufffd" if cut off. Check them.'
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
    """The encoding of a text in another language, or ""."""
    from charset_normalizer import from_bytes

    head = data[:_HEAD]
    other = _is_other_script([len(run) for run in _HIGH.findall(head)], len(head))
    best = from_bytes(head, cp_isolation=None if other else list(code_pages.LATIN)).best()
    found = best.encoding if best is not None and best.encoding not in ("utf_8", "ascii") else ""
    return "iso8859_2" if found == "cp1250" and not _C1.search(head) else found


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
