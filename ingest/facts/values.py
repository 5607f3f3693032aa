"""The normal form of a fact's value that a person gives."""

from __future__ import annotations

import unicodedata

from ingest.errors import InvalidFact
from ingest.facts.calendar import days
from ingest.facts.laws import known_place
from ingest.types import FactKind

_MOST = 300  # characters
_DATES = {FactKind.AGREEMENT_DATE, FactKind.EFFECTIVE_DATE, FactKind.EXPIRY_DATE}


def normalised(kind: FactKind, value: str) -> str:
    """A day as YYYY-MM-DD, a place as the rules spell it, a kind of document in small letters; raises `InvalidFact`."""
    plain = plain_words(value)
    if not plain:
        raise InvalidFact(f"Say what the {kind.value.replace('_', ' ')} is.")
    if kind in _DATES:
        found = list(days(plain))
        if len(found) != 1 or found[0][:2] != (0, len(plain)):
            raise InvalidFact(f"{plain!r} is not one day. Write it as YYYY-MM-DD.")
        return found[0][2].isoformat()
    if kind is FactKind.GOVERNING_LAW:
        return known_place(plain) or plain
    return plain.casefold() if kind is FactKind.DOCUMENT_KIND else plain


def plain_words(value: str) -> str:
    """Single blanks, no control characters; raises `InvalidFact` where it is too long to be a value."""
    text = unicodedata.normalize("NFC", value)
    plain = " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in text).split())
    if len(plain) > _MOST:
        raise InvalidFact(f"A fact has at most {_MOST} characters. Give its words as the quote.")
    return plain
