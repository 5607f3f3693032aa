"""The items of a list, each as a claim of its own where the frame around it is clear; else the whole."""

from __future__ import annotations

import re
from itertools import pairwise

from generation.gate.splitting import verbs
from generation.gate.splitting.clauses import (
    COLLECTIVE,
    CONDITIONS,
    DETERMINERS,
    NEGATIONS,
    PREPOSITIONS,
    SET_PAIRS,
    SUBORDINATORS,
    TO_BE,
    Word,
    Words,
    finite,
    main_verb,
)

_ITEM_MARK = re.compile(r"\(?(?:[a-z]|[ivx]{1,4}|\d{1,2})\)")
_ORDERS = (list("abcdefghij"), "i ii iii iv v vi vii viii ix x".split(), [str(n) for n in range(1, 11)])
_BINDING = CONDITIONS | SUBORDINATORS | COLLECTIVE
_LOOSE = PREPOSITIONS - {"of"} | verbs.AUXILIARIES | {"to", "than", "as", "while", "but", ""}
_NAME_ENDS = frozenset("partners sons co company associates brothers".split())


def listed(words: Words) -> list[list[Word]]:
    """One claim for each item of the object ("The fee covers cleaning, heating and water"); or the whole."""
    words, at = _plain(words), finite(words)
    if at is None or any(word.low in _BINDING for word in words):
        return [list(words)]
    main = main_verb(words, at)
    if words[main].low not in verbs.LISTING or any(word.low in TO_BE for word in words[at:main]):
        return [list(words)]
    negated = any(word.low in NEGATIONS for word in words[at:main])
    items = _items(words[main + 1 :], "or" if negated else "and")
    return [[*words[: main + 1], *item] for item in items] if items else [list(words)]


def _plain(words: Words) -> list[Word]:
    """With "and" for "as well as"."""
    plain = list(words)
    for at in range(len(plain) - 4, 0, -1):
        if [word.low for word in plain[at : at + 3]] == ["as", "well", "as"]:
            plain[at : at + 3] = [Word("and", "and")]
    return plain


def _items(tail: Words, joint: str) -> list[list[Word]]:
    """The items of a plain list, none if it is not one."""
    words = list(tail[1:] if tail and tail[0].low == "both" else tail)
    items: list[list[Word]] = [[]]
    joints = []
    for word in words:
        if word.low in {"and", "or"}:
            joints.append(word.low)
            items += [[]] if items[-1] else []
            continue
        items[-1].append(word)
        if word.comma:
            items.append([])
    plain = joints == [joint] and len(items) > 1 and all(items)
    last_joined = plain and len(words) > len(items[-1]) and words[-len(items[-1]) - 1].low == joint
    return items if last_joined and all(map(_is_item, items)) and _alike(items) else []


def _is_item(item: Words) -> bool:
    """A short noun phrase without anything that could belong to the other items too."""
    lows = [word.low for word in item]
    opens = lows[0][:1].isdigit() or lows[0] in {"more", "less"}
    return len(item) <= 6 and not opens and _LOOSE.isdisjoint(lows)


def _alike(items: list[list[Word]]) -> bool:
    """Whether no word belongs to all items ("structural repairs and maintenance"), and they are no name or pair."""
    if any(f"{a[-1].low} {b[0].low}" in SET_PAIRS for a, b in pairwise(items)) or items[-1][0].low in _NAME_ENDS:
        return False
    if len(items) == 2 and items[0][-1].raw[0].isupper() and items[1][0].raw[0].isupper():
        return False
    headed = [len(item) > 1 and item[0].low not in DETERMINERS for item in items]
    led = [item[0].low in DETERMINERS for item in items]
    tailed = any(word.low == "of" for word in items[-1])
    return (all(headed) or not any(headed)) and (all(led) or not any(led)) and not (tailed and not all(led))


def enumerated(words: Words) -> list[list[Word]]:
    """One claim for each item behind a colon ("The costs include: (a) rent, (b) heating."); or the whole."""
    colon = next((at for at, word in enumerate(words) if word.raw.endswith(":")), None)
    if colon is None or finite(words[: colon + 1]) is None:
        return [list(words)]
    frame = [*words[:colon], Word(words[colon].raw.rstrip(":"), words[colon].low)]
    while frame[-1].low in {"following", "the"}:
        frame.pop()
    if frame[-1].low not in verbs.LISTING | verbs.MODALS | {"to"}:
        return [list(words)]
    items = _marked(words[colon + 1 :]) or _items(words[colon + 1 :], "and")
    items = [_bare_item(item) for item in items]
    unsure = len(items) < 2 or not all(items) or len(frame) > 25 or any(word.low in CONDITIONS for word in items[-1])
    return [list(words)] if unsure else [[*frame, *item] for item in items]


def _marked(words: Words) -> list[list[Word]]:
    """The items that "(a)", "(b)", ... open, if they are in order and all hold (no "or")."""
    marks = [at for at, word in enumerate(words) if _ITEM_MARK.fullmatch(word.raw)]
    labels = [words[at].raw.strip("()") for at in marks]
    if marks[:1] != [0] or not any(labels == order[: len(labels)] for order in _ORDERS):
        return []
    items = [list(words[at + 1 : end]) for at, end in zip(marks, [*marks[1:], len(words)], strict=True)]
    return [] if any(item and item[-1].low == "or" for item in items) else items


def _bare_item(item: list[Word]) -> list[Word]:
    """Without the conjunction and the stop that follow it."""
    item = item[:-1] if len(item) > 1 and item[-1].low == "and" else item
    return [*item[:-1], Word(item[-1].raw.rstrip(",;"), item[-1].low)] if item else []
