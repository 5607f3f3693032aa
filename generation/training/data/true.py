"""True claims: what a sentence says, shortened, rearranged or framed without changing what it commits to."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from generation.training.data.words import CONDITION, FINITE, MODAL, NEGATION, capitalised, lowered, words

_CONNECTIVE = re.compile(
    r"^(?:However|In addition(?! to)|Moreover|Furthermore|Therefore|Thus|Accordingly|For example|Finally|Also|"
    r"Additionally|Similarly|Consequently|As a result(?! of)|In particular|Specifically|Overall|Please note that|"
    r"Note that|Indeed|In fact|Nevertheless|Hence|Conversely|By contrast|In contrast(?! to)|Importantly),? (?=\w)"
)
_PARENTHESIS = re.compile(r"\s\((?!\d+\)|[a-zA-Z]{1,2}\)|[ivx]+\))[^()]{2,90}\)")
_RELATIVE = re.compile(
    r", (?:which|who) (?:is|are|was|were|has|have|can|may|includes?|had|will) [^,;.()]{5,80}(?:,|(?=\.$))"
)
_TAIL = re.compile(
    r",? (?:in accordance with|pursuant to|as described (?:in|below|above)|as defined in|as set forth in|"
    r"such as|including(?: but not limited to)?|for example)\b[^.;:]*(?=\.$)"
)
_CLAUSES = re.compile(
    r"(?:,|;) (?:and|but) (?=(?:the|a|an|we|it|they|he|she|this|these|any|you|your|our|there)\b)", re.I
)
_SECOND_MODAL = re.compile(
    rf"^(?P<subject>[^,;:]{{3,60}}?) (?P<first>(?:{MODAL}|is|are|was|were) [^,;:]+?),? and "
    rf"(?P<second>(?:{MODAL}|is|are|was|were|has|have) [^,;:]+)$"
)
_PARTICIPLES = {
    "approve": "approved", "collect": "collected", "conduct": "conducted", "consider": "considered",
    "deliver": "delivered", "determine": "determined", "disclose": "disclosed", "establish": "established",
    "file": "filed", "issue": "issued", "keep": "kept", "maintain": "maintained", "make": "made",
    "notify": "notified", "pay": "paid", "prepare": "prepared", "provide": "provided", "publish": "published",
    "reject": "rejected", "review": "reviewed", "revoke": "revoked", "send": "sent", "share": "shared",
    "store": "stored", "submit": "submitted", "suspend": "suspended", "transmit": "transmitted", "use": "used",
    "verify": "verified", "sell": "sold", "appoint": "appointed", "adopt": "adopted", "hold": "held",
}  # fmt: skip
_ACTIVE = re.compile(
    rf"^(?P<agent>(?:The|Each|An?|Any|Every) [A-Za-z]+(?: (?:of the )?[A-Z]?[a-z]+){{0,3}}|We|[A-Z]\w+) "
    rf"(?P<modal>shall|must|may|will|can) (?P<verb>{'|'.join(_PARTICIPLES)}) "
    r"(?P<object>(?:the|a|an|any|all|its|your|each|such|this|these|personal|certain) [a-z]+"
    r"(?: (?:of|and|or|the|[a-z]+ion|[a-z]+s)){0,4})"
    r"(?P<rest>(?: (?:to|from|for|within|before|after|in|at|on|under|by|with|if|unless|as)\b[^;:]*)?)\.$"
)
_LEADING_CLAUSE = re.compile(
    r"^(?P<lead>(?:If|When|Where|Unless|Because|Although|After|Before|Once) [^,;]{8,140}), "
    r"(?P<main>(?:the|an?|we|you|any|no|each|these|your|our) [^;]{10,160})\.$"
)
_TRAILING_CLAUSE = re.compile(
    r"^(?P<main>[^,;]{12,140}),? (?P<tail>(?:if|when|unless|because|although|before|once) [^,;]{10,120})\.$"
)
_ANY_CLAUSE = re.compile(r"\b(?:if|when|where|unless|because|although|after|before|once|while|that|which|who)\b", re.I)
_BOUND = re.compile(r"\b(?:time|date|day|and|or|even|only|as|just|long|shortly|immediately|soon|days|months|years|ask|"
                    r"determine|know|see|hours|weeks|minutes|not|case|period)$")  # fmt: skip
_LEADING_PHRASE = re.compile(
    r"^(?P<lead>(?!In (?:addition|particular|general|contrast|fact|order|this|these|such|that|turn)|For (?:example|"
    r"instance|this)|At least|At this)(?:In|On|During|At|As of|For) [^,;]{3,60}), "
    r"(?P<main>(?:the|an?|we|you|any|each|these|your|our) [^,;]{10,140})\.$"
)
_FRAME_NOUNS = {
    "policyqa": ("privacy policy", "policy"), "pubmedqa": ("study", "abstract", "authors"), "tatqa": ("report",),
    "dc_law": ("D.C. Code", "law", "section"), "canada_en": ("regulations", "law", "provision"),
    "cuad": ("agreement", "contract"), "medquad": ("document", "source"), "qed": ("article", "text"),
}  # fmt: skip


def core(sentence: str, random: Random) -> str | None:
    """The sentence with an addition left out that it does not depend on; None where there is none to leave out."""
    reductions: list[Callable[[str, Random], str | None]] = [_without_aside, _without_tail, _one_clause, _one_predicate]
    random.shuffle(reductions)
    for reduce in reductions:
        shorter = reduce(sentence, random)
        if shorter and shorter != sentence and words(shorter) >= 5 and FINITE.search(shorter):
            return capitalised(" ".join(shorter.split()))
    return None


def _without_aside(sentence: str, random: Random) -> str | None:
    shorter = _RELATIVE.sub("", _PARENTHESIS.sub("", sentence, count=1), count=1)
    return shorter if shorter != sentence else None


def _without_tail(sentence: str, random: Random) -> str | None:
    if NEGATION.search(sentence) or CONDITION.search(sentence):
        return None
    return _TAIL.sub("", sentence)


def _one_clause(sentence: str, random: Random) -> str | None:
    """One of two coordinated clauses, where neither hangs on a condition."""
    parts = _CLAUSES.split(sentence)
    if len(parts) != 2 or CONDITION.search(sentence) or re.search(r"\bthat\b|\bto\b[^,]*,", parts[0]):
        return None
    if not all(FINITE.search(part) and words(part) >= 5 and "," not in part for part in parts):
        return None
    first = random.random() < 0.6
    return parts[0].rstrip(",;") + "." if first else capitalised(parts[1])


def _one_predicate(sentence: str, random: Random) -> str | None:
    """ "X shall A and shall B." -> "X shall A." or "X shall B." """
    found = _SECOND_MODAL.match(sentence)
    if not found or CONDITION.search(sentence) or re.search(r"\b(?:that|which|who|between|both|either)\b", sentence):
        return None
    chosen = found["first"].rstrip(".") if random.random() < 0.5 else found["second"].rstrip(".")
    return f"{found['subject']} {chosen}."


def without_connective(sentence: str) -> str:
    """ "However, the fee is due." -> "The fee is due." """
    return capitalised(_CONNECTIVE.sub("", sentence))


def rearranged(claim: str, random: Random) -> str:
    """The claim without its connective, in the passive, or with a clause or phrase moved to its other end."""
    if random.random() < 0.8:
        claim = without_connective(claim)
    if random.random() < 0.4:
        return passive(claim) or claim
    return _moved(claim) or claim if random.random() < 0.6 else claim


def passive(sentence: str) -> str | None:
    """ "The Supplier shall pay the fee to X." -> "The fee shall be paid by the Supplier to X." """
    found = _ACTIVE.match(sentence)
    if not found:
        return None
    agent = "us" if found["agent"] == "We" else lowered(found["agent"])
    return (
        f"{capitalised(found['object'])} {found['modal']} be {_PARTICIPLES[found['verb']]} by {agent}{found['rest']}."
    )


def _moved(claim: str) -> str | None:
    """ "If A, B." <-> "B if A."; "In 2019, B." -> "B in 2019." """
    leading = _LEADING_CLAUSE.match(claim)
    if leading and not _ANY_CLAUSE.search(leading["main"]):
        return f"{capitalised(leading['main'])} {leading['lead'][0].lower()}{leading['lead'][1:]}."
    trailing = _TRAILING_CLAUSE.match(claim)
    if trailing and len(_ANY_CLAUSE.findall(claim)) == 1 and not _BOUND.search(trailing["main"]):
        return f"{capitalised(trailing['tail'])}, {lowered(trailing['main'])}."
    phrase = _LEADING_PHRASE.match(claim)
    if phrase and not _ANY_CLAUSE.search(phrase["main"]) and " and " not in phrase["main"]:
        return f"{capitalised(phrase['main'])} {phrase['lead'][0].lower()}{phrase['lead'][1:]}."
    return None


def framed(claim: str, source: str, random: Random) -> str:
    """The claim as an answer puts it: "According to the policy, ..."."""
    noun = random.choice(_FRAME_NOUNS[source])
    says = "state" if noun in {"regulations", "authors"} else "states"
    forms = (
        f"According to the {noun}, {lowered(claim)}",
        f"The {noun} {says} that {lowered(claim)}",
        f"{'No' if NEGATION.search(' '.join(claim.split()[:6])) else 'Yes'}, {lowered(claim)}",
        f"As the {noun} {says}, {lowered(claim)}",
    )
    return random.choice(forms)


def joined(first: str, second: str, random: Random) -> str:
    """Two sentences as one claim."""
    link = random.choice((", and ", "; ", ", and in addition ", "; furthermore, ", ", while "))
    return first.rstrip(" .") + link + lowered(second)
