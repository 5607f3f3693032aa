"""Corruptions that keep a claim's words and turn its sense: negation, exchanged roles, more than is committed to."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from random import Random

from generation.training.data.drafts import Material, changed, put
from generation.training.data.lexicon import AGENTS, ANTONYMS, STRONGER, STRONGER_CHANCE, STRONGER_DUTY
from generation.training.data.names import names_in, related
from generation.training.data.pairs import Pair
from generation.training.data.words import capitalised, lowered

_NOT = re.compile(r"\b(?:not|never|cannot|no)\b|n't\b")
_DROPS: tuple[tuple[str, str], ...] = (
    (r"\b(shall|may|must|will|would|should|could|is|are|was|were|has|have|had|did|do|does) not\b(?! only)", r"\1"),
    (r"\bdon't (?=\w)", ""),
    (r"\bdoesn't\b", "does"),
    (r"\bwon't\b", "will"),
    (r"\bcan't\b|\bcannot\b", "can"),
    (r"\bis unable to\b", "is able to"),
    (r"\bnever\b", "always"),
    (r"\bwithout\b", "with"),
    (r"^No (?=(?:person|one|member|information|change|party|amount|action|vessel)\b)", "Any "),
    (r"^Nobody\b|^No one\b", "Anyone"),
    (r"\b[Nn]o (?=(?:significant|statistical|difference|increase|decrease|association|correlation|evidence)\w*)", "a "),
    (r"\bthere (is|was|are|were) no\b", r"there \1"),
    (r"\bnot (?=required|permitted|allowed|entitled|responsible|liable|associated|significant)", ""),
)
_KEEP = re.compile(
    r"\bor not\b|not only|not necessarily|not limited|not later|if not|whether|not less|not more|no later|"
    r"with (?:or|and) without",
    re.I,
)
_SUBORDINATE = re.compile(r"\b(?:that|which|who|whose|whether|if|when|where|unless|because|as|while|until)\b", re.I)
_ADD = re.compile(
    r"\b(?:(?P<aux>shall|must|will|should|would|may|can|could)|"
    r"(?P<be>is|are|was|were|has been|have been|had been)|"
    r"(?P<do>(?<=\b[Ww]e )(?:collect|use|share|store|disclose|receive|track|sell|provide|offer|allow|retain|keep)))\b"
    r"(?! (?:not|no|only|also be))"
)
_ADD_BLOCK = re.compile(r"\b(?:not|never|no|none|without|neither|nor|only|hardly|cannot|unable)\b|n't\b|^Yes|^No", re.I)
_FRAME = re.compile(r"(?:According to [^,]+, |As the [^,]+, |[^,]{3,40} states? that )?")


def negation(pair: Pair, material: Material, random: Random) -> Pair | None:
    """The opposite: "not" dropped from or added to the main clause, or a word turned to its antonym."""
    ways: list[Callable[[str, Random], str | None]] = [_without_not, _with_not, antonym]
    random.shuffle(ways)
    if _NOT.search(pair.claim) and random.random() < 0.8:
        ways = [_without_not, antonym]
    for way in ways:
        claim = way(pair.claim, random)
        if claim and claim != pair.claim:
            return changed(pair, "negation", "contradicted", capitalised(claim))
    return None


def _without_not(claim: str, random: Random) -> str | None:
    if _KEEP.search(claim):
        return None
    fitting = [(pattern, to) for pattern, to in _DROPS if re.search(pattern, claim)]
    if not fitting:
        return None
    pattern, to = random.choice(fitting)
    return re.sub(r"^No, ", "Yes, ", re.sub(pattern, to, claim, count=1))


def _with_not(claim: str, random: Random) -> str | None:
    """Negates the main verb: the first auxiliary that no subordinate clause has begun before."""
    if _ADD_BLOCK.search(claim):
        return None
    frame = _FRAME.match(claim)
    start = frame.end() if frame else 0
    found = _ADD.search(claim, start)
    if not found or _SUBORDINATE.search(claim[start : found.start()]):
        return None
    word = found.group()
    if found["do"]:
        negated = f"do not {word}"
    elif word in {"may", "can", "could"}:
        negated = random.choice(("cannot", "may never")) if word == "may" else "cannot"
    else:
        first, _, rest = word.partition(" ")
        negated = f"{first} not {rest}".rstrip()
    return put(claim, found.span(), negated)


def antonym(claim: str, random: Random) -> str | None:
    """With one word turned to its opposite, where it has one."""
    fitting = [
        (here, there)
        for pair in ANTONYMS
        for here, there in (pair, pair[::-1])
        if re.search(rf"\b{here}\b(?= \w+ \w+)", claim) and not re.search(rf"\b{there}\b", claim)
    ]
    if not fitting:
        return None
    here, there = random.choice(fitting)
    return re.sub(rf"\b{here}\b(?= \w+ \w+)", there, claim, count=1)


_BY_LENGTH = sorted(AGENTS, key=len, reverse=True)
_ARTICLE = r"(?:[Tt]he|[Aa]n?|[Aa]ny|[Ee]ach|[Ee]very)"
_PARTY = re.compile(
    rf"\b{_ARTICLE} (?:{'|'.join(_BY_LENGTH)})\b(?![-’'])"
    rf"|(?<!-)\b(?:{'|'.join(agent for agent in _BY_LENGTH if agent[0].isupper())})\b(?![-’']| [A-Z])"
)
_AMOUNT = r"\$?\d[\d.,]*(?:%| percent| million| billion)?(?: in \d{4})?"
_FROM_TO = re.compile(
    rf"(?<!ranging )(?<!ranges )(?<!ranged )(?<!range )(?<!varied )\b"
    rf"from (?P<one>{_AMOUNT}) to (?P<two>{_AMOUNT}(?<=[\w%]))"
)
_ENDS = re.compile(
    r"^(?P<one>[^,;:]{4,60}?) (?:causes|caused|leads? to|led to|results? in|resulted in|includes?|contains?|replaced|"
    r"acquired|succeeded|defeated|(?:is|are) (?:part|a type|a form|a kind|a subsidiary|a member) of|"
    r"(?:is|was|are|were) (?:caused|followed|preceded|owned|replaced|acquired|produced|directed|written|made|"
    r"controlled|governed) by|depends? on|precedes?|exceeds?) (?P<two>[^,;:]{4,60}?)\.$"
)
_NO_END = re.compile(
    r"^(?:It|This|They|We|These|There|That|Those|He|She|Yes|No|You)\b|"
    r"\b(?:that|which|who|when|if|and|or|states?|cause|lead|result)\b"
)
_COMPARED = re.compile(
    r"\b(?:in|for|among|of|by|with) (?P<one>(?:the )?[a-zA-Z][\w -]{2,40}?) than "
    r"(?:in|for|among|that of|those of|by|with|that in|those in) "
    r"(?P<two>(?:the )?[a-zA-Z][\w -]{2,40}?)(?=[.,;(]|$| \()"
)
_SYMMETRIC = re.compile(r"\b(?:and|or|with|married|met|between|as|known|called|versus|vs)\b|[,;(]")
_VERB = re.compile(r"\b(?:was|were|is|are|has|had|will|shall|may|can|must|by|to|from|\w{3,}ed|[a-z]{3,}s)\b")


def role(pair: Pair, material: Material, random: Random) -> Pair | None:
    """Who does it and to whom it is done exchanged; also "from X to Y" read backwards."""
    found = _FROM_TO.search(pair.claim)
    if found and found["one"] != found["two"]:
        claim = _exchanged(pair.claim, found.span("one"), found.span("two"))
        return changed(pair, "role", "contradicted", claim)
    ways = [_parties_exchanged, _ends_exchanged, _names_exchanged]
    random.shuffle(ways)
    if random.random() < 0.4:
        ways.append(_we_and_you)
    turned = next((claim for claim in (way(pair.claim) for way in ways) if claim), None)
    return changed(pair, "role", "not_entailed", turned) if turned else None


def _ends_exchanged(claim: str) -> str | None:
    """ "A causes B." -> "B causes A."; "higher in A than in B" -> "higher in B than in A"."""
    compared = _COMPARED.search(claim)
    if compared:
        return _exchanged(claim, compared.span("one"), compared.span("two"))
    found = _ENDS.match(claim)
    if not found or _NO_END.search(found["one"]):
        return None
    return f"{capitalised(found['two'])}{claim[found.end('one') : found.start('two')]}{lowered(found['one'])}."


def _names_exchanged(claim: str) -> str | None:
    """Two names that a verb connects, exchanged."""
    for first, second in pairwise(names_in(claim)):
        between = claim[first.end() : second.start()]
        linked = _VERB.search(between) and not _SYMMETRIC.search(between) and len(between.split()) <= 8
        if linked and not related(first.group(), second.group()):
            return _exchanged(claim, first.span(), second.span())
    return None


def _parties_exchanged(claim: str) -> str | None:
    """Two parties, neither of them part of a longer name, that a verb connects, exchanged."""
    mentions = [m for m in _PARTY.finditer(claim) if not re.search(r"[a-z,] ?[A-Z]\w+ $", claim[: m.start()])]
    for first, second in pairwise(mentions):
        between = claim[first.end() : second.start()]
        bare = [re.sub(rf"^{_ARTICLE} ", "", mention.group()).lower() for mention in (first, second)]
        same = bare[0] == bare[1] or re.match(r"^,? (?:of|for|in)\b", between)
        joint = re.search(r"\b(?:or|and)\b", between) or "between" in claim[: first.start()].lower()
        if _VERB.search(between) and not same and not joint and len(between.split()) <= 14:
            return capitalised(_exchanged(claim, first.span(), second.span()))
    return None


def _we_and_you(claim: str) -> str | None:
    """ "We may send you ..." -> "You may send us ..." """
    if not (re.search(r"\b(?:we|our|us)\b", claim, re.I) and re.search(r"\b(?:you|your)\b", claim, re.I)):
        return None

    def other(found: re.Match[str]) -> str:
        word = found.group().lower()
        if word == "you":
            before = claim[: found.start()].split()[-1:] or [""]
            subject = before[0] in {"", "if", "that", "when", "where", "once", "as", "unless", "information", "and"}
            return "we" if subject or before[0].endswith((",", ";")) else "us"
        return {"we": "you", "us": "you", "our": "your", "your": "our"}[word]

    return capitalised(re.sub(r"\b(?:we|you|our|your|us)\b", other, claim, flags=re.I))


_LEADING_CONDITION = re.compile(
    r"^(?:If|Unless|Where|Except|In the event|Upon request|Only if) [^,]{4,120}, "
    r"(?=(?:the|a|an|we|you|it|any|no|they|that)\b)"
)
_TRAILING_CONDITION = re.compile(
    r",? (?<!determine )(?<!as )(?<!even )(?<!see )(?<!ask )(?<!know )(?<!and )(?<!or )"
    r"(?:if|unless|(?<=, )provided that|on condition that|only if|except|as long as|only when|only for|other than) "
    r"[^.;]{6,}(?=\.$)"
)
_DANGLING = re.compile(r"\b(?:and|or|but|is|are|be|the|of)\.$")
_LEGAL = re.compile(r"\b(?:shall|Minister|Mayor|regulations?|agreement|subsection|Board)\b")


def stronger(pair: Pair, material: Material, random: Random) -> Pair | None:
    """More than the evidence commits to: "may" made "must", "some" made "all", a condition left out."""
    legal = _LEGAL.search(pair.evidence) is not None
    rules = (*STRONGER, *(STRONGER_DUTY if legal else STRONGER_CHANCE))
    fitting = [rule for rule in rules if re.search(rule[0], pair.claim)]
    condition = _LEADING_CONDITION.search(pair.claim) or _TRAILING_CONDITION.search(pair.claim)
    # "X may happen if Y" still says that X may happen: outside the law a condition of what may be is no loss.
    weighty = condition and (legal or not re.search(r"\b(?:may|can|could|might)\b", pair.claim))
    if condition and weighty and (not fitting or random.random() < 0.6):
        claim = capitalised(put(pair.claim, condition.span(), ""))
        if len(claim.split()) < 5 or _DANGLING.search(claim):
            return None
    elif fitting:
        pattern, to = random.choice(fitting)
        claim = re.sub(pattern, to, pair.claim, count=1)
    else:
        return None
    return changed(pair, "stronger", "not_entailed", capitalised(" ".join(claim.split())))


def _exchanged(text: str, one: tuple[int, int], two: tuple[int, int]) -> str:
    """The two spans of the text exchanged, their articles in the case of the place that they come to."""
    first, second = text[slice(*one)], text[slice(*two)]
    first, second = _cased(first, second), _cased(second, first)
    return text[: one[0]] + second + text[one[1] : two[0]] + first + text[two[1] :]


def _cased(mention: str, place: str) -> str:
    articles = [re.match(rf"{_ARTICLE} ", text) is not None for text in (mention, place)]
    if not articles[0]:
        return mention
    return capitalised(mention) if articles[1] and place[0].isupper() else mention[0].lower() + mention[1:]
