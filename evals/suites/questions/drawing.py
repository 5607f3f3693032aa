"""Which passages are drawn, in which order: by ids, so that nobody chose them, and spread over what there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import PurePosixPath

from api.terminal import UsageError
from evals.suites.questions.desks import Desk
from evals.suites.questions.making import digest, usable
from evals.systems.question_desk import Document
from ingest.languages import measured, primary
from retrieval.text.tables import BAR
from retrieval.types import ChunkText

_READ = 40  # passages of a document among which one is chosen
_TABLES = 4  # one turn in so many takes a table, if there is one


def wanted(documents: Sequence[Document], patterns: Sequence[str]) -> list[Document]:
    """Those whose source or id one of the patterns fits; all without. Raises `UsageError` where none does."""
    if not patterns:
        return list(documents)
    found = [one for one in documents if any(fnmatch(one.source, p) or one.id == p for p in patterns)]
    if not found:
        raise UsageError(f"{', '.join(patterns)}: fits the source of no document that this person may read.")
    return found


def in_turn(documents: Sequence[Document]) -> list[Document]:
    """Small kinds of file and rare languages are not lost: each has a share by the square root of its number."""
    groups: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for one in documents:
        if measured(one.language):
            groups[PurePosixPath(one.source).suffix.lower(), primary(one.language)].append(one)
    placed: list[tuple[float, str, Document]] = []
    for group in groups.values():
        group.sort(key=lambda one: digest(one.id))
        placed += [((at + 0.5) / len(group) ** 0.5, digest(one.id), one) for at, one in enumerate(group)]
    return [one for *_, one in sorted(placed, key=lambda entry: entry[:2])]


def passages(
    desk: Desk, documents: Sequence[Document], known: Callable[[str], bool]
) -> Iterator[tuple[Document, ChunkText]]:
    """Round after round one of each document, until none is left. `known`: by chunk id those tried before."""
    waiting = [_Turns(desk, one, known) for one in in_turn(documents)]
    while waiting:
        left = []
        for turns in waiting:
            chunk = turns.next()
            if chunk is not None:
                yield turns.document, chunk
                left.append(turns)
        waiting = left


class _Turns:
    """The passages of one document by the digest of their ids, sections in turn."""

    def __init__(self, desk: Desk, document: Document, known: Callable[[str], bool]) -> None:
        self.document = document
        self._desk, self._known = desk, known
        self._ids: list[str] | None = None
        self._read: list[ChunkText] = []
        self._sections: set[str] = set()
        self._turn = int(digest(document.id)[:4], 16)

    def next(self) -> ChunkText | None:
        if self._ids is None:
            self._ids = sorted(self._desk.chunk_ids(self.document.id), key=digest)
        self._turn += 1
        while not self._read and self._ids:
            batch, self._ids = self._ids[:_READ], self._ids[_READ:]
            self._read = [chunk for chunk in self._desk.read(batch) if usable(chunk)]
            self._sections |= {_section(chunk) for chunk in self._read if self._known(chunk.chunk_id)}
            self._read = [chunk for chunk in self._read if not self._known(chunk.chunk_id)]
        if not self._read:
            return None
        table = self._turn % _TABLES == 0
        chosen = min(self._read, key=lambda one: ((BAR in one.text) != table, _section(one) in self._sections))
        self._read.remove(chosen)
        self._sections.add(_section(chosen))
        return chosen


def _section(chunk: ChunkText) -> str:
    return chunk.section_path[0] if chunk.section_path else ""
