"""Facts that people set: their values brought into normal form, then stored."""

from __future__ import annotations

from dataclasses import replace

from infra.postgres.facts import PostgresFacts
from ingest.errors import InvalidFact
from ingest.facts.values import normalised, plain_words
from ingest.types import Author, DocumentFacts, FactKind, NewFact
from retrieval.types import Principal


class FactKeeper:
    """As `api.http.parts.Facts`."""

    def __init__(self, store: PostgresFacts) -> None:
        self._store = store

    def of(self, document_id: str, version: int | None, principal: Principal, author: Author) -> DocumentFacts | None:
        return self._store.of(document_id, version, principal, author)

    def set(self, document_id: str, new: NewFact, author: Author) -> bool:
        several = new.kind is FactKind.PARTY
        if (new.role or new.term) and not several:
            raise InvalidFact("Only a party has a role and a term.")
        plain = replace(
            new,
            value=normalised(new.kind, new.value),
            role=plain_words(new.role),
            term=plain_words(new.term),
            replaces=plain_words(new.replaces) if several else "",
        )
        return self._store.set(document_id, plain, author)

    def remove(self, document_id: str, kind: FactKind, value: str, author: Author) -> bool:
        which = plain_words(value) if kind is FactKind.PARTY else ""
        if kind is FactKind.PARTY and not which:
            raise InvalidFact("Say which party is none, by the name that the facts have.")
        return self._store.remove(document_id, kind, which, author)
