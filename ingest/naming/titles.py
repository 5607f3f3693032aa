"""The title of a document: what the first pages bear out, not what a program wrote into the file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

_WORD = re.compile(r"[^\W_]+")
_MARKED = frozenset(
    {"application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
)  # whose metadata programs fill in
_BORNE = 0.6  # share of the title's words that the first pages have to hold
_FIRST = 3_000  # characters that a title is looked for in
_KIND = re.compile(
    r"\b(?:agreement|contract|lease|licen[cs]e|amendment|addendum|deed|policy|report|handbook|manual|plan|"
    r"prospectus|memorandum|guide(?:lines?)?|procedure|minutes|certificate|charter|bylaws|specification|letter)\b",
    re.I,
)
_NO_TITLE = re.compile(
    r"^(?:exhibit|execution|confidential|table of|page|dated|article|section|draft)\b|[@|]|\.{3}", re.I
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_OPAQUE = re.compile(r"[0-9a-f]{8,}|[\d\W_]+", re.I)


def borne_out(title: str, media_type: str, source: str, opening: str, headings: Iterable[str]) -> str:
    """`title` where the first pages hold it or no program wrote it; else a heading or first line that reads like a
    title; else the file's name made readable; else `title`."""
    if media_type not in _MARKED:
        return title
    held = set(_words(opening[: 2 * _FIRST]))
    wanted = [word for word in _words(title) if len(word) > 1]
    telling = any(word.isalpha() for word in wanted)
    if telling and sum(word in held for word in wanted) >= _BORNE * len(wanted):
        return title
    lines = [line.strip() for line in [*headings, *re.split(r"\n+", opening[:_FIRST])] if _like_a_title(line.strip())]
    best = next((line for line in lines if _KIND.search(line)), "")
    return best or readable(source) or next(iter(lines), "") or title


def readable(source: str) -> str:
    """A file's name in words: without folders, extension and underscores; "" where it is a number or a digest."""
    stem = PurePosixPath(source.replace("\\", "/")).name
    stem = re.sub(r"\.[A-Za-z]{2,5}$", "", stem)
    text = " ".join(_CAMEL.sub(" ", re.sub(r"[_\s]+", " ", stem)).split())
    return "" if _OPAQUE.fullmatch(stem) else text


def _like_a_title(line: str) -> bool:
    words = _words(line)
    if not (1 <= len(words) <= 14 and 4 <= len(line) <= 120) or _NO_TITLE.search(line) or line.endswith((",", ";")):
        return False
    long = [word for word in re.findall(r"[^\W\d_]+", line) if len(word) > 3]
    return bool(long) and sum(word[0].isupper() for word in long) >= 0.8 * len(long)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
