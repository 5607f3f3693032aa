"""Names and facts for versions that were ingested before there were any, or by other rules."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

from api.wiring.background import Background
from ingest.facts import LOOKED_AT, facts_of
from ingest.naming import named
from ingest.types import Document, Fact, Name

_BATCH = 40


class Unnamed(Protocol):
    """`infra.postgres.documents.PostgresDocumentStore`."""

    def unnamed(self, limit: int, chars: int) -> Sequence[tuple[str, int, Document]]: ...

    def put_names(self, names: Sequence[tuple[str, int, Sequence[Name], Sequence[Fact]]]) -> None: ...


def name_documents(store: Unnamed, stopped: threading.Event | None = None) -> int:
    """Derives what is missing, a batch a transaction, so that a kill loses one batch and the next run goes on; returns
    how many versions. Two processes that do it at once write the same."""
    count = 0
    while not (stopped and stopped.is_set()) and (rows := store.unnamed(_BATCH, LOOKED_AT)):
        store.put_names([(id_, version, _names(one), facts_of(one.text)) for id_, version, one in rows])
        count += len(rows)
    return count


def _names(document: Document) -> tuple[Name, ...]:
    return named(document.source, document.title, document.media_type, document.text)[1]


class BackgroundNaming(Background):
    """`name_documents` in a service that answers meanwhile."""

    def __init__(self, store: Unnamed, *, every: float = 2.0) -> None:
        super().__init__("footnote-naming", lambda: name_documents(store), "Documents could not be named", every=every)
