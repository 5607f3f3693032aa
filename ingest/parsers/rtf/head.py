"""What the head of an RTF file declares: fonts with their encodings, and who made the changes."""

from __future__ import annotations

import re

from ingest.parsers.clean import clean

_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip


def fonts(data: bytes) -> dict[int, str]:
    """Font number to encoding."""
    found = re.findall(rb"\\f(\d{1,5})\b(?:(?!\\f\d)[^;]){0,200}?\\fcharset(\d{1,3})", data[: 1 << 18])
    return {int(number): _CHARSETS.get(int(charset), "") for number, charset in found}


def symbol_fonts(data: bytes) -> dict[int, str]:
    """Number to name of the fonts whose codes are signs of their own, as Symbol and Wingdings."""
    found = re.findall(
        rb"\\f(\d{1,5})\b((?:(?!\\f\d)[^;]){0,300}?\\fcharset2\b(?:(?!\\f\d)[^;]){0,200});", data[: 1 << 18]
    )
    names = {int(number): re.sub(rb"\{.*?\}|\\[a-z]+-?\d* ?|[{}]", b"", about) for number, about in found}
    return {number: name.decode("cp1252", "replace").strip() for number, name in names.items()}


def authors(data: bytes) -> tuple[str, ...]:
    """Who made the tracked changes, by number."""
    at = data.find(b"\\*\\revtbl")
    names = re.findall(rb"\{([^{}\\]{0,200});\}", data[at : data.find(b"}}", at) + 1]) if at >= 0 else []
    return tuple(clean(name.decode("cp1252", "replace")) for name in names)
