"""Names of mailboxes as an IMAP server tells them, and as it is told them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence

_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)', re.DOTALL)
_BASE64 = re.compile(r"&([^-]*)-")


def listed(lines: Sequence[object]) -> Iterator[tuple[str, str]]:
    """Name and raw name of each mailbox that can be opened."""
    for line in lines:
        told = b" ".join(line[:1]) + b"" if isinstance(line, tuple) else line
        found = _LISTED.match(told) if isinstance(told, bytes) else None
        if found is None or b"\\noselect" in found["flags"].lower():
            continue
        raw = line[1] if isinstance(line, tuple) else found["name"]
        text = bytes(raw).decode("ascii", "replace")
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        yield decoded(text), text


def decoded(raw: str) -> str:
    """Modified UTF-7 (RFC 3501, 5.1.3)."""

    def letters(match: re.Match[str]) -> str:
        return f"+{match[1].replace(',', '/')}-".encode().decode("utf-7") if match[1] else "&"

    try:
        return _BASE64.sub(letters, raw)
    except UnicodeDecodeError:
        return raw


def encoded(name: str) -> str:
    def run(match: re.Match[str]) -> str:
        if match[0] == "&":
            return "&-"
        coded = match[0].encode("utf-16-be")
        return f"&{base64.b64encode(coded).decode().rstrip('=').replace('/', ',')}-"

    return re.sub(r"&|[^\x20-\x7e]+", run, name)


def quoted(raw: str) -> str:
    return '"' + raw.replace("\\", "\\\\").replace('"', '\\"') + '"'


def spelled(mailbox: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in mailbox)
