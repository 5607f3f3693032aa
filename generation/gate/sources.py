"""Texts from elsewhere as the gate reads evidence: one passage each, numbered from 1 as markers name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.text.tables import BAR, header_above
from retrieval.types import ChunkText, Context, Passage


@dataclass(frozen=True, slots=True)
class Source:
    """A text that a sentence may rest on.

    `id` comes back with every quote. `title` and `section` (the headings, outermost first) are read with each span of
    the text. `document`: the whole that the text is cut from, in which names are sought; the text itself if empty.
    """

    text: str
    id: str = ""
    title: str = ""
    section: tuple[str, ...] = ()
    document: str = ""


Texts = str | Source | Sequence[str | Source]


def listed(texts: Texts) -> tuple[Source, ...]:
    """One text or several as sources, in their order."""
    given = (texts,) if isinstance(texts, str | Source) else texts
    return tuple(one if isinstance(one, Source) else Source(one) for one in given)


def shown(sources: Sequence[Source]) -> tuple[Context, dict[int, str]]:
    """The sources as the service shows passages, and the whole document by marker."""
    placed = [_placed(marker, source) for marker, source in enumerate(sources, 1)]
    return Context(tuple(passage for passage, _ in placed)), {passage.marker: whole for passage, whole in placed}


def _placed(marker: int, source: Source) -> tuple[Passage, str]:
    """The passage and its document. A text that its document does not hold as it stands is put before it."""
    at, text = source.document.find(source.text), source.text
    start = max(at, 0)
    document = source.document if at >= 0 else "\n\n".join(part for part in (text, source.document) if part)
    title, *section = [part for part in (source.title, *source.section) if part] or [""]
    chunk = ChunkText(
        chunk_id=str(marker),
        document_id=source.id or str(marker),
        version=1,
        content_sha256="",
        title=title,
        source="",
        ordinal=0,
        start=start,
        end=start + len(text),
        text=text,
        section_path=tuple(section),
        page=None,
        table_header=header_above(document, start) if BAR in text.partition("\n")[0] else "",
    )
    return Passage(marker, chunk, text, start, start + len(text)), document
