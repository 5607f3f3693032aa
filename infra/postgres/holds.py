"""Legal holds: what must be kept beats what is to be erased. Who deletes over HTTP cannot tell: it is gone for all."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from infra.postgres.changes import Trail, changing
from infra.postgres.errors import DocumentMissing, ErasureRefused, HeldBack
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid
from ingest.types import OPERATOR

DOCUMENT, PERSON, COLLECTION = KINDS = ("document", "person", "collection")


@dataclass(frozen=True, slots=True)
class Hold:
    """`subject`: a document's id, a user name, or a collection."""

    id: str
    kind: str
    subject: str
    reason: str
    placed_at: datetime
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldVersion:
    """A version that nobody reads any more and that a hold keeps; its original is in the blob folder."""

    document_id: str
    version: int
    source: str
    content_sha256: str
    deleted_at: datetime


class PostgresHolds:
    """Placing and lifting are recorded."""

    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._trail = trail

    def place(self, kind: str, subject: str, reason: str) -> str:
        """Returns its id. Raises `DocumentMissing` for a document or collection that there is not, and `ErasureRefused`
        where it is held already."""
        hold = uuid.uuid4()
        row = {"id": hold, "kind": kind, "subject": subject, "reason": reason}
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["lock_generation"])  # nothing is purged meanwhile
            asked = {"id": as_uuid(subject), "name": subject}
            if kind == DOCUMENT and change.conn.execute(SQL["is_document"], asked).fetchone() is None:
                raise DocumentMissing(f"There is no document {subject}.")
            if kind == COLLECTION and change.conn.execute(SQL["lock_collection"], asked).fetchone() is None:
                raise DocumentMissing(f"There is no collection {subject}.")
            if not change.conn.execute(SQL["place_hold"], row).rowcount:
                raise ErasureRefused(f"There is a hold on this {kind} already: `footnote holds list`.")
            change.record(
                "place_hold", OPERATOR.name, hold=str(hold), of=kind, **_subject(kind, subject), reason=reason
            )
        return str(hold)

    def lift(self, hold: str) -> tuple[str, ...]:
        """From now on it keeps nothing; returns hashes of originals that may be needed by nobody any more. Raises
        `DocumentMissing`."""
        with changing(self._pool, self._trail) as change:
            row = change.conn.execute(SQL["lift_hold"], {"id": as_uuid(hold)}).fetchone()
            if row is None:
                raise DocumentMissing(f"There is no hold {hold} that could be lifted: `footnote holds list`.")
            freed = change.conn.execute(SQL["free_held_versions"]).fetchall()
            change.record("lift_hold", OPERATOR.name, hold=hold, of=row[0], **_subject(row[0], row[1]))
        return tuple(sha256 for (sha256,) in freed)

    def list(self, *, lifted: bool = False) -> tuple[Hold, ...]:
        with transaction(self._pool) as conn:
            return tuple(Hold(*row) for row in conn.execute(SQL["list_holds"], {"all": lifted}))

    def versions(self) -> tuple[HeldVersion, ...]:
        """What was replaced and is kept."""
        with transaction(self._pool) as conn:
            return tuple(HeldVersion(*row) for row in conn.execute(SQL["list_held_versions"]))


def held_by(conn: Connection, ids: Sequence[str]) -> tuple[str, str, str] | None:
    """Id, kind and subject of a hold on one of these documents."""
    return conn.execute(SQL["holds_on_documents"], {"ids": [as_uuid(id_) for id_ in ids]}).fetchone()


def refuse_held(conn: Connection, ids: Sequence[str]) -> None:
    """Raises `HeldBack`."""
    _refuse(held_by(conn, ids))


def refuse_held_person(conn: Connection, names: Sequence[str]) -> None:
    """names: lower case. Raises `HeldBack`."""
    _refuse(conn.execute(SQL["holds_on_person"], {"names": list(names)}).fetchone())


def refuse_leaving(conn: Connection, ids: Sequence[uuid.UUID]) -> None:
    """Raises `HeldBack` where a hold of its collection keeps one of these."""
    _refuse(conn.execute(SQL["holds_on_collections"], {"ids": list(ids)}).fetchone())


def _refuse(hold: tuple[str, str, str] | None) -> None:
    if hold is not None:
        id_, kind, subject = hold
        raise HeldBack(
            f"A legal hold on the {kind} {subject} keeps this. When it has ended: `footnote holds lift {id_}`."
        )


def _subject(kind: str, subject: str) -> dict[str, object]:
    """As the trail has it."""
    if kind == PERSON:
        return {"person": f"user:{subject}"}
    return {"document_id": subject} if kind == DOCUMENT else {"collection": subject}
