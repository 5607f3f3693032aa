"""E-mail: subject, people and date, body, names of attachments. The standard library reads MIME completely."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage, MIMEPart

from ingest.errors import EncryptedFile
from ingest.parsers import html, text
from ingest.parsers.clean import clean, decode, stem
from ingest.types import Element, ElementKind, ParsedFile

_HEADERS = ("From", "To", "Cc", "Date", "Subject")


class EmlParser:
    media_types = frozenset({"message/rfc822"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `EncryptedFile` for S/MIME and PGP messages that hold nothing readable."""
        message = email.message_from_bytes(data, policy=email.policy.default)
        if message.get_content_type() == "multipart/encrypted" or _is_enveloped(message):
            raise EncryptedFile(f"{name}: an encrypted e-mail. Save it decrypted and send it again.")
        title = clean(str(message["Subject"] or "")) or stem(name)
        return ParsedFile(title, "message/rfc822", tuple(_elements(message, title)))


def _is_enveloped(message: EmailMessage) -> bool:
    kind = message.get_content_type()
    return kind in ("application/pkcs7-mime", "application/x-pkcs7-mime") and (
        message.get_param("smime-type") != "signed-data"
    )


def _elements(message: EmailMessage, title: str) -> Iterator[Element]:
    yield Element(ElementKind.TITLE, title)
    head = [f"{field}: {value}" for field in _HEADERS if (value := clean(str(message[field] or "")))]
    if head:
        yield Element(ElementKind.PARAGRAPH, "; ".join(head))
    yield from _body(message)
    names = [clean(part.get_filename() or part.get_content_type()) for part in message.iter_attachments()]
    if names:
        yield Element(ElementKind.PARAGRAPH, "Attachments: " + ", ".join(names))


def _body(message: EmailMessage) -> Iterator[Element]:
    """The plain body, or the HTML one where there is no other; headings are not guessed from wording."""
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        content = _content(part) if part is not None else ""
        if not content.strip():
            continue
        yield from text.elements_of(content) if kind == "plain" else html.elements_of(content)[0]
        return


def _content(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset("utf-8"))
    except (LookupError, UnicodeDecodeError):
        return decode(payload)
