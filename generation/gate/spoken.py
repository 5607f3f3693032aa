"""The language of what a sentence rests on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from generation.types import Evidence
from ingest.languages import foreign
from retrieval.text.tables import BAR


def spoken(evidence: Sequence[Evidence]) -> str:
    """The language of a span, of the table that it is in, or of the passage around it, that was not measured; "" if
    there is none."""
    texts = [text for item in evidence for text in (item.quote, _table(item), item.passage.text)]
    return next((language for text in texts if (language := foreign(text))), "")


def _table(item: Evidence) -> str:
    """The rows of the passage around a row, with the header above them; "" of prose."""
    if BAR not in item.quote:
        return ""
    text, at = item.passage.text, item.start - item.passage.start
    above = takewhile(lambda line: BAR in line, reversed(text[:at].split("\n")[:-1]))
    below = takewhile(lambda line: BAR in line, text[at:].split("\n"))
    return "\n".join([item.passage.chunk.table_header, *reversed([*above]), *below])
