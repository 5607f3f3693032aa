"""What stands on the pages of a file and is no part of its text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from ingest.types import ElementKind
from retrieval.comparing.labels import label_of
from retrieval.comparing.types import Placed, Text

_FOLIO = re.compile(
    r"(?:page\s+)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?|[-–—]\s*(?:page\s+)?\d{1,4}\s*[-–—]|page\s+[ivxl]{1,7}", re.I
)
_PLAIN_FOLIO = re.compile(r"\d{1,4}")
_DIGITS = re.compile(r"\d+")
_RUNNING_WORDS, _RUNNING_PAGES = 15, 3


def folios(side: Text) -> set[int]:
    """Elements that are the number of a page."""
    edges = {at for pair in _edges(side.elements).values() for at in pair}
    found = set()
    for at, element in enumerate(side.elements):
        words = side.text[element.start : element.end]
        if len(words) > 24 or "\n" in words:
            continue
        words = " ".join(words.replace("|", " ").split())
        if _FOLIO.fullmatch(words) and (at in edges or not _PLAIN_FOLIO.fullmatch(words)):
            found.add(at)
    return found


def running(side: Text) -> set[int]:
    """Elements that open or close three pages and more in the same words, whatever figures are in them."""
    masked: dict[int, str] = {}
    for pair in _edges(side.elements).values():
        for at in pair:
            element = side.elements[at]
            words = side.text[element.start : element.end]
            short = len(words) < 200 and len(words.split()) <= _RUNNING_WORDS
            if short and element.kind is not ElementKind.TABLE and label_of(side.text, element) is None:
                masked[at] = _DIGITS.sub("0", " ".join(words.split()))
    often = Counter(masked.values())
    return {at for at, words in masked.items() if often[words] >= _RUNNING_PAGES}


def _edges(elements: Sequence[Placed]) -> dict[int, Collection[int]]:
    """The first and the last element of each page."""
    found: dict[int, tuple[int, int]] = {}
    for at, element in enumerate(elements):
        if element.page is not None:
            first, _ = found.get(element.page, (at, at))
            found[element.page] = (first, at)
    return {page: set(pair) for page, pair in found.items()}
