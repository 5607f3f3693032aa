"""E-mail: subject, people and date, body, attachments as parts. The standard library reads MIME completely."""

from __future__ import annotations

from ingest.errors import EncryptedFile
from ingest.parsers.clean import stem
from ingest.parsers.holding import sorted_out
from ingest.parsers.mail.message import letter_of, parsed
from ingest.types import ParsedFile


class EmlParser:
    media_types = frozenset({"message/rfc822"})

    def parse(self, data: bytes, name: str) -> ParsedFile:
        """Raises `EncryptedFile` for S/MIME and PGP messages that hold nothing readable."""
        try:
            letter = letter_of(parsed(data), stem(name))
        except EncryptedFile as error:
            raise EncryptedFile(f"{name}: {error}") from error
        parts, unread = sorted_out(letter.parts)
        return ParsedFile(
            letter.title,
            "message/rfc822",
            tuple(letter.elements),
            warnings=(*letter.warnings, *unread),
            parts=parts,
        )
