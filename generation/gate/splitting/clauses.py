"""Words of a sentence, its finite verb, and whether words make a clause: rules over a lexicon, no parser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from generation.gate.splitting import verbs

_EDGES = " .,;:!?\"'“”‘’()[]"
DETERMINERS = frozenset(
    "the a an this that these those its their his her our your my each every any all no some such".split()
)
PREPOSITIONS = frozenset(
    (
        "about above across after against among around at before behind below beyond by during except for from in "
        "inside into like near of off on onto out outside over per since through throughout to toward towards under "
        "until up upon via with within without plus minus"
    ).split()
)
CONDITIONS = frozenset(
    (
        "if unless provided providing except excepting until when whenever where wherever once whether only solely "
        "exclusively otherwise subject assuming though although because without"
    ).split()
)
SUBORDINATORS = frozenset(
    "that which who whom whose whether if when where because unless although though than as how why what".split()
)
PARTICLES = frozenset("also then not never always promptly only further thereafter subsequently later hereby".split())
_FINITE_OR_NOT = frozenset({"and", "or", "but", "not", "to"})
_VERB_FORMS = verbs.AUXILIARIES | verbs.PASTS | verbs.THIRDS | verbs.BASES
_TAKEN = _VERB_FORMS | PREPOSITIONS
_ENDLESS = verbs.PLAIN_PASTS | verbs.INTRANSITIVE
_PRONOUNS = frozenset("i you he she it we they".split())
_CALLS = PREPOSITIONS | CONDITIONS | {"following", "as", "while", "whereas"}
_OBJECTS = DETERMINERS | {"it", "them", "him"}
_TIMES = frozenset("last early late today yesterday earlier later monthly annually and or as".split())
COLLECTIVE = frozenset("either neither nor whichever respectively jointly together combined versus between".split())
SET_PAIRS = frozenset(
    (
        "terms conditions,goods services,research development,profit loss,health safety,wear tear,sale purchase,"
        "board lodging,bed breakfast,supply demand,mergers acquisitions,plant machinery,fixtures fittings,pros cons,"
        "law order,rules regulations,policies procedures,blood pressure,tried tested,name address,rights obligations"
    ).split(",")
)
NEGATIONS = frozenset("not never cannot can't won't mustn't shouldn't doesn't don't didn't isn't aren't wasn't".split())
TO_BE = verbs.BE | {"be", "been"}
_GROUP = verbs.AUXILIARIES | {"be", "been", "to"}


class Word(NamedTuple):
    """A word as written; its bare lower-case form, "" inside brackets and quotes, where no rule applies."""

    raw: str
    low: str

    @property
    def comma(self) -> bool:
        return self.raw.endswith(",")


Words = Sequence[Word]


def words_of(text: str) -> list[Word]:
    found, depth, quoted = [], 0, False
    for raw in text.split():
        opens = sum(map(raw.count, "([“"))
        quoted ^= raw.count('"') % 2 == 1
        hidden = depth > 0 or opens or quoted or '"' in raw
        depth = max(0, depth + opens - sum(map(raw.count, ")]”")))
        found.append(Word(raw, "" if hidden else raw.strip(_EDGES).lower()))
    return found


def text_of(words: Words) -> str:
    return " ".join(word.raw for word in words)


def finite(words: Words) -> int | None:
    """The place of the first finite verb, after at least one word of its subject; None if there is a doubt."""
    if words and words[0].low in verbs.AUXILIARIES:
        return None
    for at, word in enumerate(words):
        if word.low in SUBORDINATORS and not (at == 0 and word.low == "that"):
            return None
        if at and _is_finite(words, at):
            return at
        if at and word.low in _PRONOUNS and not (words[at - 1].raw.endswith(",") or is_adverb(words[at - 1])):
            return None  # "the details you provide"
    return None


def _is_finite(words: Words, at: int) -> bool:
    word, last = words[at], words[at - 1]
    if word.low not in _VERB_FORMS or not word.raw[0].islower():
        return False
    opened = last.low in DETERMINERS or last.low in PREPOSITIONS or last.low in _FINITE_OR_NOT
    after_noun = not opened and not last.raw.endswith(("'s", "’s"))
    if word.low in verbs.AUXILIARIES:
        return after_noun or word.low not in {"will", "can", "may", "might", "must"}
    if not after_noun:
        return False
    if word.low in verbs.PASTS:
        return _past_is_active(words, at)
    sure = word.low not in verbs.AMBIGUOUS or object_follows(words, at)
    if word.low in verbs.THIRDS:
        return sure or (not last.low.endswith("s") and _noun_follows(words, at))
    plural = (last.low.endswith("s") and not last.low.endswith(("ss", "us", "is"))) or last.low in {"they", "we", "you"}
    return plural and sure and word.low in verbs.BASES


def object_follows(words: Words, at: int) -> bool:
    """Whether a noun phrase clearly begins behind the verb."""
    if at + 1 >= len(words) or words[at].comma:
        return False
    follower = words[at + 1]
    return follower.low in _OBJECTS or not (follower.raw[0].islower() or follower.low == "")


def _past_is_active(words: Words, at: int) -> bool:
    """Whether "paid" is a past here and no participle ("the rent paid by the tenant")."""
    low = words[at].low
    if low in verbs.PLAIN_PASTS:
        return True
    if words[at].comma or at + 1 >= len(words):
        return low in verbs.INTRANSITIVE
    follower = words[at + 1].low
    if follower in PREPOSITIONS:
        by_whom = follower == "by" and not any(character.isdigit() for character in text_of(words[at + 2 : at + 4]))
        return low in verbs.INTRANSITIVE and not by_whom
    known = words[at - 1].raw[0].isupper() or words[at - 1].low in _PRONOUNS
    return object_follows(words, at) or follower == "that" or (known and _noun_follows(words, at))


def _noun_follows(words: Words, at: int) -> bool:
    """Whether the next word is neither a preposition nor another verb nor an adverb."""
    if words[at].comma or at + 1 >= len(words):
        return False
    low = words[at + 1].low
    return low not in _TAKEN and low not in _TIMES and not low.endswith("ly")


def is_clause(words: Words) -> bool:
    """Whether the words have a subject, a finite verb and something said."""
    at = finite(words)
    if at is None or at > 12 or any(word.raw[-1] in ",:;" for word in words[:at]) or all(map(is_adverb, words[:at])):
        return False
    return not all(map(is_adverb, words[at + 1 :])) or words[at].low in _ENDLESS


def is_adverb(word: Word) -> bool:
    return word.low in PARTICLES or word.low.endswith("ly")


def after_opening(words: Words) -> int:
    """Where the main clause begins behind an opening adverbial ("In 2023, ...", "If ..., ..."); 0 without one."""
    if not words or words[0].low not in _CALLS:
        return 0
    for at, word in enumerate(words[:-2]):
        if word.comma and is_clause(words[at + 1 :]):
            return at + 1
    return 0


def main_verb(words: Words, at: int) -> int:
    """The place of the main verb, given that of the first of its group."""
    while at + 1 < len(words) and (words[at].low in _GROUP or words[at].low in PARTICLES):
        at += 1
    return at
