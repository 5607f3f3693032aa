"""Where sentences end, well enough to cut there: an end that is missed makes a longer piece, never a wrong one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.chunkers.pieces import trimmed
from ingest.cutting import untied

_END = re.compile(
    r"(?<=[.!?…])[)\]\"”’»]*\s+(?=[\"“‘«(\[¿¡]?[^\W_a-zß-öø-ÿ])"  # followed by a capital, a figure, or other writing
    r"|(?<=[。！？])[」』”’]*\s*|\n+"
)
_SHORTENED = re.compile(r"(?:\b(?:[A-Z]|[Mm]rs?|Ms|Dr|Prof|St|vs?|e\.g|i\.e|cf|[Nn]os?|[Aa]rt|[Ss]ec|pp?)\.)\s+$")
_LEAST = 12  # characters of a sentence: less is the number of an item, or an abbreviation


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences and lines of a text, without the blanks between them."""
    start = 0
    for found in _END.finditer(text):
        at = found.end()
        if at - start < _LEAST and "\n" not in found[0]:
            continue
        if _SHORTENED.search(text, max(start, at - 12), at) or untied(text, at, start) != at:
            continue
        yield from trimmed(text, start, at)
        start = at
    yield from trimmed(text, start, len(text))
