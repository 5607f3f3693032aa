"""Who a contract is between, and what it calls them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.facts.laws import known_place
from ingest.naming.parties import company_names
from ingest.types import Fact, FactKind

_OPENING = 9_000
_WINDOW = 3_000  # characters after "between" that parties are looked for in
_MOST = 12
_BETWEEN = re.compile(
    r"\b(?:by\s+and\s+)?(?:between|among(?:st)?)\b\s*:?|\bPARTIES\s{0,9}:|"
    r"(?:^|\n)[ \t]{0,9}PARTIES[ \t]{0,9}\n|\bmade\s+by\b",
    re.I,
)
_STOP = re.compile(
    r"\b(?:WHEREAS|WITNESSETH|W\sI\sT\sN\sE\sS|RECITALS?|BACKGROUND|PREAMBLE|NOW,?\s+THEREFORE|"
    r"TABLE\s+OF\s+CONTENTS)\b|"
    r"\b(?:Whereas|Recitals|Background|Witnesseth|Now,?\s+[Tt]herefore|agrees?\s+as\s+follows|"
    r"Table\s+of\s+Contents)\b|"
    r"\n\s*(?:ARTICLE|Article|SECTION|Section)\s|\n\s*1\.\s|\bthe\s+[\"“']{1,2}Parties[,.]?[\"”']{1,2}"
)
_Q = "[\"“”'‘’]{1,2}"
_CLOSED = re.compile(r"[^()\[\]\n]{0,80}[)\]]")
_TERM = re.compile(
    rf"[(\[]\s?(?P<in>[^()\[\]]{{0,120}}?){_Q}\s?(?P<t>[A-Z][\w &.,'’/-]{{0,50}}?)\s?[,.]?{_Q}"
    r"(?P<more>[^()\[\]]{0,120})[)\]]"
    rf"|\((?P<b>[A-Z]{{3,}}(?:\s[A-Z]{{2,}})?)\)"
    rf"|\bhereinafter[^.;()\[\]]{{0,60}}?{_Q}\s?(?P<h>[A-Z][\w &.'’/-]{{0,50}}?)\s?[,.]?{_Q}"
    rf"|\b(?:[Rr]eferred\s+to\s+as|[Cc]alled)\s+(?:the\s+)?{_Q}\s?(?P<c>[A-Z][\w &.'’/-]{{0,50}}?)\s?[,.]?{_Q}"
)
_MORE = re.compile(rf"{_Q}\s?([A-Z][\w &.'’/-]{{0,50}}?)\s?[,.]?{_Q}")
_JOINT = re.compile(r"\b(?:collectively|together|individually|each|both|singularly|jointly|parties|party)\b", re.I)
_PARTY = re.compile(r"part(?:y|ies)", re.I)
_ASIDE = re.compile(
    r"\b(?:subsidiar(?:y|ies)|affiliates?|division|behalf|successor|assignee|unit|member|predecessor|trustee|"
    r"custody|owned|manager|brand|part)\s+(?:of|to|for|by|in)\s+"
    r"(?:[A-Z][\w.&'-]*\s+){0,2}$"
    r"|\b(?:d/?b/?a|f/?k/?a|a/?k/?a|formerly(?:\s+known\s+as)?|doing\s+business\s+as|known\s+as|through\s+its|"
    r"c/o|trading\s+as|offices?\s+(?:of|at)|"
    r"laws?\s+of|at|in|located|suite|floor|including|via|its)\s+(?:the\s+)?$",
    re.I,
)
_OPEN = re.compile(r"[(\[][^()\[\]]*$")
_LEAD = re.compile(
    r"(?:^|between|among|amongst|\band|,|;|:|\n|\b\(?\d\)|\(?[ivx]+\)|\(?[a-zA-Z1-9]\)|\d\.|&|parties|•|"
    r"\bwith|\bthe|-|\))\s*$",
    re.I,
)
_PERSON = re.compile(
    r"(?<!\w)(?:(?:Mr|Mrs|Ms|Dr|Prof)\.?\s+)?[A-Z][\w.'’-]*+(?:,?\s+(?:[A-Z][\w.'’&/-]*+|of|de|la|van|von|and|the|for|"
    r"&)){0,7}?"
    r"(?=\s*,?\s*(?:[(\[]|\ba\s|\ban\s|having|with\s+(?:a|an|its|his|her)\b|located|whose|residing|"
    r"hereinafter|d/b/a|acting|incorporated|organized|"
    r"an?d?\s+individual|(?:[A-Z]\w++\s){1,2}(?:corporation|company|partnership)\b))"
)
_BRACKETED = re.compile(
    r"(?:(?:[A-Z][\w&.'’-]*,?\s){1,5}\([A-Z][\w.\s]{1,20}\),?|\d{4,12}(?:\s[A-Z]\w+){0,2})\s"
    r"(?:Ltd|Limited|Inc|LLC|Corp|Corporation|GmbH|Co)\b\.?(?:,?\s(?:Ltd|Limited|Inc|LLC|KG)\b\.?)?"
)
_DOTCOM = re.compile(r"\b[a-z]\w*(?:\.\w+)+,?\s(?:Inc|LLC|Corp|Corporation|Ltd|Limited)\b\.?")
_DEFINED = re.compile(
    r"\s*[(\[](?:each\s+)?as\s+(?:hereinafter\s+)?(?:defined|described)\b", re.I
)  # of a thing, not of a party
_OF_PLACE = re.compile(r"\sof\s(?:the\s)?((?:[A-Z][a-z]+\s)?[A-Z][a-z]+)(?=\s?[,(]|$)")
_CONTINENTS = frozenset({"america", "north america", "south america", "europe", "africa", "asia"})
_WHOLE = re.compile(r"(?:Company|Corporation|Bank|Trust)$", re.I)
_ELSEWHERE = re.compile(
    r"\b(?:pursuant\s+to|under|(?:described|defined|provided|contemplated|set\s+forth)\s+(?:in|by))\s+"
    r"(?:the|that|an?)\s+(?:certain\s+)?[^.;\n]{0,80}?\b(?:Agreement|Contract|Plan|Lease|Deed)\b[^.;\n]{0,160}$"
)  # what is between others
_NO_NAME = re.compile(
    r"\b(?:agreement|contract|section|article|exhibit|schedule|effective|date|day|street|avenue|road|suite|"
    r"floor|january|february|march|april|june|july|august|"
    r"september|october|november|december|state|states|laws?|this|page|parties|party|delaware|nevada|whereas|"
    r"address|box|amendment|"
    r"exchange|commission|territory|products?|hereinafter|herein|between|county|tax|principal|registered|"
    r"u\.s\.a|united|building|tower|plaza|park|islands?|isles|attn|fax|zip|"
    r"recitals?|license|confidential)\b|\d{3,}",
    re.I,
)
_FORM = re.compile(r"(?:Ltd|Inc|LLC|Corp|Co|Limited|Company|U\.S|L\.P|LP|Corporation)\.?", re.I)
_ROLE = frozenset(
    """advisor affiliate agency agent assignee assignor athlete bank borrower buyer client collaborator company
    consultant contractor corporation customer developer distributor employee employer endorser escrow
    franchisee franchisor guarantor holder host issuer landlord lender lessee lessor licensee licensor manager
    manufacturer member operator owner parent partner provider publisher purchaser recipient reseller seller
    servicer sponsor subsidiary supplier talent tenant transporter trust trustee user vendor grantor grantee
    investor producer artist receiver discloser executive insurer insured shipper carrier processor
    subcontractor obligor obligee creditor debtor pledgor mortgagor mortgagee remarketer transferor transferee
    contributor marketer promoter broker dealer underwriter service a b party fund disclosing receiving first
    second the of repairer county city town village authority exporter importer researcher university
    institution architect builder subscriber donor optionee optionor master servicing depositor administrator
    adviser general contracting representative""".split()
)


@dataclass(frozen=True, slots=True)
class _Name:
    start: int
    end: int
    form: bool  # of a company: "Inc."


def facts(text: str) -> Iterator[Fact]:
    """The parties of the preamble, each once; nothing where fewer than two are found."""
    opening = text[:_OPENING].replace("\xa0", " ")
    best: list[Fact] = []
    for start in _starts(opening):
        found = _parties(opening, start, _end(opening, start))
        score = (len(found) >= 2, sum(bool(fact.role or fact.term) for fact in found) >= 2, -len(best))
        if score > (len(best) >= 2, sum(bool(fact.role or fact.term) for fact in best) >= 2, -len(best)):
            best = found
        if score[0] and score[1]:
            break
    if len(best) >= 2:
        yield from best[:_MOST]


def _starts(opening: str) -> Iterator[int]:
    """Where the list of parties may begin: after "between", else at the first defined term's paragraph."""
    other = 0  # up to where contracts of others are told of
    for match in list(_BETWEEN.finditer(opening))[:6]:
        if _ELSEWHERE.search(sentence := opening[max(0, match.start() - 300) : match.start()]) and not re.search(
            r"\bthis\b", sentence, re.I
        ):
            other = other or match.end()
        else:
            yield match.end()
    first = next(_TERM.finditer(opening), None)
    if first and not (other and opening.rfind("\n", 0, first.start()) < other):
        yield opening.rfind("\n", 0, first.start()) + 1


def _end(opening: str, start: int) -> int:
    stop = _STOP.search(opening, start + 20, start + _WINDOW)
    if stop is None:
        return min(len(opening), start + _WINDOW)
    closed = _CLOSED.match(opening, stop.end()) if stop.group().startswith("the") else None
    return closed.end() if closed else stop.start()  # '("Licensee" and together with Licensor, the "Parties")'


def _parties(text: str, start: int, end: int) -> list[Fact]:
    names = _names(text, start, end)
    facts: dict[str, Fact] = {}
    for at, name in enumerate(names):
        until = names[at + 1].start if at + 1 < len(names) else end
        terms = _terms(text, name.end, until)
        spelled = " ".join(text[name.start : name.end].split())
        key = re.sub(r"\W", "", spelled.casefold())
        if not name.form and not terms:
            continue
        role = next((term for term in terms if _is_role(term)), "")
        term = next((term for term in terms if not _is_role(term)), "")
        if key not in facts or not (facts[key].role or facts[key].term):
            facts[key] = Fact(FactKind.PARTY, spelled, name.start, name.end, role, term)
    told = list(facts.values())
    defined = [fact for fact in told if fact.role or fact.term]
    return (
        defined
        if len(defined) >= 2
        else told[:2]
        if len(told) >= 2 and len(defined) >= 1
        else told[:2]
        if len(told) == 2
        else []
    )


def _names(text: str, start: int, end: int) -> Sequence[_Name]:
    """Names in the order of the text that stand where a party is introduced; no two overlap."""
    found: list[_Name] = []
    spans = [match.span() for pattern in (_BRACKETED, _DOTCOM) for match in pattern.finditer(text, start, end)]
    for begin, finish in (*spans, *_companies(text[:end], start)):
        if all(begin >= one.end or finish <= one.start for one in found):
            found.append(_Name(begin, finish, True))
    taken = [(one.start, one.end) for one in found]
    for match in _PERSON.finditer(text, start, end):
        begin, finish = match.span()
        words = re.findall(r"[^\W\d_]+", match.group())
        if words[:1] and words[0].casefold() in {"a", "an", "such", "each"}:
            continue
        if len(words) < 2 and not match.group().isupper() and len(match.group()) < 4:
            continue
        if any(begin < last and finish > first for first, last in taken) or _NO_NAME.search(match.group()):
            continue
        if (
            all(word.casefold() in _ROLE for word in words)
            or not words
            or known_place(match.group())
            or _FORM.fullmatch(match.group())
        ):
            continue
        found.append(_Name(begin, finish, False))
    return [one for one in sorted(found, key=lambda one: one.start) if _introduced(text, start, one)]


def _companies(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Names with a company's form; of "Kestrel, and Osprey Inc." the last one."""
    for name, begin, finish in company_names(text, start):
        cut = list(re.finditer(r",\s+and\s+", name))
        place = _OF_PLACE.match(text, finish) if _WHOLE.search(name) else None
        if place and (place[1].casefold() in _CONTINENTS or known_place(place[1])):
            finish = place.end()  # "Mutual Insurance Corporation of America"
        yield (begin + cut[-1].end() if cut else begin), finish


def _introduced(text: str, start: int, name: _Name) -> bool:
    before = text[max(start, name.start - 120) : name.start]
    if _OPEN.search(before) or _ASIDE.search(before) or (not name.form and _DEFINED.match(text, name.end)):
        return False
    if not name.form and re.search(r"\bthe\s+$", before, re.I) and not re.search(r"\s", text[name.start : name.end]):
        return False  # "use the Content"
    return bool(_LEAD.search(before)) or not before.strip()


def _terms(text: str, start: int, until: int) -> list[str]:
    """What the document calls whoever is named before: the defined terms up to the next name."""
    for match in _TERM.finditer(text, start, until):
        words = match["t"] or match["h"] or match["c"] or match["b"]
        lead = match["in"] or ""
        if match["b"] and match.start() > start + 3:  # "(CNPJ)" further on is no name of it
            continue
        if match.start() > start + 3 and text[start : match.start()].rstrip().endswith(f" {words}"):
            return []  # 'the Content ("Content")': from here on things are named
        if _PARTY.fullmatch(words) or re.search(r"\b(?:agreement)\b", lead, re.I) or "Agreement" in words:
            continue
        if re.fullmatch(r"(?:Effective|Commencement) Date", words):
            continue
        more = [one for one in _MORE.findall(match["more"] or "") if not _PARTY.fullmatch(one)]
        return [words, *(more if not _JOINT.search(match["more"] or "") else [])]
    return []


def _is_role(term: str) -> bool:
    return all(word in _ROLE for word in re.findall(r"[^\W\d_]+", term.casefold()))
