"""Collections: documents that share a label, and walls that keep people out of them whatever else a label says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from infra.postgres.changes import Change, Trail, changing
from infra.postgres.errors import CollectionRefused
from infra.postgres.holds import refuse_leaving
from infra.postgres.labelling import composed, relabel_within, unwalled
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from infra.postgres.walls import known_as
from infra.postgres.writing import as_uuid
from ingest.types import OPERATOR

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Collection:
    """`label`: who may read its documents at most; None: as each says itself. `walls`: who may not, in any case; with
    what those are called today who are synced."""

    name: str
    label: frozenset[str] | None
    walls: frozenset[str] = frozenset()
    documents: int = 0
    connectors: tuple[str, ...] = ()


class PostgresCollections:
    """Each change is one transaction with its records: it holds for every document from the next query on."""

    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._trail = trail

    def list(self) -> tuple[Collection, ...]:
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["list_collections"]).fetchall()
        return tuple(
            Collection(name, None if label is None else frozenset(label), frozenset(walls), count, tuple(connectors))
            for name, label, walls, count, connectors in rows
        )

    def documents(self, name: str) -> tuple[str, ...]:
        """The ids of its documents; raises `CollectionRefused` where there is none of this name."""
        with transaction(self._pool) as conn:
            if conn.execute(SQL["lock_collection"], {"name": name}).fetchone() is None:
                raise _unknown(name)
            rows = conn.execute(SQL["documents_of_collection"], {"name": name}).fetchall()
        return tuple(id_ for id_, _ in rows)

    def add(self, name: str, label: frozenset[str] | None, walls: frozenset[str]) -> None:
        """Raises `CollectionRefused` where there is one of this name."""
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["lock_generation"])
            walls = walls | known_as(change.conn, walls)
            if not change.conn.execute(SQL["add_collection"], _row(name, label, walls)).rowcount:
                raise CollectionRefused(f"There is a collection {name}: `footnote collections label {name}`.")
            _record(change, "add", name, label, walls)

    def change(
        self,
        name: str,
        told: Callable[[frozenset[str] | None, frozenset[str]], tuple[frozenset[str] | None, frozenset[str]]],
    ) -> int:
        """`told`: label and walls as they are to be, from those that there are. Relabels all its documents, those in
        the recycle bin too; returns how many it has."""
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["lock_generation"])
            row = change.conn.execute(SQL["lock_collection"], {"name": name}).fetchone()
            if row is None:
                raise _unknown(name)
            before = frozenset(row[1])
            label, walls = told(None if row[0] is None else frozenset(row[0]), before)
            walls = walls | known_as(change.conn, walls - before)
            change.conn.execute(SQL["set_collection"], _row(name, label, walls))
            members = change.conn.execute(SQL["documents_of_collection"], {"name": name}).fetchall()
            for first in range(0, len(members), _BATCH):
                batch = [
                    (id_, composed(asked, label, walls))
                    for id_, asked in members[first : first + _BATCH]
                    if asked is not None
                ]
                relabel_within(change, batch, OPERATOR.name)
            _record(change, "label", name, label, walls)
        return len(members)

    def put(self, name: str | None, document_ids: Sequence[str]) -> int:
        """These documents into the collection, or (None) out of the one that they are in; each keeps the label that it
        was given itself, within the collection's. Returns how many there are of them. Refused for what came out of
        another document, whose label it has, and (`HeldBack`) for what a hold of its collection keeps."""
        with changing(self._pool, self._trail) as change:
            conn = change.conn
            conn.execute(SQL["lock_generation"])
            row = (None, []) if name is None else conn.execute(SQL["lock_collection"], {"name": name}).fetchone()
            if row is None:
                raise _unknown(name or "")
            ids = [id_ for text in document_ids if (id_ := as_uuid(text)) is not None]
            if (part := conn.execute(SQL["parts_among"], {"ids": ids}).fetchone()) is not None:
                raise CollectionRefused(f"{part[0]} is a part of {part[1]} and goes with it: name that one instead.")
            refuse_leaving(conn, ids)
            found = conn.execute(SQL["labelled_documents"], {"ids": ids}).fetchall()
            own: dict[str, Any] = dict(conn.execute(SQL["asked_labels"], {"ids": ids}).fetchall())
            labels = []
            for id_, source, _, _, allow, _ in found:
                asked = unwalled(own.get(id_) or allow)
                place = {"id": as_uuid(id_), "collection": name, "asked": sorted(asked)}
                conn.execute(SQL["leave_collection"], place)
                if name is not None:
                    conn.execute(SQL["enter_collection"], place)
                    conn.execute(SQL["ask_in_collection"], place)
                labels.append((id_, composed(asked, *row)))
                change.record("collection", OPERATOR.name, collection=name, document_id=id_, source=source)
            relabel_within(change, labels, OPERATOR.name)
        return len(found)

    def remove(self, name: str) -> None:
        """Only an empty one that no connector fills: its walls must not fall by the way."""
        with changing(self._pool, self._trail) as change:
            row = change.conn.execute(SQL["lock_collection"], {"name": name}).fetchone()
            if row is None:
                raise _unknown(name)
            held, deleted, connected = change.conn.execute(SQL["collection_filling"], {"name": name}).fetchall()[0]
            if held or deleted or connected:
                raise CollectionRefused(f"The collection {name} is not empty: {_filling(held, deleted, connected)}.")
            change.conn.execute(SQL["drop_collection"], {"name": name})
            _record(change, "remove", name, None if row[0] is None else frozenset(row[0]), frozenset(row[1]))


def _unknown(name: str) -> CollectionRefused:
    return CollectionRefused(f"There is no collection {name}. `footnote collections list` shows those that there are.")


def _filling(held: int, deleted: int, connected: bool) -> str:
    told = []
    if connected:
        told.append("a connector fills it (`footnote connectors remove`)")
    if held:
        told.append(f"documents in it: {held} (`footnote collections take`)")
    if deleted:
        told.append(
            f"documents of it in the recycle bin, which may come back: {deleted} (`footnote documents list --deleted`; "
            "`footnote documents delete ID --now` purges one)"
        )
    return ", ".join(told)


def _row(name: str, label: frozenset[str] | None, walls: frozenset[str]) -> dict[str, object]:
    return {"name": name, "label": None if label is None else sorted(label), "walls": sorted(walls)}


def _record(change: Change, action: str, name: str, label: frozenset[str] | None, walls: frozenset[str]) -> None:
    told = _row(name, label, walls)
    change.record(f"collection {action}", OPERATOR.name, collection=name, label=told["label"], walls=told["walls"])
