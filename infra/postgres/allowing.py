"""Who may read documents, changed by those who may change these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from infra.postgres.changes import Change, Trail, changing
from infra.postgres.documents import place_of, refusal, relabel_with_parts
from infra.postgres.labelling import unwalled, within_collection
from infra.postgres.pool import Pool
from infra.postgres.rights import known
from infra.postgres.sql import SQL
from infra.postgres.writing import bump, put_label
from ingest.types import Author, Labelled, LabelOutcome, NewLabel
from retrieval.errors import InvalidPrincipal


class PostgresAllowing:
    """Each call is one transaction with its records in the `trail`."""

    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._trail = trail

    def allow(self, document_ids: Sequence[str], label: NewLabel, author: Author) -> tuple[Labelled, ...]:
        """From the next query on these principals, and nobody else, may read the documents and all that came out of
        them; a document of a collection, those of them that the collection lets in. In the order of the ids, each once.

        Raises `InvalidPrincipal`, and then changes none, where nobody could read one of them any more, or an author who
        is no admin names a principal that they are not and that may not read it yet, or keeps themselves out.
        """
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["lock_generation"])
            return tuple(_labelled(change, id_, label, author) for id_ in dict.fromkeys(document_ids))


def _labelled(change: Change, document_id: str, label: NewLabel, author: Author) -> Labelled:
    found = known(change.conn, document_id, author)
    if found is None:
        return Labelled(document_id, LabelOutcome.NOT_FOUND)
    if not found.changeable:
        return Labelled(document_id, LabelOutcome.NOT_ALLOWED, found.allow, refusal(found))
    wanted = label.of(found.allow)
    _check(found.allow, wanted, author)
    allow = within_collection(change.conn, found.document_id, wanted)
    if allow == found.allow:
        return Labelled(document_id, LabelOutcome.UNCHANGED, allow)
    place = place_of(found.document_id, put_label(change.conn, allow), bump(change.conn), None)
    relabel_with_parts(change, place, allow, author)
    about = replace(found, allow=allow)
    change.record("relabel", author.name, **about.record(), before=sorted(found.allow))
    return Labelled(document_id, LabelOutcome.CHANGED, allow)


def _check(before: frozenset[str], wanted: frozenset[str], author: Author) -> None:
    if not unwalled(wanted):
        raise InvalidPrincipal("Nobody could read it any more. Leave somebody in, or delete the document.")
    if author.operator or author.admin:
        return
    if foreign := sorted(unwalled(wanted) - before - author.tokens):
        raise InvalidPrincipal(f"You are not in {', '.join(foreign)}: choose among your own groups.")
    if wanted.isdisjoint(author.tokens):
        raise InvalidPrincipal("You could not read it any more. Leave yourself in, or one of your groups.")
