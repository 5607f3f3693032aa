"""Reviews, whose they are, and with whom they are shared. What is changed and its record in the trail are one
transaction. What of a review somebody may see is not told here."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from generation.types import Strictness
from infra.postgres.changes import Change, Trail, changing
from infra.postgres.errors import QuotaExceeded, ReviewMissing
from infra.postgres.pool import Connection, Pool, reading_as, transaction
from infra.postgres.review_rows import CellOfAnswer, CellState, Counted, InForce, NewReview, Review, StoredCell
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid
from retrieval.types import Principal

NO_REVIEW = "There is no such review of yours, nor one that is shared with you."
_OWN, _SHARED = SQL["read_reviews"], SQL["read_shared_reviews"]
MOST_OPEN = 50_000  # cells that wait, of one owner
Place = tuple[datetime, str]  # when a review was begun, and its id


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
            "owner": principal.owner,
            "tokens": sorted(principal.tokens),
        }
        row |= {"key_id": new.key_id, "title": new.title, "as_of": new.as_of, "live": new.live}
        row |= {"strict": new.strict}
        with changing(self._pool, self._trail) as change:
            conn = change.conn
            conn.execute(SQL["lock_owner_reviews"], row)
            _within_quota(conn, principal.owner, len(new.documents) * len(new.questions))
            conn.execute(SQL["add_review"], row | {"questions": list(new.questions)})
            conn.execute(SQL["add_review_documents"], row | {"documents": list(map(as_uuid, new.documents))})
            counts = {"documents": len(new.documents), "questions": len(new.questions)}
            conn.execute(SQL["add_review_cells"], row | counts)
            strictness = {"strictness": str(Strictness.STRICT)} if new.strict else {}
            self._record(change, "start_review", principal, review_id, **counts, **strictness)
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

    def share(self, review_id: str, principal: Principal, principals: Iterable[str]) -> None:
        """With these alone from now on. Raises `ReviewMissing`."""
        wanted = sorted(set(principals))
        asked = _asked(review_id, principal)
        with changing(self._pool, self._trail) as change:
            _found(change.conn.execute(SQL["lock_own_review"], asked).fetchone())
            before = sorted(one for (one,) in change.conn.execute(SQL["unshare_review"], asked))
            change.conn.execute(SQL["share_review"], asked | {"principals": wanted})
            if before != wanted:
                self._record(change, "share_review", principal, review_id, shared_with=wanted, before=before)

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
        with changing(self._pool, self._trail) as change:
            event = _resumed(change.conn, review_id, principal, key_id)
            count = ask_again(change.conn, review_id, event, versions, failed=True, gone=gone)
            _within_quota(change.conn, principal.owner, 0)
            self._record(change, "resume_review", principal, review_id, cells=count)
        return count

    def again(
        self, review_id: str, principal: Principal, key_id: str | None, number: int, questions: Collection[int]
    ) -> int:
        """The same, but that these cells of one document are asked again, whatever they say, and no others."""
        asked = {"id": as_uuid(review_id), "number": number, "questions": list(questions)}
        with changing(self._pool, self._trail) as change:
            event = _resumed(change.conn, review_id, principal, key_id)
            count = change.conn.execute(SQL["ask_chosen_cells_again"], asked | {"event": event}).rowcount
            _within_quota(change.conn, principal.owner, 0)
            self._record(change, "ask_cells_again", principal, review_id, cells=count)
        return count

    def take_over(
        self, cell: CellOfAnswer, audit_id: str, state: CellState, version: int, rests_on: Collection[int] | None
    ) -> bool:
        """Another answer stands in this cell; False where its own has gone from it meanwhile."""
        row: dict[str, Any] = {"id": as_uuid(cell.review_id), "old": as_uuid(cell.audit_id), "state": state}
        row |= {"audit_id": as_uuid(audit_id), "version": version}
        row["rests_on"] = None if rests_on is None else sorted(rests_on)
        with transaction(self._pool) as conn:
            return conn.execute(SQL["take_over_cell"], row | {"question": cell.question}).rowcount == 1

    def learn(self, review_id: str, known: Mapping[str, Collection[int] | None]) -> None:
        """What these answers rest on, as far as that is known."""
        id_ = as_uuid(review_id)
        rows = [
            {"id": id_, "audit_id": as_uuid(audit_id), "rests_on": sorted(versions)}
            for audit_id, versions in known.items()
            if versions is not None
        ]
        if rows:
            with transaction(self._pool) as conn, conn.cursor() as cursor:
                cursor.executemany(SQL["learn_what_a_cell_rests_on"], rows)

    def _record(self, change: Change, action: str, principal: Principal, review_id: str, **what: object) -> None:
        change.record(action, f"user:{principal.user}", review_id=review_id, **what)

    # What there is

    def list(
        self, principal: Principal, *, shared: bool = False, after: Place | None = None, limit: int = 20
    ) -> tuple[Review, ...]:
        """Newest first; `shared`: those that others share with the principal. `after`: those begun before the one of
        that place."""
        return self._read(principal, _SHARED if shared else _OWN, None, after, limit)

    def find(self, review_id: str, principal: Principal, *, shared: bool = False) -> Review:
        """Their own or, if asked for, one that is `shared` with them. Raises `ReviewMissing` for all others."""
        id_ = as_uuid(review_id)
        found = self._read(principal, _OWN, id_, None, 1) if id_ is not None else ()
        if shared and not found and id_ is not None:
            found = self._read(principal, _SHARED, id_, None, 1)
        _found(len(found))
        return found[0]

    def _read(
        self, principal: Principal, query: bytes, id_: uuid.UUID | None, after: Place | None, limit: int
    ) -> tuple[Review, ...]:
        at, last = after or (None, None)
        asked: dict[str, Any] = {"owner": principal.owner, "tokens": sorted(principal.tokens), "id": id_}
        asked |= {"at": at, "last": last and as_uuid(last), "limit": limit}
        with transaction(self._pool) as conn:
            rows = conn.execute(query, asked).fetchall()
        return tuple(_review(*row) for row in rows)

    def documents(self, review_ids: Sequence[str]) -> dict[str, dict[int, str]]:
        """Of each review the ids of its documents by number, ascending."""
        found: dict[str, dict[int, str]] = {id_: {} for id_ in review_ids}
        with transaction(self._pool) as conn:
            for id_, number, document_id in conn.execute(SQL["documents_of_reviews"], _ids(review_ids)):
                found[id_][number] = document_id
        return found

    def in_force(
        self, principal: Principal | None, document_ids: Collection[str], as_of: date | None
    ) -> dict[str, InForce]:
        """Of each of these documents that the principal may read, the version that a question of that day is answered
        from. None: the operator."""
        asked = {"ids": [as_uuid(id_) for id_ in document_ids], "as_of": as_of}
        with transaction(self._pool) if principal is None else reading_as(self._pool, principal) as conn:
            rows = conn.execute(SQL["versions_in_force"], asked).fetchall()
        return {
            id_: InForce(version, title, source, frozenset(versions)) for id_, version, title, source, versions in rows
        }

    def counts(self, review_ids: Sequence[str]) -> Sequence[Counted]:
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["review_counts"], _ids(review_ids)).fetchall()
        return [
            Counted(id_, number, CellState(state), version, _places(rests_on), count)
            for id_, number, state, version, rests_on, count in rows
        ]

    def of_answers(self, audit_ids: Iterable[str]) -> Sequence[CellOfAnswer]:
        """The cells that these answers stand in, whosever."""
        ids = [id_ for id_ in map(as_uuid, audit_ids) if id_ is not None]
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["cells_of_answers"], {"ids": ids}).fetchall() if ids else []
        return [_cell_of_answer(*row) for row in rows]

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
        return [
            StoredCell(number, question, CellState(state), code, audit_id, version, _places(rests_on), *rest)
            for number, question, state, code, audit_id, version, rests_on, *rest in rows
        ]


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


def _review(*row: Any) -> Review:
    *place, questions, as_of, live, strict, created_at, cancelled, event, shares = row
    told: list[Any] = [*place, tuple(questions), as_of, live, strict, created_at, cancelled, event, tuple(shares)]
    return Review(*told)


def _cell_of_answer(*row: Any) -> CellOfAnswer:
    *place, state, version, rests_on, shares = row
    told: list[Any] = [*place, CellState(state), version, _places(rests_on), frozenset(shares)]
    return CellOfAnswer(*told)


def _places(versions: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if versions is None else tuple(versions)


def _resumed(conn: Connection, review_id: str, principal: Principal, key_id: str | None) -> int:
    """The event with which it goes on. Raises `ReviewMissing`."""
    asked = _asked(review_id, principal) | {"tokens": sorted(principal.tokens), "key_id": key_id}
    conn.execute(SQL["lock_owner_reviews"], asked)
    row = conn.execute(SQL["resume_review"], asked).fetchone()
    _found(row is not None)
    assert row is not None
    return int(row[0])


def _within_quota(conn: Connection, owner: str, more: int) -> None:
    ((waiting,),) = conn.execute(SQL["open_cells_of_owner"], {"owner": owner}).fetchall()
    if waiting + more > MOST_OPEN:
        raise QuotaExceeded(
            f"You have {waiting:,} cells of reviews waiting; {MOST_OPEN:,} may wait at once. Wait for some of them, or "
            "delete a review."
        )


def _asked(review_id: str, principal: Principal) -> dict[str, object]:
    return {"id": as_uuid(review_id), "owner": principal.owner}


def _ids(review_ids: Sequence[str]) -> dict[str, object]:
    return {"ids": [as_uuid(id_) for id_ in review_ids]}


def _found(there: object) -> None:
    if not there:
        raise ReviewMissing(NO_REVIEW)
