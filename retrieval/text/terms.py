"""Words to index terms, the same for documents and questions."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

MAX_TERM_BYTES = 64
_TERM = re.compile(r"\d+(?:[.,]\d+)*|\w+", re.UNICODE)
_STOP_WORDS = frozenset(
    (
        "a an and are as at be been by did do does for from had has have how if in into is it its of on or "
        "our so such than that the their them then there these they this those to was we were what when where "
        "which who whom whose why will with would you your"
    ).split()
)


def terms(text: str) -> list[str]:
    """Index terms in order: case-folded, accents kept, numbers whole ("1,250.5" is one), words stemmed."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = (match.group().replace(",", "") for match in _TERM.finditer(folded))
    return [_stem(word) for word in words if word not in _STOP_WORDS and len(word.encode()) <= MAX_TERM_BYTES]


@lru_cache(maxsize=1 << 17)
def _stem(word: str) -> str:
    """The English Snowball stemmer ("Porter2", Porter 2001); what begins with a digit stays as it is."""
    if word[0].isdigit():
        return word
    stemmer = snowballstemmer.stemmer("english")  # a new one each time: a stemmer works on one word at a time
    return str(stemmer.stemWord(word))
