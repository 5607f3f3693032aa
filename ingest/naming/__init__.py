"""What people call a document: title, parties, issuer, kind and period. Pure functions, English.

Who changes what is found raises `ingest.types.NAME_RULES`, so that stored documents are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingest.naming import parties, reports, titles
from ingest.types import Name

OPENING = 24_000  # characters from the beginning of a document that its names are looked for in


def named(
    source: str, title: str, media_type: str, text: str, headings: Iterable[str] = ()
) -> tuple[str, tuple[Name, ...]]:
    """The title that the document bears out, and all its names, each once.

    `title` is what the parser gave, `headings` are those of the first pages, `text` the canonical text or its first
    `OPENING` characters. Offsets are of `text`; a name that stands nowhere in it has start = end = -1.
    """
    opening = text[:OPENING].replace("\xa0", " ")
    found = [*reports.names(opening)]
    if not any(name.kind == "issuer" for name in found):
        found += parties.names(opening)
    shown = reports.title(found) or titles.borne_out(title, media_type, source, opening, headings)
    at = opening.find(shown)
    own = Name("title", shown, "", "page 1" if at >= 0 else "file", at, at + len(shown) if at >= 0 else -1)
    named_by_file = titles.readable(source)
    files = [Name("file name", named_by_file, "", "file name", -1, -1)] if named_by_file else []
    unique = {(name.kind, name.text.casefold(), name.value): name for name in reversed([own, *files, *found])}
    return shown, tuple(reversed(unique.values()))
