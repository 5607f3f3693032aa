"""Parties and the roles that their document defines for them: `Acme Corp. ("Distributor")`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from generation.gate.particulars.common import terms

_FORM = (
    r"(?:Inc|Incorporated|Corp|Corporation|Company|Co|LLC|L\.L\.C|Ltd|Limited|L\.?P|LLP|PLC|plc|GmbH|AG|S\.?A|N\.?V|"
    r"B\.?V|Trust|Bank|Partnership|Pte|Pty|KG|A/S|Oy|AB|INC|CORP|CORPORATION|COMPANY|LTD|LIMITED|TRUST|BANK)"
)
_PIECE = r"(?:[A-Z][\w&.'’/+-]*|&)"
_PARTY = re.compile(rf"{_PIECE}(?:,? (?:{_PIECE}|of|and|for|the|de)){{0,6}}?,? {_FORM}\b\.?(?:,? {_FORM}\b\.?)*")
_TAIL = re.compile(rf"(?:,?\s+{_FORM}\b\.?)+$")
_BRACKET = re.compile(r"[(\[]([^()\[\]]{0,120}?[\"“”][^()\[\]]{1,80})[)\]]")
_QUOTED = re.compile(r"[\"“”]\s?([A-Z][\w &.'’-]{1,40}?)\s?[,.]?[\"“”]")
_NAME_BEFORE = re.compile(r"([A-Z][\w&.'’-]*(?: [A-Z][\w&.'’-]*){0,4}),?\s*$")
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


@lru_cache(maxsize=64)
def parties(document: str) -> tuple[Party, ...]:
    """Those of the document's opening to whom it gives a role in quotation marks and brackets."""
    opening, end, found = document[:_OPENING], 0, []
    for bracket in _BRACKET.finditer(opening):
        name = _named(opening[max(end, bracket.start() - _REACH) : bracket.start()])
        end = bracket.end()
        called = _QUOTED.findall(bracket[1])
        roles = [term for term in called if _ROLE.search(term) and not _THING.search(term) and _everyday(term)]
        if name and roles:
            shorts = [term for term in called if term not in roles]
            names = dict.fromkeys((name, _TAIL.sub("", name), *shorts))
            found.append(Party(tuple(sorted(names, key=len, reverse=True)), tuple(roles)))
    return tuple(found)


def in_its_words(claim: str, evidence: str, document: str) -> str:
    """The claim with its parties called as the evidence calls them: by role where it knows the role only, by name
    where it knows the name only. `document` is the whole text of what the evidence is taken from."""
    for party in parties(document):
        named = next((name for name in party.names if _holds(evidence, name)), None)
        role = next((role for role in party.roles if _holds(evidence, role)), None)
        if role and not named:
            claim = _exchanged(claim, party.names, f"the {role}")
        elif named and not role:
            claim = _exchanged(claim, party.roles, named)
    return claim


def _everyday(term: str) -> bool:
    return set(term.split()) <= terms(f"the {term}")


def _named(before: str) -> str | None:
    """The party that a bracket after this text speaks of: the last company, or a name that stands right before it."""
    companies = _PARTY.findall(before)
    if companies:
        return str(companies[-1])
    near = _NAME_BEFORE.search(before)
    return near[1] if near and not terms(near[1]) else None


def _exchanged(claim: str, these: tuple[str, ...], by: str) -> str:
    for name in these:
        claim = re.sub(rf"(?:\b[Tt]he )?(?<!\w){re.escape(name)}(?!\w)", lambda _: by, claim)
    return claim[:1].upper() + claim[1:]


def _holds(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
