"""Who may read documents, told for many at once, and kept within the collections that they are in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from infra.postgres.changes import Change, Trail, changing
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.rights import Known
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid, bump, put_label
from ingest.types import OPERATOR, WALL, document_id, walled


def within_collection(conn: Connection, document_id: str, allow: frozenset[str]) -> frozenset[str]:
    """What of a label its collection lets through, with the collection's walls. What was asked for is remembered, for
    the day on which the collection's label changes."""
    row = conn.execute(SQL["collection_of_document"], {"id": as_uuid(document_id)}).fetchone()
    if row is None:
        return allow
    plain = unwalled(allow)
    conn.execute(SQL["ask_in_collection"], {"id": as_uuid(document_id), "asked": sorted(plain)})
    return composed(plain, *row)


def composed(plain: Iterable[str], label: Iterable[str] | None, walls: Iterable[str]) -> frozenset[str]:
    """A document's own label in a collection: those whom both name (all of its own where the collection has none), and
    walls before the collection's."""
    kept = frozenset(plain) if label is None else frozenset(plain) & frozenset(label)
    return kept | walled(walls) if kept else frozenset()


def unwalled(label: Iterable[str]) -> frozenset[str]:
    return frozenset(token for token in label if not token.startswith(WALL))


def relabel_within(change: Change, labels: Sequence[tuple[str, frozenset[str]]], principal: str) -> None:
    """Sets labels that are composed already, in the recycle bin too; records each that is another one."""
    wanted = dict(labels)
    ids = [as_uuid(id_) for id_ in wanted]
    rows = list(change.conn.execute(SQL["labelled_documents"], {"ids": ids}))
    groups: dict[frozenset[str], list[Known]] = {}
    before = {}
    for id_, source, version, sha256, allow, _ in rows:
        if wanted[id_] != frozenset(allow):
            groups.setdefault(wanted[id_], []).append(Known.row(id_, source, version, sha256, list(wanted[id_])))
            before[id_] = sorted(allow)
    if not groups:
        return
    generation = bump(change.conn)
    for label, documents in groups.items():
        place = {"ids": [as_uuid(one.document_id) for one in documents], "generation": generation}
        change.conn.execute(SQL["label_documents"], place | {"label": put_label(change.conn, label)})
        for one in documents:
            change.record("relabel", principal, **one.record(), before=before[one.document_id])


class PostgresLabelling:
    """Implements `ingest.syncing.protocols.Library` but for deletion; each call is one transaction with its records."""

    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._trail = trail

    def relabel(self, labels: Sequence[tuple[str, frozenset[str]]]) -> None:
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["lock_generation"])
            kept = [(id_, within_collection(change.conn, id_, label)) for id_, label in labels]
            relabel_within(change, kept, OPERATOR.name)

    def revive(self, document_id: str, content_sha256: str, label: frozenset[str]) -> bool:
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["lock_generation"])
            rows = change.conn.execute(SQL["labelled_documents"], {"ids": [as_uuid(document_id)]}).fetchall()
            for id_, source, version, sha256, _, deleted in rows:
                if not deleted or sha256 != content_sha256:
                    return False
                kept = within_collection(change.conn, id_, label)
                relabel_within(change, [(id_, kept)], OPERATOR.name)
                change.conn.execute(SQL["restore_document"], {"id": as_uuid(id_), "generation": bump(change.conn)})
                change.record("restore", OPERATOR.name, **Known(id_, source, version, sha256, kept).record())
        return bool(rows)

    def owned(self, source: str) -> bool:
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["owned_document"], {"id": as_uuid(document_id(source))}).fetchone()
        return row is not None and bool(row[0])

    def enter(self, document_id: str, collection: str | None) -> None:
        if collection is not None:
            with transaction(self._pool) as conn:
                conn.execute(SQL["enter_collection"], {"id": as_uuid(document_id), "collection": collection})
