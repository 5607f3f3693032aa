"""Claims that name their document by title and parties, said as the document speaks of itself."""

from __future__ import annotations

import re

_KIND = (
    r"Agreement|Contract|Lease|Licen[cs]e|Policy|Plan|Deed|Act|Guarantee|Facility|Order|Statement|Terms|Notice|Report"
)
_NAME = r"[A-Z][\w.'’&®-]*"
_TITLE = rf"(?:{_NAME},?\s+(?:(?:and|of|for)\s+)?){{0,9}}?"
_NAMES = rf"{_NAME}(?:,?\s+(?:(?:and|of|the|&)\s+)*{_NAME})*"
_NAMED = re.compile(rf"\b(?:[Tt]he|[Tt]his|[Oo]ur|[Aa]n?)\s+{_TITLE}({_KIND})\s+(?:between|with|among|of)\s+{_NAMES}")
_OPENING = re.compile(rf"[Ii]n [Tt]his (?:{_KIND}),\s*")


def unnamed(claim: str) -> str:
    """ "The Lease between A and B ends in May." as "This Lease ends in May."; other claims as they are.

    A document says "this Agreement", an answer says which one; an entailment model that reads a few sentences cannot
    know that both are the same. That the names are those of the cited document has to be checked apart from it.
    """
    text = _OPENING.sub("", _NAMED.sub(lambda found: f"this {found[1]}", claim))
    return text if text == claim else text[:1].upper() + text[1:]
