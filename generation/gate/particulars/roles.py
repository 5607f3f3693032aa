"""Parties and the roles that their document defines for them: `Acme Corp. ("Distributor")`.

A wrong role would let a claim about one party pass on what is said of another, so whatever is not plain is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from generation.gate.particulars.common import OPENERS, terms

_FORM = (
    r"(?:Inc|Incorporated|Corp|Corporation|Company|Co|LLC|L\.L\.C|Ltd|Limited|L\.?P|LLP|PLC|plc|GmbH|AG|S\.?A|N\.?V|"
    r"B\.?V|Trust|Bank|Partnership|Pte|Pty|KG|A/S|Oy|AB|INC|CORP|CORPORATION|COMPANY|LTD|LIMITED|TRUST|BANK)"
)
_PIECE = r"(?:[A-Z][\w&.'’/+-]*|&)"
_PARTY = re.compile(
    rf"(?<![\w'’-]){_PIECE}(?:,? (?:{_PIECE}|of|and|for|the|de)){{0,6}}?,? {_FORM}\b\.?(?:,? {_FORM}\b\.?)*"
)
_TAIL = re.compile(rf"(?:,?\s+{_FORM}\b\.?)+$")
_BRACKET = re.compile(r"[(\[]([^()\[\]]{0,120}?[\"“”][^()\[\]]{1,80})[)\]]")
_QUOTED = re.compile(r"[\"“”]\s?([A-Z][\w &.'’-]{1,40}?)\s?[,.]?[\"“”]")
_JOINS = re.compile(r"\b(?:and|between|among|by)\s")
_SHARED = re.compile(r"\b(?:each|both|together|collectively|any|either)\b", re.I)
_SOMEBODY_ELSE = re.compile(
    r"\b(?:through|behalf|agent|subsidiary|affiliate|parent|trustee|officer|representative|division|shareholder|"
    r"successor|assignee)\b",
    re.I,
)
_ROLE = re.compile(
    r"(?:agency|agent|affiliate|athlete|bank|client|company|corporation|fund|parent|partnership|recipient|subsidiary|"
    r"trust|sponsor|host|(?:[a-z]+(?:or|er|ee|ant|ist)))$",
    re.I,
)
_THING = re.compile(
    r"(?:order|letter|number|quarter|offer|register|transfer|paper|power|matter|computer|server|floor|sector|chapter|"
    r"water|center|monitor|factor|error|fee|guarantee|warrant|covenant|committee|grant|list|software|calendar)$",
    re.I,
)
_OPENING, _REACH = 6_000, 400  # characters in which parties are introduced; between a party and its bracket


@dataclass(frozen=True, slots=True)
class Party:
    """`names`: the longest first. `roles`: what the document calls it, none of them a name."""

    names: tuple[str, ...]
    roles: tuple[str, ...]


def parties(document: str) -> tuple[Party, ...]:
    """Those of the document's opening of whom it says plainly, in quotation marks and brackets, what role they have,
    and no two the same."""
    return _introduced(document[:_OPENING])


@lru_cache(maxsize=64)
def _introduced(opening: str) -> tuple[Party, ...]:
    found, end = [], 0
    for bracket in _BRACKET.finditer(opening):
        before = opening[max(end, bracket.start() - _REACH) : bracket.start()]
        end = bracket.end()
        name = None if _SHARED.search(bracket[1]) else _named(before)
        called = _QUOTED.findall(bracket[1])
        roles = tuple(term for term in called if _is_role(term))
        if name and roles:
            own = _words(name)
            shorts = (_TAIL.sub("", name), *(term for term in called if term not in roles and _words(term) & own))
            names = dict.fromkeys((name, *(short for short in shorts if _says_who(short))))
            found.append(Party(tuple(sorted(names, key=len, reverse=True)), roles))
    holders = Counter(role for party in found for role in party.roles)
    return tuple(party for party in found if all(holders[role] == 1 for role in party.roles))


def in_its_words(claim: str, evidence: str, document: str) -> str:
    """The claim with its parties called as the evidence calls them: by role where it knows the role only, by name
    where it knows the name only. `document` is the whole text of the one document that the evidence is taken from; ""
    leaves the claim as it is."""
    for party in parties(document):
        named = next((name for name in party.names if _holds(evidence, name)), None)
        role = next((role for role in party.roles if _holds(evidence, role)), None)
        if role and not named:
            claim = _exchanged(claim, party.names, f"the {role}")
        elif named and not role:
            claim = _exchanged(claim, party.roles, named)
    return claim


def _named(before: str) -> str | None:
    """The one company that a bracket after this text speaks of, or None."""
    joins = [match.end() for match in _JOINS.finditer(before)]
    for start in [*reversed(joins), 0]:
        companies = list(_PARTY.finditer(before, start))
        if companies:
            only = len(companies) == 1 and not _SOMEBODY_ELSE.search(before, start)
            return companies[0].group() if only else None
    return None


def _is_role(term: str) -> bool:
    everyday = set(term.split()) <= terms(f"the {term}")
    return everyday and _ROLE.search(term) is not None and _THING.search(term) is None


def _says_who(short: str) -> bool:
    """Whether a short name is more than an everyday word or a few letters."""
    return len(short) > 3 and not set(short.split()) <= terms(f"the {short}")


def _words(name: str) -> set[str]:
    return set(re.findall(r"\w{2,}", name.casefold()))


def _exchanged(claim: str, these: tuple[str, ...], by: str) -> str:
    for name in these:
        for match in reversed(_standing(claim, name)):
            start = match.start()
            article = re.search(r"\b[Tt]he $", claim[:start])
            start = article.start() if article else start
            claim = claim[:start] + by + claim[match.end() :]
    return claim[:1].upper() + claim[1:]


def _holds(text: str, name: str) -> bool:
    """Whether the name stands in the text, and nowhere as a part of another ("Deutsche Bank" is not the Bank)."""
    found = list(_found(text, name))
    return bool(found) and len(_standing(text, name)) == len(found)


def _standing(text: str, name: str) -> list[re.Match[str]]:
    """Where the name stands by itself: not within a longer run of capitals."""
    return [match for match in _found(text, name) if not _within_another(text, match)]


def _found(text: str, name: str) -> list[re.Match[str]]:
    return list(re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text))


def _within_another(text: str, match: re.Match[str]) -> bool:
    after = re.match(r"\s(?:&\s)?[A-Z]", text[match.end() : match.end() + 4])
    before = re.search(r"(?:^|[.!?:;\n]\s*)?\b([A-Z][\w'’-]*)\s(?:of\s(?:the\s)?)?$", text[: match.start()][-60:])
    return after is not None or (before is not None and before[1].lower() not in OPENERS)
