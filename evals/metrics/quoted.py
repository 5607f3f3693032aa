"""Do the exact words of a quote stand in a text that another program read from the same page?"""

from __future__ import annotations

import unicodedata

from evals.metrics.matching import tokens

SHARE = 0.5  # of the gold words that a citation has to hold, to point at the same place


def stands_in(quote: str, text: str) -> bool:
    """Blanks, hyphens, punctuation and table bars do not count: letters and digits in their order do."""
    wanted = _letters(quote)
    return bool(wanted) and wanted in _letters(text)


def overlaps(cited: str, quote: str) -> bool:
    """Whether a citation points at the words of the quote: one stands in the other, or it holds half of its words."""
    if stands_in(quote, cited) or stands_in(cited, quote):
        return True
    ours, gold = set(tokens(cited)), set(tokens(quote))
    return bool(gold) and len(ours & gold) > SHARE * len(gold) and len(ours) <= 10 * len(gold)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
