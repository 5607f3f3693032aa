"""Mailboxes (mbox): every message is a part; the mailbox itself is a list of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.errors import DamagedFile, FileTooLarge
from ingest.parsers.clean import clean, stem
from ingest.parsers.mail import headers, message, threads
from ingest.types import Element, ElementKind, ParsedFile, Part

_POSTMARK = re.compile(rb"(?:\A|(?<=\n)\r?\n)From \S[^\n]* \d{1,2}:\d\d[^\n]* \d{4}[^\n]*\n(?=[!-9;-~]+[ \t]*:|>From )")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_MOST = 5_000
_UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')


class MboxParser:
    media_types = frozenset({"application/mbox"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `DamagedFile` and `FileTooLarge`."""
        found = list(_messages(data))
        if not found:
            raise DamagedFile(f"{name}: no message was found in this mailbox. Export it again as mbox or .eml files.")
        if len(found) > _MOST:
            raise FileTooLarge(f"{name} holds {len(found):,} messages; the limit is {_MOST:,}. Split it.")
        title = stem(name)
        elements = [Element(ElementKind.TITLE, title), Element(ElementKind.PARAGRAPH, "Messages in this mailbox:")]
        parts = []
        for number, raw in enumerate(threads.without_repeats(found), 1):
            head = message.parsed(raw.split(b"\n\n", 1)[0].replace(b"\r\n\r\n", b"\r\n") + b"\n\n")
            told = {field: headers.header(head, field) for field in ("From", "Date", "Subject")}
            elements.append(Element(ElementKind.LIST_ITEM, f"{number}. {headers.line(told)}"))
            named = _UNSAFE.sub(" ", f"{told['Date'][:10]} {told['Subject'] or 'no subject'}").strip()
            parts.append(Part(f"{number:04} {clean(named)[:80].strip('. ')}.eml", raw))
        return ParsedFile(title, "application/mbox", tuple(elements), parts=tuple(parts))


def _messages(data: bytes) -> Iterator[bytes]:
    """Each message without its postmark line, escaped "From " lines opened."""
    marks = list(_POSTMARK.finditer(data))
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        raw = data[mark.end() : after.start() if after else len(data)]
        yield _ESCAPED.sub(rb"\1", raw)
