"""Reviews as their owner sees them. What is asked for and its record in the trail are one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from infra.postgres.changes import Change, Trail, changing
from infra.postgres.errors import QuotaExceeded, ReviewMissing
from infra.postgres.pool import Connection, Pool, reading_as, transaction
from infra.postgres.review_rows import CellState, InForce, NewReview, Review, StoredCell, owner_of
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid
from retrieval.types import Principal

MOST_OPEN = 50_000  # cells that wait, of one owner
Counted = tuple[str, int, CellState, int | None, int]  # review, document's number, state, version, how many cells


class PostgresReviews:
    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._trail = trail

    # Changes

    def create(self, principal: Principal, new: NewReview) -> str:
        """Its id; every cell waits. Raises `QuotaExceeded`."""
        review_id = str(uuid.uuid4())
        row: dict[str, Any] = {
            "id": as_uuid(review_id),
            "owner": owner_of(principal),
            "tokens": sorted(principal.tokens),
        }
        row |= {"key_id": new.key_id, "title": new.title, "as_of": new.as_of, "live": new.live}
        with changing(self._pool, self._trail) as change:
            conn = change.conn
            conn.execute(SQL["lock_owner_reviews"], row)
            _within_quota(conn, owner_of(principal), len(new.documents) * len(new.questions))
            conn.execute(SQL["add_review"], row | {"questions": list(new.questions)})
            conn.execute(SQL["add_review_documents"], row | {"documents": list(map(as_uuid, new.documents))})
            counts = {"documents": len(new.documents), "questions": len(new.questions)}
            conn.execute(SQL["add_review_cells"], row | counts)
            self._record(change, "start_review", principal, review_id, **counts)
        return review_id

    def change(self, review_id: str, principal: Principal, *, title: str | None, live: bool | None) -> None:
        """What is None stays. Raises `ReviewMissing`."""
        told = {name for name, value in (("title", title), ("live", live)) if value is not None}
        if not told:
            self.find(review_id, principal)
            return
        asked = _asked(review_id, principal) | {"title": title, "live": live}
        with changing(self._pool, self._trail) as change:
            _found(change.conn.execute(SQL["change_review"], asked).rowcount)
            self._record(change, "change_review", principal, review_id, changed=sorted(told))

    def delete(self, review_id: str, principal: Principal) -> None:
        """Raises `ReviewMissing`. What was answered stays in the trail."""
        with changing(self._pool, self._trail) as change:
            _found(change.conn.execute(SQL["delete_review"], _asked(review_id, principal)).rowcount)
            self._record(change, "delete_review", principal, review_id)

    def cancel(self, review_id: str, principal: Principal) -> None:
        """What waits is not begun any more; what is under way is finished. Raises `ReviewMissing`."""
        self.find(review_id, principal)
        with changing(self._pool, self._trail) as change:
            if change.conn.execute(SQL["cancel_review"], _asked(review_id, principal)).rowcount:
                self._record(change, "cancel_review", principal, review_id)

    def resume(
        self,
        review_id: str,
        principal: Principal,
        key_id: str | None,
        versions: Mapping[int, int],
        gone: Collection[str],
    ) -> int:
        """Goes on with the rights of `principal`. What failed or was absent is asked again, as is what was asked of
        other `versions` than these, by the documents' numbers, and answers that are `gone`; how many cells. Raises
        `ReviewMissing` and `QuotaExceeded`."""
        asked = _asked(review_id, principal) | {"tokens": sorted(principal.tokens), "key_id": key_id}
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["lock_owner_reviews"], asked)
            row = change.conn.execute(SQL["resume_review"], asked).fetchone()
            _found(row is not None)
            assert row is not None
            count = ask_again(change.conn, review_id, row[0], versions, failed=True, gone=gone)
            _within_quota(change.conn, owner_of(principal), 0)
            self._record(change, "resume_review", principal, review_id, cells=count)
        return count

    def _record(self, change: Change, action: str, principal: Principal, review_id: str, **what: object) -> None:
        change.record(action, f"user:{principal.user}", review_id=review_id, **what)

    # What there is

    def list(self, principal: Principal, *, before: int | None = None, limit: int = 20) -> tuple[Review, ...]:
        """Newest first; `before`: those begun before the review of that number."""
        return self._read(principal, None, before, limit)

    def find(self, review_id: str, principal: Principal) -> Review:
        """Raises `ReviewMissing`, for another's review too."""
        id_ = as_uuid(review_id)
        found = self._read(principal, id_, None, 1) if id_ is not None else ()
        _found(len(found))
        return found[0]

    def _read(self, principal: Principal, id_: uuid.UUID | None, before: int | None, limit: int) -> tuple[Review, ...]:
        asked = {"owner": owner_of(principal), "id": id_, "before": before, "limit": limit}
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["read_reviews"], asked).fetchall()
        return tuple(
            Review(id_, number, owner, title, tuple(asked), *rest) for id_, number, owner, title, asked, *rest in rows
        )

    def documents(self, review_ids: Sequence[str]) -> dict[str, dict[int, str]]:
        """Of each review the ids of its documents by number, ascending."""
        found: dict[str, dict[int, str]] = {id_: {} for id_ in review_ids}
        with transaction(self._pool) as conn:
            for id_, number, document_id in conn.execute(SQL["documents_of_reviews"], _ids(review_ids)):
                found[id_][number] = document_id
        return found

    def in_force(self, principal: Principal, document_ids: Collection[str], as_of: date | None) -> dict[str, InForce]:
        """Of each of these documents that the principal may read, the version that a question of that day is answered
        from."""
        asked = {"ids": [as_uuid(id_) for id_ in document_ids], "as_of": as_of}
        with reading_as(self._pool, principal) as conn:
            return {id_: InForce(*rest) for id_, *rest in conn.execute(SQL["versions_in_force"], asked)}

    def counts(self, review_ids: Sequence[str]) -> Sequence[Counted]:
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["review_counts"], _ids(review_ids)).fetchall()
        return [(id_, number, CellState(state), version, count) for id_, number, state, version, count in rows]

    def cells(self, review_id: str, numbers: Sequence[int]) -> Sequence[StoredCell]:
        """Of the documents of these numbers, by number and question."""
        return self._cells(SQL["review_cells"], {"id": as_uuid(review_id), "numbers": list(numbers)})

    def changed(self, review_id: str, since: tuple[int, int, int], limit: int) -> Sequence[StoredCell]:
        """Those that changed after this event, number and question, in the order in which they did."""
        event, number, question = since
        place = {"event": event, "number": number, "question": question}
        return self._cells(SQL["changed_review_cells"], {"id": as_uuid(review_id), **place, "limit": limit})

    def _cells(self, query: bytes, asked: Mapping[str, object]) -> Sequence[StoredCell]:
        with transaction(self._pool) as conn:
            rows = conn.execute(query, asked).fetchall()
        return [StoredCell(number, question, CellState(state), *rest) for number, question, state, *rest in rows]


def ask_again(
    conn: Connection,
    review_id: str,
    event: int,
    versions: Mapping[int, int],
    *,
    failed: bool = False,
    gone: Collection[str] = (),
) -> int:
    """Lets cells wait again: those that were absent, that were asked of another version than is in force by now, whose
    answers are `gone` and, if asked for, that `failed`. Of the documents of these numbers alone."""
    asked = {"numbers": list(versions), "versions": list(versions.values()), "failed": failed, "event": event}
    asked |= {"id": as_uuid(review_id), "gone": [as_uuid(one) for one in gone]}
    return conn.execute(SQL["ask_cells_again"], asked).rowcount


def _review(id_: str, number: int, owner: str, title: str, questions: Sequence[str], *rest: Any) -> Review:
    return Review(id_, number, owner, title, tuple(questions), *rest)


def _within_quota(conn: Connection, owner: str, more: int) -> None:
    ((waiting,),) = conn.execute(SQL["open_cells_of_owner"], {"owner": owner}).fetchall()
    if waiting + more > MOST_OPEN:
        raise QuotaExceeded(
            f"You have {waiting:,} cells of reviews waiting; {MOST_OPEN:,} may wait at once. Wait for some of them, or "
            "delete a review."
        )


def _asked(review_id: str, principal: Principal) -> dict[str, object]:
    return {"id": as_uuid(review_id), "owner": owner_of(principal)}


def _ids(review_ids: Sequence[str]) -> dict[str, object]:
    return {"ids": [as_uuid(id_) for id_ in review_ids]}


def _found(there: object) -> None:
    if not there:
        raise ReviewMissing("There is no such review of yours.")
