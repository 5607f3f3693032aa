"""Bytes whose file names their encoding: such names mean what they mean to a browser, and some are wrong.

The WHATWG list makes "iso-8859-1" Windows-1252 and "gb2312" GBK; Python's codecs know the rest, as UTF-7 and cp850.
"""

from __future__ import annotations

import codecs
import re

from ingest.parsers.clean import decoded
from ingest.types import FileWarning, WarningKind

_KNOWN = re.compile(
    r"(?:x-)?(?:cp|ibm|utf-?7|windows|mac|iso|hz|koi|euc|big5|ptcp|tis|johab|kz|hp|viscii)[\w.:-]*", re.I
)
_C1 = re.compile(rb"[\x80-\x9f]")
_WIDE = frozenset(("gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "iso-2022-jp", "hz-gb-2312"))
_PYTHON = {"gbk": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949", "big5": "big5hkscs"}
_WINDOWS = {
    "iso-8859-2": "cp1250", "iso-8859-4": "cp1257", "iso-8859-5": "cp1251", "iso-8859-6": "cp1256",
    "iso-8859-7": "cp1253", "iso-8859-8": "cp1255", "iso-8859-8-i": "cp1255", "iso-8859-13": "cp1257",
    "iso-8859-15": "cp1252",
}  # fmt: skip
_EURO = "footnote-euro"


def codec(label: str) -> str:
    """The Python codec that a browser's meaning of `label` comes to, or "" where nobody knows the label."""
    import webencodings

    name = label.strip().strip("'\"").lower()
    if name.replace("_", "-") in ("us-ascii", "ascii"):
        return "cp1252"
    if found := webencodings.lookup(name):
        return _PYTHON.get(found.name, str(found.codec_info.name))
    if _KNOWN.fullmatch(name):
        try:
            return codecs.lookup(name).name
        except LookupError:
            pass
    return ""


def labelled(data: bytes, label: str | None) -> tuple[str, tuple[FileWarning, ...]]:
    """`data` in the encoding of `label`, and what is unsure about it; without a known label as `decoded` finds it.

    What is UTF-8 is read as that, whatever it is called: no text in another encoding is UTF-8 by chance.
    """
    import webencodings

    name = codec(label or "")
    if not name or (data.isascii() and not name.startswith(("utf", "iso2022", "hz"))):
        return decoded(data)
    if name.startswith(("utf", "x-user")) and name not in ("utf-7", "utf7"):
        return decoded(data)
    found = webencodings.lookup(label or "")
    web = found.name if found else ""
    if not data.isascii() and _is(data, "utf-8") and not (web in _WIDE and _is(data, name)):
        return decoded(data)
    if web in _WINDOWS and _C1.search(data):
        other = _WINDOWS[web]
        words = (
            f"The file calls its encoding {web}, but holds characters of Windows' {other}; read as that. Check them."
        )
        return _in(data, other)[0].replace("\xa4", "€" if web == "iso-8859-15" else "\xa4"), (
            FileWarning(WarningKind.ENCODING, words),
        )
    if name == "cp1252":
        return decoded(data, foreign=False)
    return _in(data, name)


def _in(data: bytes, name: str) -> tuple[str, tuple[FileWarning, ...]]:
    text = data.decode(name, errors=_EURO if name == "gb18030" else "replace")
    lost = text.count("\ufffd")
    if not lost:
        return text, ()
    which = "One character is" if lost == 1 else f"{lost} characters are"
    words = f'{which} not what the encoding allows that the file names; marked "\ufffd". Compare it with the original.'
    return text, (FileWarning(WarningKind.ENCODING, words),)


def _is(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _euro(error: UnicodeError) -> tuple[str, int]:
    """0x80 is the euro sign in Windows' code page 936; anything else that is wrong is U+FFFD."""
    assert isinstance(error, UnicodeDecodeError)
    return ("€", error.start + 1) if error.object[error.start] == 0x80 else ("\ufffd", error.end)


codecs.register_error(_EURO, _euro)
