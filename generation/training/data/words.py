"""Words and patterns that the making of claims and their corruption share."""

from __future__ import annotations

import re

MONTHS = ("January February March April May June July August September October November December").split()
MONTH = "|".join(MONTHS)
_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
SPELLED = {word: value for value, word in enumerate(_UNITS)} | {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip
SPELL = {value: word for word, value in SPELLED.items()}

NEGATION = re.compile(r"\b(?:not|no|never|none|nor|neither|cannot|without|nothing|nobody)\b|n['’]t\b", re.I)
CONDITION = re.compile(
    r"\b(?:if|unless|except|only|until|provided|subject to|other than|where|when|whenever|in case|in the case|"
    r"in the event|whether|least|most|as long as|conditional|otherwise|hardly|rarely|may have|notwithstanding)\b",
    re.I,
)
MODAL = r"(?:shall|must|may|will|can|should|could|would|might)"
FINITE = re.compile(
    rf"\b(?:{MODAL}|is|are|was|were|has|have|had|does|do|did|means?|includes?|provides?|requires?|applies|apply|"
    r"contains?|collects?|occurs?|causes?|shows?|suggests?|remains?|consists?|depends?|"
    r"increased|decreased|showed|found|received|rose|fell|became|began|took|made|led|gave|held|won)\b"
)
_STOP = frozenset(
    (
        "the a an of to in and or for on at by with from as is are was were be been being it its this that "
        "these those which who whom whose such any all each other another than then so if unless not no may "
        "must shall will can could should would might has have had do does did we you your our us they their "
        "them he she his her i my me under upon into over out up about between during within after before "
        "also more most some there here when where while how what why only same own per via according "
        "agreement policy says states report article act regulation study document"
    ).split()
)
_WORD = re.compile(r"[A-Za-z][A-Za-z’'-]*|\d[\d,.]*\d|\d")


def content_words(text: str) -> set[str]:
    """The words of a text that carry its meaning, cut to stems in the crudest way; numbers count as words."""
    return {_stem(word) for word in (found.lower() for found in _WORD.findall(text)) if word not in _STOP}


def overlap(claim: str, evidence: str) -> float:
    """The share of the claim's content words that occur in the evidence."""
    wanted = content_words(claim)
    return len(wanted & content_words(evidence)) / len(wanted) if wanted else 1.0


def words(text: str) -> int:
    return len(text.split())


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


_OPENERS = frozenset(
    (
        "The A An This That These Those It They We You Your Our Their His Her Any All Each Every No Some Many "
        "Most Such If When Where Unless Once After Before During In On At By For From With Under To As There "
        "Both Neither Only Several Other Another While Although Because Since Upon Within Without However "
        "People Patients Information Treatment Symptoms Doctors Researchers One Two Three Four Five"
    ).split()
)


def lowered(text: str) -> str:
    """The text as it stands inside a sentence: the first letter small, unless the first word may be a name."""
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if first in _OPENERS else text


def _stem(word: str) -> str:
    word = word.removesuffix("'s").removesuffix("’s").replace(",", "")
    for ending in ("ations", "ation", "ings", "ing", "ies", "ied", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
