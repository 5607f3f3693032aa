"""The question as it is asked of a document: without the names that led to it."""

from __future__ import annotations

import re

from retrieval.search.resolving import Resolved
from retrieval.understanding import Understanding
from retrieval.understanding.topic import topic

_FORM = r"(?:form\s+)?(?:10-?K|10-?Q|8-?K|20-?F|(?:annual|quarterly)\s+(?:report|filing)|filings?)s?\b"
_PERIOD = r"(?:\s+(?:for|of|from)\s+(?:the\s+)?[^,?.;]{0,50}?(?:19|20)\d\d)?"
_OPENING = re.compile(
    rf"^(?:in|from|per|under|according to|based on|looking at|using)\s+[^,?]{{0,90}}?{_FORM}{_PERIOD}\s*[,:]\s*", re.I
)
_ENDING = re.compile(
    rf"\s*,?\s+(?:in|from|per|under|according to|based on)\s+[^,?]{{0,70}}?{_FORM}{_PERIOD}(?=\s*[?.,;]|$)", re.I
)
_QUOTED = re.compile(r"[\"“]([^\"”]{3,200})[\"”]")
_AFTER_NAME = r"(?:,?\s+(?:&\s+)?(?:inc|corp|co|company|corporation|plc|ltd|llc)\b\.?)*"


def asked_of(question: str, query: str, understood: Understanding, resolved: Resolved) -> str:
    """`question`, which is the query or a part of it, without the names of the documents that the query names.

    A party that is not part of a document's name stays, for the contract speaks of it; the issuer of a report becomes
    "the company", as the report calls it; a period that went with a name is put back.
    """
    if not resolved.documents:
        return question
    spelled = [clue.text for clue in understood.clues if clue.kind == "document" and _named(clue.text, query, resolved)]
    spelled += [quote for quote in _QUOTED.findall(question) if _named(quote, query, resolved)]
    text = topic(question, spelled) if spelled else question
    if resolved.reports:
        shorter = _ENDING.sub("", _OPENING.sub("", text))
        text = shorter if len(shorter.split()) > 2 else text
        for start, end, kind in resolved.mentions:
            if kind in {"issuer", "party"}:
                text = _company(text, query[start:end])
        text = _with_periods(text, question, query, resolved)
    return text[:1].upper() + text[1:] if question[:1].isupper() else text


def _named(text: str, query: str, resolved: Resolved) -> bool:
    """Whether the words hold one of the names."""
    return any(query[start:end] in text for start, end, _ in resolved.mentions)


def _company(text: str, name: str) -> str:
    if not name:
        return text
    return re.sub(rf"(?<!\w)(?:the\s+)?{re.escape(name)}{_AFTER_NAME}(?!\w)", "the company", text, flags=re.I)


def _with_periods(text: str, question: str, query: str, resolved: Resolved) -> str:
    """A year that only the removed words held, before the question's last mark."""
    stated = [query[period.start : period.end] for period in resolved.periods]
    lost = [words for words in stated if words in question and words not in text]
    if not lost:
        return text
    body = text.rstrip(" ?.!")
    return f"{body} in {' and '.join(dict.fromkeys(lost))}{text[len(body) :].strip() or '?'}"
