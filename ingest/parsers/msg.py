"""Outlook messages (.msg) through python-oxmsg; the RTF that Outlook keeps instead of a text through compressed-rtf."""

from __future__ import annotations

import io
from datetime import UTC
from email.message import EmailMessage
from typing import Any

from ingest.errors import DamagedFile, EncryptedFile
from ingest.parsers import html, rtf
from ingest.parsers.clean import clean, stem
from ingest.parsers.holding import sorted_out
from ingest.parsers.labels import labelled
from ingest.parsers.mail import body, headers
from ingest.parsers.mail.message import FORWARDED, Letter, letter_of, parsed, unsealed
from ingest.types import Element, ElementKind, ParsedFile, Part

_HTML, _BODY, _RTF = 0x1013, 0x1000, 0x1009
_SENT, _RECEIVED = 0x0039, 0x0E06
_KIND, _SUBJECT, _HEADERS = 0x001A, 0x0037, 0x007D
_SENDER = ((0x0C1A, 0x5D01), (0x0042, 0x5D02), (0x0C1A, 0x0C1F))  # name and address, best first
_DATA, _NAME, _SHORT_NAME, _SHOWN, _TYPE = 0x3701, 0x3707, 0x3704, 0x3001, 0x370E
_METHOD, _FLAGS, _CONTENT_ID = 0x3705, 0x3714, 0x3712
_EMBEDDED, _OLE_OBJECT, _IN_PAGE = 5, 6, 4
_TOP, _INNER = 32, 24  # bytes before the properties of a message, and of one in another
_DEPTH = 8


class MsgParser:
    media_types = frozenset({"application/vnd.ms-outlook"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `EncryptedFile` and `DamagedFile`."""
        from olefile import OleFileIO
        from oxmsg.storage import Storage

        try:
            with OleFileIO(io.BytesIO(data)) as ole:
                storage = Storage.from_ole(ole)
            letter = _letter(storage, stem(name))
        except EncryptedFile as error:
            raise EncryptedFile(f"{name}: {error}") from error
        except (OSError, KeyError, RecursionError) as error:
            raise DamagedFile(f"{name}: cut off or damaged. Save it again from Outlook and send it.") from error
        parts, unread = sorted_out(letter.parts)
        return ParsedFile(
            letter.title,
            "application/vnd.ms-outlook",
            tuple(letter.elements),
            warnings=(*letter.warnings, *unread),
            parts=parts,
        )


def _letter(storage: Any, fallback: str) -> Letter:
    from oxmsg.properties import Properties

    properties = Properties(storage, properties_header_offset=_TOP)
    kind = (properties.str_prop_value(_KIND) or "").upper()
    if kind.startswith("IPM.NOTE.SMIME"):
        return _signed(storage, kind, fallback)
    letter = Letter(clean(properties.str_prop_value(_SUBJECT) or "") or fallback)
    letter.elements.append(Element(ElementKind.TITLE, letter.title))
    _read(storage, _TOP, letter, 0)
    if letter.parts:
        forwarded = (at for at, one in enumerate(letter.elements) if one.level and one.text.startswith(FORWARDED))
        names = ", ".join(part.name for part in letter.parts)
        at = next(forwarded, len(letter.elements))
        letter.elements.insert(at, Element(ElementKind.PARAGRAPH, f"Attachments: {names}"))
    return letter


def _read(storage: Any, offset: int, letter: Letter, depth: int) -> None:
    """Who and when, words, attachments; messages in it last."""
    from oxmsg.properties import Properties

    properties = Properties(storage, properties_header_offset=offset)
    if head := headers.line(_head(storage, properties)):
        letter.elements.append(Element(ElementKind.PARAGRAPH, head))
    letter.elements += _words(properties)
    embedded = []
    for attached in storage.iter_attachment_storages():
        about = Properties(attached, properties_header_offset=8)
        method = about.int_prop_value(_METHOD)
        if method == _EMBEDDED:
            embedded.append(attached)
        elif method == _OLE_OBJECT:
            letter.unread("An object in the message was not read. Save it as a file from Outlook and send that.")
        elif data := about.binary_prop_value(_DATA):
            name = clean(about.str_prop_value(_NAME) or about.str_prop_value(_SHORT_NAME) or "") or "attachment"
            in_page = bool((about.int_prop_value(_FLAGS) or 0) & _IN_PAGE) or about.str_prop_value(_CONTENT_ID)
            if not (in_page and (about.str_prop_value(_TYPE) or "").lower().startswith("image/")):
                letter.parts.append(Part(name, data))
        else:
            shown = clean(about.str_prop_value(_NAME) or about.str_prop_value(_SHOWN) or "An attachment")
            letter.unread(f"{shown} is only linked from the message, not in it, and was not read. Send it on its own.")
    for attached in embedded:
        _forwarded(attached, letter, depth)


def _forwarded(attached: Any, letter: Letter, depth: int) -> None:
    from oxmsg.properties import Properties

    inner = next((one for one in attached.storages if one.name.startswith(f"__substg1.0_{_DATA:04X}")), None)
    if inner is None or depth >= _DEPTH:
        letter.unread("A message in the message was not read. Save it on its own and send it.")
        return
    subject = clean(Properties(inner, properties_header_offset=_INNER).str_prop_value(_SUBJECT) or "") or "no subject"
    letter.elements.append(Element(ElementKind.HEADING, f"{FORWARDED}{subject}", min(6, 2 + depth)))
    _read(inner, _INNER, letter, depth + 1)


def _head(storage: Any, properties: Any) -> dict[str, str]:
    from oxmsg.recipient import Recipient

    people: dict[str, list[str]] = {"To": [], "Cc": [], "Bcc": []}
    for one in map(Recipient, storage.iter_recipient_storages()):
        field = {2: "Cc", 3: "Bcc"}.get(one.properties.int_prop_value(0x0C15) or 1, "To")
        people[field].append(_person(one.name, one.email_address))
    transported = parsed((properties.str_prop_value(_HEADERS) or "").encode("utf-8", "replace"))
    sent = properties.date_prop_value(_SENT) or properties.date_prop_value(_RECEIVED)
    values = {field: ", ".join(filter(None, names)) for field, names in people.items()}
    values["From"] = headers.header(transported, "From") or _sender(properties)
    values["Date"] = headers.header(transported, "Date")
    if not values["Date"] and sent:
        values["Date"] = sent.astimezone(UTC).isoformat(" ", "minutes").replace("+", " +")
    values["Subject"] = clean(properties.str_prop_value(_SUBJECT) or "")
    return values


def _sender(properties: Any) -> str:
    for name, address in _SENDER:
        found = _person(properties.str_prop_value(name) or "", properties.str_prop_value(address) or "")
        if "@" in found:
            return found
    return _person(properties.str_prop_value(0x0C1A) or properties.str_prop_value(0x0042) or "", "")


def _person(name: str, address: str) -> str:
    name, address = clean(name).strip("'\""), clean(address)
    if "@" not in address or address == name:
        return name or address
    return f"{name} <{address}>" if name else address


def _words(properties: Any) -> list[Element]:
    plain = body.plain_text(properties.str_prop_value(_BODY) or "")
    data = properties.binary_prop_value(_HTML)
    source = _decoded(properties, data) if data else properties.str_prop_value(_HTML)
    if not source and (packed := properties.binary_prop_value(_RTF)):
        import compressed_rtf

        text = compressed_rtf.decompress(packed)
        source = rtf.html_of(text)
        if source is None and b"\\fromtext" not in text[:2048]:
            return body.richer([("plain", plain), ("rtf", list(rtf.read(text)[0]))])
    return body.richer([("plain", plain), ("html", body.page(source or ""))])


def _decoded(properties: Any, data: bytes) -> str:
    try:
        return labelled(data, properties.body_encoding)[0]
    except (KeyError, ValueError, LookupError):
        return html.page_of(data)[0]


def _signed(storage: Any, kind: str, fallback: str) -> Letter:
    """A signed message keeps all of it as MIME in its only attachment."""
    from oxmsg.properties import Properties

    for attached in storage.iter_attachment_storages():
        data = Properties(attached, properties_header_offset=8).binary_prop_value(_DATA) or b""
        inner = data if kind.endswith("MULTIPARTSIGNED") else unsealed(data)
        if inner is None:
            break
        outer = _head(storage, Properties(storage, properties_header_offset=_TOP))
        message = parsed(inner)
        for field, value in outer.items():
            if value and isinstance(message, EmailMessage) and message[field] is None and field != "Date":
                message[field] = value.encode("ascii", "xmlcharrefreplace").decode() if "@" in value else value
        return letter_of(message, outer["Subject"] or fallback)
    raise EncryptedFile("This e-mail is encrypted. Save it decrypted and send it again.")
