"""What kind of document it is, as its first page says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ingest.naming import reports
from ingest.types import Fact, FactKind

_FIRST = 3_000  # characters that a title is looked for in
_CONTRACT = (
    r"(?:agreement|contract|lease|licen[cs]e|amendment|addendum|deed|letter\s+of\s+intent|undertaking|guarant(?:y|ee)|"
    r"order\s+form|statement\s+of\s+work|terms\s+(?:and|&)\s+conditions|settlement|indenture|covenant|mortgage|bond|"
    r"promissory\s+note|warrant|subcontract|tenancy|franchise|power\s+of\s+attorney)s?"
)
_OTHER = (
    r"(?:policy|policies|report|handbook|manual|prospectus|memorandum|guidelines?|procedure|minutes|certificate|charter|"
    r"bylaws|by-laws|specification|plan)s?"
)
_KIND = re.compile(rf"\b{_CONTRACT}\b", re.I)
_ADDED = re.compile(rf"(?P<kind>[^\n]{{0,100}}?\b{_CONTRACT})\s[-–—|]\s", re.I)
_OTHER_KIND = re.compile(rf"^{_OTHER}\b(?=\s*$|\s+(?:of|for|on|to)\b)|\b{_OTHER}$", re.I)
_ITSELF = re.compile(rf"\bth(?:is|ese)\s+(?:[\w-]+,?\s+){{0,6}}?{_CONTRACT}\b", re.I)
_SELF = re.compile(
    r"\b(?:[Tt]his|THIS|[Tt]hese|THESE)\s+((?:[A-Z][\w&/-]*,?\s+|(?:and|of|for|to|the|"
    r"-)\s+){0,8}?(?:Agreement|Contract|Lease|License|Amendment|Addendum|Deed|"
    r"AGREEMENT|CONTRACT|LEASE|LICENSE|AMENDMENT|ADDENDUM|DEED))\b"
)
_NO_TITLE = re.compile(
    r"^(?:exhibit|schedule|annex|appendix|table|page|article|section|whereas|this|in\s+witness|now|"
    r"confidential|by\s+and|dated?)\b|"
    r"[.;:]$|[@|]|\.{3}|\b(?:this|shall|hereby|pursuant|omitted|redacted|filed|request|portions|between|dated)\b",
    re.I,
)
_LINE = 200  # characters of a title with its parties
_CUT = re.compile(r"\s(?:by\s+and\s+)?(?:between|among)\b|\s(?:dated|effective)\s+as\b|\s\{\*|\s\(?this\b", re.I)
_FILING = re.compile(r"\bsecurities\s+and\s+exchange\s+commission\s+washington\b|\bnews\s+release\b", re.I)
_BARE = re.compile(r"(?:agreement|contract|amendment|terms)s?", re.I)


def facts(text: str) -> Iterator[Fact]:
    """The line of the first page that reads like the title of a contract, policy or report; else what the document
    calls itself ("this Supply Agreement")."""
    position, best = 0, None
    for line in text[:_FIRST].split("\n"):
        sentence = len(line) > _LINE or line.rstrip().endswith(".")
        stripped = (line if sentence else _CUT.split(line, maxsplit=1)[0]).strip(' \t*_{}[]#,"“”-–—')
        if _titled(stripped):
            start = position + line.index(stripped)
            best = best or (start, start + len(stripped))
            if not _BARE.fullmatch(stripped):
                best = start, start + len(stripped)
                break
        position += len(line) + 1
    if best is None or _BARE.fullmatch(text[slice(*best)]):
        said = _SELF.search(text, 0, 2 * _FIRST)
        if said and not _BARE.fullmatch(said[1]):
            best = said.span(1)
    if best:
        if cut := _ADDED.match(text, *best):  # "Supply Agreement - Kestrel"
            best = best[0], cut.end("kind")
        other = None if _KIND.search(text[slice(*best)]) else _OTHER_KIND.search(text[slice(*best)])
        place = (best[0] + other.start(), best[0] + other.end()) if other else best
        yield Fact(FactKind.DOCUMENT_KIND, _value(text[slice(*place)]), *place)


def is_contract(text: str, found: Iterable[Fact]) -> bool:
    """Whether the document is an agreement, lease or the like: by its title, or as its first pages call it; a report to
    the authorities is none, though contracts may hang on it."""
    opening = text[: 2 * _FIRST]
    if next(reports.names(opening), None) or _FILING.search(opening[:_FIRST]):
        return False
    return any(_KIND.search(fact.value) for fact in found) or bool(_ITSELF.search(opening))


def _titled(line: str) -> bool:
    words = re.findall(r"[^\W\d_]+", line)
    if len(words) == 1 and re.fullmatch(_CONTRACT, line, re.I) and line[-1:] in {"s", "S"}:  # heads a list
        return False
    if (
        not 1 <= len(words) <= 14
        or len(line) > 120
        or _NO_TITLE.search(line)
        or not (_KIND.search(line) or _OTHER_KIND.search(line))
    ):
        return False
    long = [word for word in words if len(word) > 3]
    return bool(long) and all(word[0].isupper() for word in long)


def _value(words: str) -> str:
    plain = " ".join(words.split()).casefold()
    return re.sub(r"^(?:(?:form|sample|specimen)\s+of\s+(?:an?\s+)?|execution\s+(?:version|copy)\s+)", "", plain).strip(
        " .,;:()"
    )
