"""Words and figures compared as a reader would: case, spacing and thousands separators do not count."""

from __future__ import annotations

import re
import unicodedata

_GROUPED = re.compile(r"(?<![\d.])\d{1,3}(?:[,' ]\d{3})+(?!\d)")
_TOKEN = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+")


def folded(text: str) -> str:
    """NFKC, lower case, single spaces, straight quotes, `1,250,000` and `1 250 000` as `1250000`."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").casefold()
    text = " ".join(text.split())
    return _GROUPED.sub(lambda match: re.sub(r"\D", "", match[0]), text)


def contains(text: str, phrase: str) -> bool:
    """Whether the phrase occurs in the text; a figure only as a whole, so that 14 is not found in 2014 or 1.14."""
    wanted = re.escape(folded(phrase))
    return re.search(rf"(?<!\d)(?<!\d\.){wanted}(?!\d)(?!\.\d)", folded(text)) is not None


def tokens(text: str) -> list[str]:
    """Words and numbers in order."""
    return _TOKEN.findall(folded(text))
