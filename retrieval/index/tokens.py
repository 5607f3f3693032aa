"""Words to index terms, the same for documents and questions."""

from __future__ import annotations

import re
import unicodedata

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
    """Index terms in order: case-folded, accents kept, numbers whole ("1,250.5" is one), plurals folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = (match.group().replace(",", "") for match in _TERM.finditer(folded))
    return [_singular(word) for word in words if word not in _STOP_WORDS and len(word.encode()) <= MAX_TERM_BYTES]


def _singular(word: str) -> str:
    """The S-stemmer (Harman 1991, "How effective is suffixing?"): folds English plurals, nothing more."""
    if len(word) > 3 and word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    if len(word) > 2 and word.endswith("s") and not word.endswith(("us", "ss")):
        return word[:-1]
    return word
