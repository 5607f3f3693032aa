"""Corruptions of a true (evidence, claim) pair, one function for each kind of unfaithful sentence.

Each takes the pair, the material that it may draw on and a random generator, and returns the corrupted pair, or None
where it does not apply. A corruption must leave a claim that its evidence does not entail: when in doubt it gives None.
Kinds that change values are in data_wrong_values.py, those that turn the sense in data_wrong_sense.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from generation.training.data.drafts import Material, changed
from generation.training.data.pairs import Pair
from generation.training.data.words import FINITE, content_words, lowered, overlap
from generation.training.data.wrong_sense import negation, role, stronger
from generation.training.data.wrong_values import date, name, number

Corruption = Callable[[Pair, Material, Random], Pair | None]


def corrupt(kind: str, pair: Pair, material: Material, random: Random) -> Pair | None:
    """The pair corrupted in the way of `kind` (a key of KINDS), or None where that way does not apply."""
    return KINDS[kind](pair, material, random)


def half(pair: Pair, material: Material, random: Random) -> Pair | None:
    """True and more than true: a second clause or a detail (reason, time, place, list item) of other sentences."""
    ways = [_more_clause, _more_detail, _more_item]
    random.shuffle(ways)
    for way in ways:
        claim = way(pair, material, random)
        if claim:
            return changed(pair, "half", "neutral", claim)
    return None


_LINKS = (", and ", "; ", ", and in addition ", "; furthermore, ", ", while ")


def _more_clause(pair: Pair, material: Material, random: Random) -> str | None:
    for clause in material.clauses:
        if len(clause.split()) + len(pair.claim.split()) <= 55 and _is_news(clause, pair):
            return pair.claim.rstrip(" .") + random.choice(_LINKS) + lowered(clause)
    return None


def _more_detail(pair: Pair, material: Material, random: Random) -> str | None:
    for detail in random.sample(list(material.details), min(30, len(material.details))):
        opening = detail.split()[0]
        if opening not in pair.claim.split()[-9:] and _is_news(detail, pair):
            return f"{pair.claim.rstrip(' .')} {detail}."
    return None


_LIST = re.compile(r"(?<=[a-z]), (?:[a-z][a-z -]{2,30}),? (?:and|or) (?=[a-z])|(?<=such as )[a-z]+ (?:and|or) ")


def _more_item(pair: Pair, material: Material, random: Random) -> str | None:
    found = _LIST.search(pair.claim)
    for item in random.sample(list(material.items), min(30, len(material.items))) if found else ():
        if found and not content_words(item) & content_words(pair.evidence):
            at = max(pair.claim.rfind(" and ", 0, found.end()), pair.claim.rfind(" or ", 0, found.end()))
            head = pair.claim[:at].rstrip(",")
            return f"{head}, {item}{',' if pair.claim[at - 1] == ',' else ''}{pair.claim[at:]}"
    return None


_CUT = re.compile(
    r"(?<=[a-z)])(?<!associated)(?<!accordance)(?<!accompanied)(?<!named)(?<!comply)(?<! use)(?<!used)(?<!based)"
    r"(?<!referred)(?<!relative)(?<!due)(?<!linked)(?<!driven)(?<!such)(?<!other)(?<!more)(?<!less)(?<!only)"
    r"(?<!provide),? (?:if|when|unless|because|within|after|before|for|by|including|such as|which|until|under|during|"
    r"through|from|with|in order to|at|on|in|while|where|using|based on|and) (?=\w+ \w+ \w+)"
)


def swapped(pair: Pair, material: Material, random: Random) -> Pair | None:
    """The longer sentence claimed where the evidence has no more than a shortened one."""
    if not material.sentence or material.sentence not in pair.evidence:
        return None
    short, claim = pair.claim, material.sentence
    if len(claim.split()) - len(short.split()) < 4:
        cuts = [m.start() for m in _CUT.finditer(material.sentence) if FINITE.search(material.sentence[: m.start()])]
        cuts = [cut for cut in cuts if len(material.sentence[:cut].split()) >= 5]
        if not cuts:
            return None
        short, claim = material.sentence[: random.choice(cuts)] + ".", pair.claim
    evidence = short if random.random() < 0.5 else pair.evidence.replace(material.sentence, short)
    if len(content_words(claim) - content_words(evidence)) < 3:
        return None
    return replace(pair, evidence=evidence, claim=claim, label="neutral", kind="swapped")


def other_document(pair: Pair, material: Material, random: Random) -> Pair | None:
    """Evidence of another document that has many words in common with the claim."""
    return _with_evidence(pair, material.similar, "other_document")


def wrong_citation(pair: Pair, material: Material, random: Random) -> Pair | None:
    """Evidence from another place of the same document."""
    return _with_evidence(pair, material.elsewhere, "wrong_citation")


def _with_evidence(pair: Pair, evidence: str, kind: str) -> Pair | None:
    return replace(pair, evidence=evidence, label="neutral", kind=kind) if evidence else None


def _is_news(added: str, pair: Pair) -> bool:
    """Whether the evidence lacks most of what is added, and at least two content words."""
    new = content_words(added) - content_words(pair.evidence)
    return len(new) >= 2 and overlap(added, pair.evidence) < 0.5


KINDS: Mapping[str, Corruption] = {
    function.__name__: function
    for function in (number, date, name, negation, role, half, swapped, other_document, wrong_citation, stronger)
}
