"""Two stored versions compared, as a principal may read them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from api.wiring.facts import FactKeeper
from api.wiring.line import Line
from generation.gate.claims import sentence_spans
from infra.postgres.documents import PostgresDocumentStore
from infra.postgres.layout import VersionView
from ingest.languages import measured, named_language
from ingest.types import OPERATOR, Coverage, ElementKind, FactKind
from retrieval.comparing.comparing import compare
from retrieval.comparing.types import Comparison, Text
from retrieval.types import Principal

Asked = tuple[str, int | None]
"""A document and one of its versions as it is stored; None: the current one."""


@dataclass(frozen=True, slots=True)
class Compared:
    """`notes`: plain sentences on what was not compared, or not as surely."""

    old: VersionView
    new: VersionView
    comparison: Comparison
    notes: tuple[str, ...]


class Differences:
    def __init__(self, store: PostgresDocumentStore, facts: FactKeeper) -> None:
        self._store = store
        self._facts = facts

    def of(self, old: Asked, new: Asked, principal: Principal) -> Compared | None:
        """None if one of both is missing or hidden; raises `TooLongToCompare`."""
        one, other = (self._store.text(*asked, principal) for asked in (old, new))
        if one is None or other is None:
            return None
        found = compare(self._text(one, principal), self._text(other, principal), sentence_spans)
        return Compared(one, other, found, tuple(dict.fromkeys((*_notes(one, "old"), *_notes(other, "new")))))

    def _text(self, view: VersionView, principal: Principal) -> Text:
        known = self._facts.of(view.document_id, view.version, principal, OPERATOR)
        parties = [one for one in known.facts if one.kind is FactKind.PARTY] if known else []
        return Text(view.text, view.elements, [name for one in parties for name in (one.value, one.term) if name])


def _notes(view: VersionView, side: str) -> Iterator[str]:
    unread = Coverage.of(view.page_infos).unread
    if unread:
        pages = "1 page" if unread == 1 else f"{unread} pages"
        yield f"{pages} of the {side} text could not be read: what is on them was not compared."
    if any(element.kind is ElementKind.REVISION for element in view.elements):
        yield f"Words that a tracked change took out of the {side} text were left aside."
    if not measured(view.language):
        yield (
            f"The {side} text is in {named_language(view.language)}: "
            "which kind of change something is, is told by English words."
        )


class AdmittedDifferences:
    """Implements `api.http.compared.Differences`, in `threads` that nothing else uses: one that nobody waits for any
    more still takes its time."""

    def __init__(self, differences: Differences, line: Line, threads: Executor) -> None:
        self._differences, self._line, self._threads = differences, line, threads

    async def of(self, old: Asked, new: Asked, principal: Principal) -> Compared | None:
        """Raises what `Line.place` raises."""
        with self._line.place(principal.user) as ticket:
            await ticket.turn()
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._differences.of, old, new, principal)
