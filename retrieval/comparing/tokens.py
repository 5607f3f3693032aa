"""Words as they are compared: how a line, a quotation mark or a dash was set makes no difference."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_NUMBER = r"\d+(?:[.,]\d+)*(?![^\W_])"
_CUT = r"[-\u2010\u2011\u00ad](?:\s+(?!(?:and|or|to|und|oder)\b)(?=[^\W\d_A-Z]))?(?=[^\W\d_])"  # "termi- nation"
_WORD = rf"[^\W_]+(?:(?:['’]|(?<=[^\W\d_]){_CUT})[^\W_]+)*"
_TOKEN = re.compile(rf"{_NUMBER}|{_WORD}|_+|([^\w\s])\1*")
_RULE = re.compile(r"([-_=*~\u2013\u2014])\1\1+|¦+")  # a line to write on or to divide by, or within a cell
_LEADER = re.compile(r"(?:\.\s?){4,}\s*\d{1,4}\s*$")  # of a table of contents, with the page
BAR = "|"
_LONGEST_LEADER = 400
_QUOTES = frozenset("\"'`´“”„‟«»″‘’‚‛‹›＂")
_DASHES = frozenset("-‐‑‒–—―−")
_SYMBOLS = frozenset("$€£¥%§#&@+=<>°©®™")
_IN_WORD = re.compile(r"[-\u2010\u2011\u00ad\s]+")


@dataclass(frozen=True, slots=True)
class Tokens:
    """`words[i]`, in the form in which it is compared, is characters [starts[i], ends[i])."""

    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.words)


def tokens(text: str, start: int, end: int) -> Tokens:
    """Words, numbers and signs of `text[start:end]`; the page at the end of a line of contents is none of them."""
    leader = _leader(text, start, end)
    last = leader.start() if leader else end
    found = [
        (_plain(one[0]), one.start(), one.end())
        for one in _TOKEN.finditer(text, start, last)
        if not _RULE.fullmatch(one[0])
    ]
    words, starts, ends = zip(*found, strict=True) if found else ((), (), ())
    return Tokens(words, starts, ends)


def of_contents(text: str, start: int, end: int) -> bool:
    """Whether it is a line of a table of contents: dots and a page at its end."""
    return _leader(text, start, end) is not None


def _leader(text: str, start: int, end: int) -> re.Match[str] | None:
    return _LEADER.search(text, max(start, end - _LONGEST_LEADER), end)


def key(found: Tokens) -> str:
    """The same for two sentences that say the same, and for two rows whatever their columns."""
    return " ".join(word for word in found.words if word != BAR)


def counts(word: str) -> bool:
    """Whether it is more than punctuation."""
    return word[:1].isalnum() or word[:1] in _SYMBOLS


def letters(words: tuple[str, ...]) -> str:
    """Words run together, without hyphens: the same for "long-term", "long term" and "longterm"; "" where there is
    anything but letters and hyphens."""
    joined = "".join(word for word in words if word not in _DASHES)
    return joined if joined.isalpha() else ""


def digits(words: tuple[str, ...]) -> str:
    """Of an only number, without signs that group thousands: "1,000" and "1000" are the same; else ""."""
    (word,) = words if len(words) == 1 else ("",)
    return re.sub(r",(?=\d{3}(?:\D|$))", "", word) if word[:1].isdigit() else ""


@lru_cache(maxsize=1 << 16)
def _plain(word: str) -> str:
    if not word.isascii():
        word = unicodedata.normalize("NFKC", word)
    if word[0].isalnum():
        return _IN_WORD.sub("", word).replace("’", "'")
    if word[0] in _QUOTES:
        return '"'
    return "-" if word[0] in _DASHES else word[0]
