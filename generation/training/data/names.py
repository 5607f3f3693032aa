"""Capitalised names in a text."""

from __future__ import annotations

import re

from generation.training.data.lexicon import NAME_STOP

_NAME = re.compile(r"\b[A-Z][A-Za-zÀ-ÿ&-]+(?:(?: of the| of| &)? [A-Z][A-Za-zÀ-ÿ&-]+){0,3}\b(?!\.[A-Za-z])")


def with_article(text: str, found: re.Match[str]) -> str:
    return f"the {found.group()}" if text[: found.start()].lower().endswith("the ") else found.group()


def names_in(text: str) -> list[re.Match[str]]:
    """Capitalised names that do not merely begin a sentence (two capitalised words together may begin one)."""
    found = []
    for match in _NAME.finditer(text):
        first = match.group().split()[0]
        opens = not text[: match.start()].strip(" \"'“(") or text[: match.start()].rstrip(" \"'“(")[-1:] in ".!?:"
        if first in NAME_STOP or match.group().split()[-1] in NAME_STOP or (opens and " " not in match.group()):
            continue
        found.append(match)
    return found


def related(one: str, other: str) -> bool:
    """Whether two names share a word, as names of the same thing often do."""
    return bool(
        {word.lower().rstrip("s") for word in one.split()} & {word.lower().rstrip("s") for word in other.split()}
    )
