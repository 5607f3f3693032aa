"""Who wrote a message to whom, when and about what."""

from __future__ import annotations

import email.policy
import email.utils
import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage

from ingest.parsers import labels
from ingest.parsers.clean import clean, decode

FIELDS = ("From", "To", "Cc", "Bcc", "Date", "Subject")
_WORD = re.compile(r"=\?([\w.:-]+)(?:\*[\w-]*)?\?(?=[bBqQ]\?)")
_LONG = 20_000  # characters of a header that the standard library's full parser is too slow for


def header(message: EmailMessage, field: str) -> str:
    """The field's value as a reader sees it, "" where there is none; a date in ISO form with its zone."""
    raw = next((value for name, value in message.raw_items() if name.lower() == field.lower()), None)
    if raw is None:
        return ""
    words = str(raw).replace("\r", "").replace("\n", "")
    if not words.isascii():  # bytes that nobody encoded
        words = decode(words.encode("utf-8", "surrogateescape"))
    if field == "Date":
        return date(words)
    return clean(_decoded(field, _WORD.sub(_relabelled, words)))


def _relabelled(word: re.Match[str]) -> str:
    """An encoded word (RFC 2047) with the codec that its label means: "iso-8859-1" is Windows-1252."""
    name = labels.codec(word[1]) or "cp1252"
    return f"=?{'utf-8' if name.startswith('utf-8') else name}?"


def _decoded(field: str, words: str) -> str:
    if len(words) <= _LONG:
        try:
            return str(email.policy.default.header_factory(field, words))
        except (ValueError, IndexError, AttributeError, TypeError, LookupError, HeaderParseError):
            pass  # what the standard library trips over
    try:
        return str(make_header(decode_header(words)))
    except (ValueError, LookupError, HeaderParseError):
        return words


def date(words: str) -> str:
    """ "2026-03-03 09:14 +01:00" for a date of RFC 5322; as it is where it is none."""
    try:
        return email.utils.parsedate_to_datetime(words).isoformat(" ", "minutes").replace("+", " +")
    except (ValueError, TypeError, IndexError):
        return clean(words)


def line(values: dict[str, str]) -> str:
    """The fields that are there in one line."""
    return "; ".join(f"{field}: {values[field]}" for field in FIELDS if values.get(field))
