"""A question that goes on from an earlier one of the same asker: "And who pays it?". Rules, English, no model.

It is put together with the asker's own earlier words, and with nothing that was answered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.understanding.counterparts import put_in
from retrieval.understanding.gaps import completed
from retrieval.understanding.words import AUXILIARIES, DETERMINERS, FUNCTION_WORDS, QUESTION_WORDS, straight

MOST_CARRIED = 3
LONGEST = 300  # characters of a follow-up, and of an earlier question that are carried on

_POLITE = re.compile(r"(?:(?:ok(?:ay)?|yes|no|thanks|thank you|please|great|good)\b[\s,.!-]*)+", re.I)
_GOING_ON = re.compile(r"(?:and|but|or|so|also|then)\b[\s,]*", re.I)
_ABOUT = re.compile(r"(?:what|how)\s+about\s+", re.I)
_TAIL = " ?.!,;:"
_ELSEWHERE = re.compile(
    r"\b(?:why not|how so|how come|(?:what|who|where|anything|anyone) else|which ones?|(?:that|the other|another) one"
    r"|the (?:former|latter)|in (?:such|that|this) (?:a )?case|you (?:just )?(?:said|mentioned|cited|quoted|named)"
    r"|your (?:last |previous |first )?answer"
    r"|the (?:above|previous|last) (?:answer|question|clause|sentence|document|citation|source))\b",
    re.I,
)
_AUXILIARY = "|".join(sorted(AUXILIARIES))
_BLIND = re.compile(  # pronouns that stand for nothing, or for what follows
    rf"\bthis (?:year|quarter|month|week|day)\b|\bthose (?=(?:who|which|that|of|with|in)\b)|\b(?:{_AUXILIARY}) there\b"
    rf"|\bthere (?:{_AUXILIARY})\b"
    r"|\b(?:is|was) it (?:true|possible|allowed|permitted|necessary|required|legal|enough)\b"
    r"|\b(?:does|did|will|would) it (?:take|cost)\b(?=.*\bto\b)",
    re.I,
)
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[,;:?.!]")
_THINGS = frozenset("it they them he him she this these those there".split())
_OWNERS = frozenset("its their theirs his her hers".split())
_CLAUSES = frozenset(", ; : ? . ! if when unless because before after while until since and or but which who".split())
_ARTICLES = DETERMINERS - _OWNERS - frozenset("this that these those which".split()) | frozenset("a an no".split())
_PREPOSITIONS = frozenset("in of under for to from on at by with after before about".split())
_BEFORE_THAT = AUXILIARIES | QUESTION_WORDS | _PREPOSITIONS
_GENERAL = frozenset("more detail details explain elaborate further again example examples continue go".split())
_OPENING = re.compile(
    rf"(?:(?:what|which|who)(?:'s|\s+(?:is|are|was|were))\s+(?=(?:{'|'.join(sorted(_ARTICLES))})\s|(?-i:[A-Z0-9]))"
    r"|(?:tell|show)\s+me\s+(?:about\s+)?)",
    re.I,
)


def follows(question: str) -> bool:
    """Whether it cannot stand alone: it begins in the middle ("And ..."), leaves out what is asked, or points at
    something that it does not say."""
    text = straight(_without(_POLITE, question.strip()))
    if len(text) > LONGEST:
        return False
    if _GOING_ON.match(text) or _ABOUT.match(text) or _ELSEWHERE.search(text):
        return True
    return _elliptic(text) or _points(text)


def carried_on(question: str, earlier: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The question as it is searched, and those of the earlier ones, oldest first, that it was put together with: back
    to the nearest that stands alone. As it is, and (), where it stands alone itself or nothing came before."""
    if not earlier or not follows(question):
        return question, ()
    carried: list[str] = []
    for said in reversed(earlier):
        carried.insert(0, said)
        if not follows(said) or len(carried) == MOST_CARRIED:
            break
    return _together(question, carried), tuple(carried)


def bare(question: str) -> str:
    """Without thanks, and what joins it to the question before: "And what about Unit 8?" is "Unit 8?"."""
    text = question.strip()
    for opening in (_POLITE, _GOING_ON, _ABOUT):
        text = _without(opening, text)
    return text


def in_full(question: str, carried: Sequence[str]) -> str:
    """The question as it would have been typed alone, where the rule can tell; else ""."""
    if len(carried) != 1:
        return ""
    asked = _without(_GOING_ON, _without(_POLITE, question.strip()))
    before = _without(_POLITE, carried[0].strip()).rstrip(_TAIL)
    both = completed(f"{before}, and {asked}")
    if len(both) == 2 and _only_names_gave_way(both[0], both[1]):
        return both[1]
    whole = put_in(bare(question).rstrip(_TAIL), before)
    return f"{whole}?" if whole else ""


def _together(question: str, carried: Sequence[str]) -> str:
    """After "Which law governs the Acme lease?", "And which the Beta one?" is "Which law governs the Beta lease?";
    after "What is the rent of Unit 7?", "And who pays it?" is "About the rent of Unit 7: who pays it?"."""
    if whole := in_full(question, carried):
        return whole
    asked = _without(_GOING_ON, _without(_POLITE, question.strip()))
    return f"About {', '.join(_uncapitalised(_topic(one)) for one in carried)}: {_uncapitalised(asked)}"


def _only_names_gave_way(question: str, other: str) -> bool:
    """Not "What is the top of band 5?" after "What is the top of the band 4 pay range?": the pay range is lost."""
    kept = set(_TOKEN.findall(other.lower()))
    lost = [
        word for word in _TOKEN.findall(question) if word.lower() not in kept and word.lower() not in FUNCTION_WORDS
    ]
    return all(word[0].isupper() or word[0].isdigit() for word in lost)


def _topic(question: str) -> str:
    """What a question was about, at most `LONGEST` characters."""
    text = " ".join(question.split()).rstrip(_TAIL)
    for opening in (_POLITE, _GOING_ON, _ABOUT, _OPENING):
        text = _without(opening, text)
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(" ", 1)[0]
    return text


def _without(opening: re.Pattern[str], text: str) -> str:
    """Unless nothing would be left."""
    found = opening.match(text)
    return text[found.end() :] if found and found.end() < len(text) else text


def _uncapitalised(text: str) -> str:
    first = _TOKEN.match(text)
    return text[:1].lower() + text[1:] if first and first.group().lower() in FUNCTION_WORDS else text


def _elliptic(text: str) -> bool:
    """ "Why?", "For the tenant?", "Which law?", "More details, please": nothing in it is asked of anything."""
    found = [word for word in _TOKEN.findall(text.lower()) if word[0].isalnum()]
    if not found:
        return False
    content = [word for word in found if word not in FUNCTION_WORDS]
    if not set(content) - _GENERAL:
        return True
    if not text.rstrip().endswith("?") or not AUXILIARIES.isdisjoint(found):
        return False
    return found[0] in _BEFORE_THAT and len(found) <= 3 + (found[0] not in QUESTION_WORDS)


def _points(text: str) -> bool:
    """Whether a pronoun stands for something that the question doesn't name before it. One that is no possessive cannot
    stand for what its own clause names: "Can the tenant sublet it?"."""
    tokens = _TOKEN.findall(_BLIND.sub(" ", text))
    before = here = False
    for at, token in enumerate(tokens):
        word, previous = token.lower(), tokens[at - 1].lower() if at else ""
        if word in _CLAUSES:
            before, here = before or here, False
        elif word == "that":
            if (not at or previous in _BEFORE_THAT or at + 1 == len(tokens) or tokens[at + 1] == "?") and not before:
                return True
        elif (
            (word == "one" and not before and _stands_for_one(tokens, at))
            or (word in _THINGS and not before)
            or (word in _OWNERS and not (before or here))
        ):
            return True
        elif word not in FUNCTION_WORDS and word[0].isalnum():
            plural = word.endswith("s") and not word.endswith("ss") and previous not in QUESTION_WORDS
            here = here or previous in _ARTICLES or plural or (at > 0 and token[0].isupper()) or token[0].isdigit()
    return False


def _stands_for_one(tokens: Sequence[str], at: int) -> bool:
    """ "What counts as one?", and neither "one year" nor "a good one"."""
    last = at + 1 == len(tokens) or tokens[at + 1] in _TAIL
    return last and _ARTICLES.isdisjoint(token.lower() for token in tokens[max(at - 2, 0) : at])
