"""A MIME message as elements, attachments and warnings."""

from __future__ import annotations

import codecs
import email
import email.message
import email.policy
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage, MIMEPart

from ingest.errors import EncryptedFile
from ingest.parsers.clean import STRAY, clean
from ingest.parsers.mail import body, calendar, headers
from ingest.types import Element, ElementKind, FileWarning, Part, WarningKind

FORWARDED = "Forwarded message: "
_DEPTH = 8  # messages in messages
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
_REPORTS = ("message/delivery-status", "message/disposition-notification", "message/feedback-report")


@dataclass(slots=True)
class Letter:
    """What was read of a message."""

    title: str
    elements: list[Element] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    warnings: list[FileWarning] = field(default_factory=list)

    def unread(self, words: str) -> None:
        self.warnings.append(FileWarning(WarningKind.UNREAD_PART, words))


def parsed(data: bytes) -> EmailMessage:
    data = data.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n")
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def letter_of(message: EmailMessage, fallback: str) -> Letter:
    """`fallback`: the title of a message without a subject. Raises `EncryptedFile`."""
    values = {name: headers.header(message, name) for name in headers.FIELDS}
    letter = Letter(values["Subject"] or fallback)
    letter.elements.append(Element(ElementKind.TITLE, letter.title))
    if head := headers.line(values):
        letter.elements.append(Element(ElementKind.PARAGRAPH, head))
    _Reader(letter).message(message)
    if letter.parts:
        names = ", ".join(part.name for part in letter.parts)
        forwarded = (at for at, one in enumerate(letter.elements) if one.text.startswith(FORWARDED) and one.level)
        at = next(forwarded, len(letter.elements))
        letter.elements.insert(at, Element(ElementKind.PARAGRAPH, f"Attachments: {names}"))
    return letter


@dataclass(slots=True)
class _Reader:
    letter: Letter
    depth: int = 0

    def message(self, message: EmailMessage) -> None:
        """Words first, then the messages that are forwarded in it."""
        self.letter.elements += self.words(message)

    def words(self, part: MIMEPart) -> list[Element]:
        kind = part.get_content_type()
        if kind == "multipart/encrypted":
            raise EncryptedFile("This e-mail is encrypted. Save it decrypted and send it again.")
        if kind in _SEALED:
            return self.sealed(part)
        if kind == "multipart/alternative":
            return self.alternative(part)
        if kind in _REPORTS:
            return list(_report(part))
        if kind in ("message/rfc822", "message/global"):
            return self.forwarded(part)
        if part.is_multipart():
            return self.mixed(part)
        if part.get_content_disposition() == "attachment" or (part.get_filename() and not kind.startswith("text/")):
            return self.attached(part)
        if part.get_filename() and part.get_content_disposition() != "inline":
            return self.attached(part)
        return self.single(part, kind)

    def single(self, part: MIMEPart, kind: str) -> list[Element]:
        if kind == "text/html":
            return body.page(self.text(part))
        if kind in ("text/calendar", "application/ics"):
            return list(calendar.elements_of(body.content(part)))
        if kind == "text/rfc822-headers":
            found = parsed(body.content(part).encode())
            head = headers.line({name: headers.header(found, name) for name in headers.FIELDS})
            return [Element(ElementKind.PARAGRAPH, f"Returned message. {head}")] if head else []
        if kind.startswith("text/"):
            return body.plain(part, self.text(part))
        return self.attached(part)

    def text(self, part: MIMEPart) -> str:
        words, warnings = body.read(part)
        self.letter.warnings += [one for one in warnings if one not in self.letter.warnings]
        return words

    def mixed(self, part: MIMEPart) -> list[Element]:
        """The parts one after the other; forwarded messages, which have headings, after the writer's words."""
        words: list[Element] = []
        forwarded: list[Element] = []
        for child in _children(part):
            found = self.words(child)
            if child.get_content_type() in ("message/rfc822", "message/global", "multipart/digest"):
                forwarded += found
            else:
                words += found
        return words + forwarded

    def alternative(self, part: MIMEPart) -> list[Element]:
        forms, invitations = [], []
        for child in _children(part):
            kind = child.get_content_type()
            found = self.words(child)
            if kind == "text/calendar":
                invitations += found
            else:
                forms.append(("plain" if kind == "text/plain" else "html", found))
        return body.richer(forms) + invitations

    def attached(self, part: MIMEPart) -> list[Element]:
        kind = part.get_content_type()
        name = clean((part.get_filename() or "").translate(STRAY))
        data = part.get_payload(decode=True)
        if kind in _SIGNATURES or not isinstance(data, bytes) or not data:
            return []
        inline = part.get_content_disposition() == "inline" or part["Content-ID"]
        if kind.startswith("image/") and inline and part.get_content_disposition() != "attachment":
            return []
        if kind == "application/ms-tnef" or name.lower() == "winmail.dat":
            self.letter.unread(
                "The attachment winmail.dat, Outlook's own container, was not read; it may hold files or the text in "
                "another form. Save the message from Outlook as .msg and send that."
            )
            return []
        if kind == "text/calendar":
            return list(calendar.elements_of(body.content(part)))
        self.letter.parts.append(Part(name or f"attachment{mimetypes.guess_extension(kind) or ''}", data))
        return []

    def forwarded(self, part: MIMEPart) -> list[Element]:
        """A message in the message: heading, who and when, its words; its attachments become the outer one's."""
        found: list[Element] = []
        for inner in _inner(part):
            if self.depth >= _DEPTH or not isinstance(inner, EmailMessage):
                self.letter.unread(
                    "A message that is forwarded in many others was not read. Save it on its own and send it."
                )
                continue
            values = {name: headers.header(inner, name) for name in headers.FIELDS}
            subject = values["Subject"] or "no subject"
            found.append(Element(ElementKind.HEADING, f"{FORWARDED}{subject}", min(6, 2 + self.depth)))
            if head := headers.line(values):
                found.append(Element(ElementKind.PARAGRAPH, head))
            try:
                found += _Reader(self.letter, self.depth + 1).words(inner)
            except EncryptedFile:
                self.letter.unread(
                    f'The forwarded message "{subject}" is encrypted and was not read. Save it decrypted.'
                )
        return found

    def sealed(self, part: MIMEPart) -> list[Element]:
        """S/MIME: a signed message holds a message; an encrypted one nothing that can be read."""
        data = part.get_payload(decode=True)
        inner = unsealed(data) if isinstance(data, bytes) else None
        if inner is None:
            raise EncryptedFile("This e-mail is encrypted. Save it decrypted and send it again.")
        return self.words(parsed(inner))


def _children(part: MIMEPart) -> list[MIMEPart]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, MIMEPart)] if isinstance(payload, list) else []


def _inner(part: MIMEPart) -> list[MIMEPart]:
    """The messages in a part; some programs encode them, which RFC 2046 forbids."""
    found = _children(part)
    if str(part["Content-Transfer-Encoding"] or "").strip().lower() not in ("base64", "quoted-printable"):
        return found or [parsed(body.content(part).encode())]
    return [parsed(_opened(part, one)) if not one.keys() else one for one in found]


def _opened(part: MIMEPart, held: MIMEPart) -> bytes:
    raw = email.message.Message()
    raw["Content-Transfer-Encoding"] = str(part["Content-Transfer-Encoding"]).strip()
    raw.set_payload(held.get_payload())
    data = raw.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def unsealed(data: bytes) -> bytes | None:
    """What a CMS SignedData (RFC 5652) holds; None if it is none or holds nothing."""
    from asn1crypto import cms

    try:
        info = cms.ContentInfo.load(data)
        if info["content_type"].native != "signed_data":
            return None
        held = info["content"]["encap_content_info"]["content"].native
    except (ValueError, TypeError, KeyError):
        return None
    return held if isinstance(held, bytes) else None


def _report(part: MIMEPart) -> Iterator[Element]:
    """The fields of a delivery report or receipt, a paragraph for each recipient."""
    for group in _children(part):
        words = "; ".join(f"{name}: {value}" for name, value in group.raw_items())
        if text := clean(words.encode("utf-8", "replace").decode()):
            yield Element(ElementKind.PARAGRAPH, text)
