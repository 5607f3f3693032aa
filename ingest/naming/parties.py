"""Parties of a contract: who it is between, and the short names that it defines for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.types import Name

_FORMS = (
    r"(?:Inc(?:orporated)?|Corp(?:oration)?|Compan(?:y|ies)|Co|LLC|L\.L\.C|Ltd|Limited|L\.?P|LLP|PLC|plc|P\.?L\.?C|GmbH|AG|"
    r"S\.?A|N\.?V|B\.?V|S\.?p\.?A|S\.?r\.?l|Trust|Bank|Partnership|Pte|Pty|KG|A/S|Oy|AB|INC|CORP|CORPORATION|COMPANY|"
    r"LTD|LIMITED|TRUST|BANK|INCORPORATED)"
)
_PIECE = r"(?:[A-Z0-9][\w&.'’/+-]*|&)"
_COMPANY = re.compile(
    rf"(?:\b|(?<=\s)){_PIECE}(?:,? (?:{_PIECE}|of|and|for|the|de|du|der|van|von)){{0,7}}?,? {_FORMS}\b\.?"
    rf"(?:,? {_FORMS}\b\.?)*"
)
_OPENS = re.compile(r"\b(?:by\s+and\s+)?(?:between|among|amongst)\b|\b(?:is|was)\s+(?:made|entered\s+into)\b", re.I)
_SHORT = re.compile(
    r"[(\[][^()\[\]]{0,90}?[\"“”']{1,2}\s?([A-Z0-9][\w &.'’-]{1,40}?)\s?[,.]?[\"“”']{1,2}[^()\[\]]{0,60}[)\]]"
)
_BEFORE_BRACKET = re.compile(
    rf"(?:{_PIECE})(?: (?:{_PIECE}|of|de|van|von)){{0,6}}"
    r"(?=\s?,?\s?(?:[(\[]|\ba[n]?\b|having|with|located|whose|residing))"
)
_ROLE = frozenset(
    """advisor affiliate agency agent agreement assignee assignor athlete bank borrower buyer client collaborator
    company consultant contractor corporation customer developer distributor employee employer endorser escrow
    franchisee franchisor guarantor holder host issuer landlord lender lessee lessor licensee licensor manager
    manufacturer member operator owner parent partner partners parties party promoter provider publisher purchaser
    recipient reseller seller servicer service sponsor subsidiary supplier talent tenant transporter trust trustee
    user vendor initial renewal term content closing field order purchase licensed mark marks trademarks business
    separation goods control network system professional territories finished common stock board director directors
    new effective date territory product products services program fund funds the and or each both collectively
    together contract year""".split()
)
_LEGAL = re.compile(
    r"\b(?:agreement|section|article|exhibit|schedule|whereas|witnesseth|recitals?|street|avenue|road|suite|floor|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|effective|date[ds]?|"
    r"state|states|laws?|confidential|securities|commission|pursuant|omitted|treatment|amended|amendment|this|page)\b",
    re.I,
)
_BEFORE = re.compile(r"(?:this|the|and|between|by|of|among|with|&|[A-Z]\.|\d[\d.]*)(?:,?\s|,)", re.I)
_ONLY_FORMS = re.compile(rf"(?:{_FORMS}|The|Nevada|Delaware|New|[\W\d])+\.?")
_NO_COMPANY = re.compile(
    r"^(?:our|documents|its|each|such|other|certain|any|all|a|an)\b|\d{4}|\b(?:stock exchange|nasdaq|depository)\b",
    re.I,
)
_PLACE = re.compile(r"(?:[A-Z]{2},?\s)?[\d\W]*|.*\d{4}.*", re.S)
_WINDOW = 2_200  # characters after "between" that parties are looked for in
_MOST = 24


def names(opening: str) -> Iterator[Name]:
    """Parties and their short names; a role ("the Supplier") is none."""
    first = next(
        (m.start() for m in _OPENS.finditer(opening) if _COMPANY.search(opening, m.end(), m.end() + 400)), None
    )
    head = max(0, (first or 0) - 600)
    found: dict[str, tuple[str, int, int]] = {}
    stop = (first if first is not None else 0) + _WINDOW
    for name, start, end in [*company_names(opening[:stop], head), *_people(opening, first)]:
        found.setdefault(re.sub(r"\W", "", name.casefold()), (name, start, end))
    known = " ".join(name.casefold() for name, _, _ in found.values())
    shorts = [m for m in _SHORT.finditer(opening, head, stop) if _is_name(m[1], known, opening)]
    found |= {re.sub(r"\W", "", m[1].casefold()): (m[1], *m.span(1)) for m in shorts}
    for name, start, end in list(found.values())[:_MOST]:
        yield Name("party", name, "", "first pages", start, end)


def company_names(text: str, start: int = 0) -> Iterator[tuple[str, int, int]]:
    """Names that end in a company's form, with their spans."""
    for match in _COMPANY.finditer(text, start):
        name, begin = match.group(), match.start()
        while before := _BEFORE.match(name):
            name, begin = name[before.end() :], begin + before.end()
        name = name.strip(" ,")
        if not (_LEGAL.search(name) or _ONLY_FORMS.fullmatch(name) or _NO_COMPANY.search(name)):
            yield name, begin, begin + len(name)


def _people(opening: str, first: int | None) -> Iterator[tuple[str, int, int]]:
    """Parties without a company's form: capitalised words right before a bracket or "a corporation"."""
    if first is None:
        return
    for match in _BEFORE_BRACKET.finditer(opening, first, first + 1_200):
        name = match.group()
        while before := _BEFORE.match(name):
            name = name[before.end() :]
        words = [word.casefold() for word in re.findall(r"\w+", name)]
        if (
            words
            and not _ONLY_FORMS.fullmatch(name)
            and not _LEGAL.search(name)
            and not set(words) <= _ROLE
            and not name.isdigit()
            and len(name) > 2
            and not _PLACE.fullmatch(name)
        ):
            yield name, match.end() - len(name), match.end()


def _is_name(short: str, known: str, opening: str) -> bool:
    words = re.findall(r"\w+", short.casefold())
    if not words or set(words) <= _ROLE or _LEGAL.search(short):
        return False
    if any(word in known and word not in _ROLE and len(word) > 2 for word in words):
        return True
    return len(words) == 1 and not re.search(rf"(?<![\"“\w]){re.escape(short.lower())}\b", opening)
