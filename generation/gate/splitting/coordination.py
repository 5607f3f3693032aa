"""Where a sentence falls apart into clauses, predicates and list items that hold alone.

Every rule leaves the sentence whole when it is unsure: that is always safe.
"""

from __future__ import annotations

from typing import NamedTuple

from generation.gate.splitting import verbs
from generation.gate.splitting.clauses import (
    COLLECTIVE,
    CONDITIONS,
    NEGATIONS,
    PREPOSITIONS,
    SET_PAIRS,
    SUBORDINATORS,
    TO_BE,
    Word,
    Words,
    finite,
    is_adverb,
    is_clause,
    main_verb,
    object_follows,
    text_of,
)

_VERBS = verbs.BASES | verbs.THIRDS | verbs.PASTS
_HANGING = PREPOSITIONS | verbs.AUXILIARIES | (verbs.BASES - verbs.AMBIGUOUS)
_OPEN_ENDS = frozenset("all nothing none you us him me".split())
_ENDLESS = verbs.INTRANSITIVE | verbs.PLAIN_PASTS | verbs.PARTICIPLES


class _Part(NamedTuple):
    link: tuple[Word, ...]  # the conjunction; empty for a bare comma
    words: tuple[Word, ...]


def coordinated(words: Words) -> list[list[Word]]:
    """Clauses and predicates joined by "and", "but", "while", "whereas", each with its subject; or the whole."""
    if any(word.low in COLLECTIVE or word.raw.endswith(":") for word in words) or "not only" in text_of(words).lower():
        return [list(words)]
    conditional = any(word.low in CONDITIONS for word in words)
    claims: list[list[Word]] = []
    first, *rest = _parts(words)
    current, link, loose = list(first.words), "and", ""
    for part in rest:
        joint = part.link[0].low if part.link else ""
        new = None
        if not (conditional and joint in {"", "and", "or"}) and not _holds_together(current, part):
            new = _as_clause(part, loose, current[-1].comma) or _as_predicate(current, part.words, joint)
        if new is None:
            if not joint and part.words[0].low in _VERBS:
                return [list(words)]  # perhaps a predicate: "..., answer questions and make ..."
            current += [*part.link, *part.words]
            loose = joint or ","
        else:
            claims.append(current)
            current, link, loose = new, joint, ""
    whole = link == "" or not all(map(is_clause, (*claims, current)))
    return [list(words)] if whole else [*claims, current]


def _parts(words: Words) -> list[_Part]:
    parts: list[_Part] = []
    link: tuple[Word, ...] = ()
    held: list[Word] = []
    for at, word in enumerate(words):
        if word.low in {"and", "but", "or", "while", "whereas"} and 0 < at < len(words) - 1:
            if held:
                parts.append(_Part(link, tuple(held)))
                held, link = [], (word,)
            else:
                link = (*link, word)
            continue
        held.append(word)
        if word.comma and at < len(words) - 1:
            parts.append(_Part(link, tuple(held)))
            held, link = [], ()
    return [*parts, _Part(link, tuple(held))] if held or link else parts


def _holds_together(left: Words, part: _Part) -> bool:
    """Whether the conjunction must not be cut: inside a subordinate clause, a number or a set phrase."""
    if not part.words or left[-1].low in _OPEN_ENDS or any(word.low in SUBORDINATORS for word in left):
        return True
    last, following = left[-1].low, part.words[0].low
    if (last[:1].isdigit() and following[:1].isdigit()) or f"{last} {following}" in SET_PAIRS:
        return True
    return any(_opens_clause(left, at) for at in range(1, len(left)))


def _opens_clause(words: Words, at: int) -> bool:
    """Whether a clause of time hangs on the word ("before the heart stops")."""
    return words[at].low in {"before", "after", "since"} and finite(words[at + 1 :]) is not None


def _as_clause(part: _Part, loose: str, after_comma: bool) -> list[Word] | None:
    joint = part.link[0].low if part.link else ""
    if joint in {"", "or"} or len(part.link) > 1 or not is_clause(part.words):
        return None
    if joint in {"while", "whereas"} and not after_comma:
        return None
    if part.words[0].low in _VERBS and object_follows(part.words, 0):
        return None
    if loose == "," or (loose and joint == "and" and not after_comma):
        return None  # "... A and B pay": B may go with either
    return list(part.words)


def _as_predicate(left: Words, part: Words, joint: str) -> list[Word] | None:
    """`part` under the subject, and the auxiliary where it has none of its own, of `left`."""
    verb = finite(left)
    if verb is None or any(word.comma for word in left[:verb]) or joint in {"while", "whereas"}:
        return None
    at = next((i for i, word in enumerate(part) if not is_adverb(word)), None)
    if at is None or part[0].low in {"not", "only"}:
        return None
    shared = _shared(left, verb, part, at)
    negated = any(word.low in NEGATIONS for word in left)
    if shared is None or (joint == "or") != (negated and shared > verb):
        return None
    if not (_complete(left, main_verb(left, verb)) and _complete(part, main_verb(part, at))):
        return None
    if shared == verb:
        while shared > 1 and is_adverb(left[shared - 1]):
            shared -= 1  # "never receives them and builds ...": the adverb is not shared
    return [*left[:shared], *part]


def _shared(left: Words, verb: int, part: Words, at: int) -> int | None:
    """How many words of `left` the predicate `part`, whose verb is its word `at`, shares."""
    low = part[at].low
    infinitives = [i + 1 for i in range(verb, len(left) - 1) if left[i].low == "to" and left[i + 1].low in verbs.BASES]
    head = left[verb].low
    if low in verbs.AUXILIARIES and not (low in {"have", "do"} and head in verbs.MODALS):
        return verb
    if low == "to" and at + 1 < len(part) and part[at + 1].low in verbs.BASES:
        return infinitives[0] - 1 if len(infinitives) == 1 else None
    sure = low not in verbs.AMBIGUOUS or object_follows(part, at)
    if low in verbs.BASES and sure:
        if head in verbs.MODALS | verbs.DO and not infinitives:
            return main_verb(left, verb)
        if head not in verbs.MODALS | verbs.DO and len(infinitives) == 1:
            return infinitives[0]
        return verb if head in verbs.BASES and not infinitives else None
    if low in verbs.THIRDS and sure:
        return verb if head in verbs.THIRDS | {"is", "has", "does"} else None
    return _shared_past(left, verb, part, at)


def _shared_past(left: Words, verb: int, part: Words, at: int) -> int | None:
    low, head = part[at].low, left[verb].low
    main = main_verb(left, verb)
    if low in verbs.PLAIN_PASTS or (low in verbs.PASTS and object_follows(part, at)):
        if head in verbs.HAVE and low in verbs.PARTICIPLES:
            return main
        return verb if head in verbs.PASTS | {"was", "were", "had"} else None
    bare_end = at + 1 >= len(part) or part[at + 1].low in PREPOSITIONS or part[at].comma
    if low in verbs.INTRANSITIVE and head in verbs.PASTS:
        return verb if bare_end else None
    passive = main > verb and left[main - 1].low in TO_BE and left[main].low in verbs.PARTICIPLES
    return main if passive and bare_end and low in verbs.PARTICIPLES - verbs.BASES else None


def _complete(words: Words, main: int) -> bool:
    """Whether the predicate has what it needs: no "must inspect | and repair the roof", no hanging preposition."""
    if words[-1].low in _HANGING and words[-1].raw.islower():
        return False
    passive = main > 0 and words[main - 1].low in TO_BE
    needs = words[main].low in _VERBS and not passive
    return len(words) > main + 1 or not needs or words[main].low in _ENDLESS
