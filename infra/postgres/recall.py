"""Which answers rest on a version of which something has become since: marked, found, and told to who asked.

Marks are candidates: whoever reads them is told no more than what the versions that they may read say by themselves.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from generation.people import Change
from generation.types import Version
from infra.postgres.chain import AuditRow
from infra.postgres.changes import Trail, changing
from infra.postgres.pool import Connection, Pool, reading_as, transaction
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid
from ingest.types import OPERATOR
from retrieval.types import Principal

ALL_VERSIONS = 0
SEEN = "notice_seen"  # in the trail
_LAST = uuid.UUID(int=2**128 - 1)
_FIRST, _EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Progress:
    """Up to which `generation` of the catalog and record `seq` of the trail answers are marked; `last` record;
    `now`."""

    generation: int
    seq: int
    now: datetime
    last: int


@dataclass(frozen=True, slots=True)
class Rested:
    """An answer and the versions that it quotes or names. `owner`: `user:NAME` in lower case, "" where that cannot be
    told. `as_of`: of which day it is; None: of the newest versions."""

    audit_id: str
    owner: str
    asked_at: datetime
    as_of: date | None
    places: frozenset[Version]


@dataclass(slots=True)
class State:
    """What there is of a document. `versions`: when each was added, and from which day it holds. `deleted_at`: since
    when it is in the recycle bin, or was purged; `erased_at`; `wrong`: when a version (0: all) was found so."""

    versions: dict[int, tuple[datetime, date]] = field(default_factory=dict)
    deleted_at: datetime | None = None
    erased_at: datetime | None = None
    wrong: dict[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mark:
    """`by`: the version that holds now, whoever may read it. `seen_version`: the newer one that the owner was told of
    at `seen_at`. `asked_again`: the answer that took its place, by its id."""

    audit_id: str
    document_id: str
    version: int
    change: Change
    owner: str
    asked_at: datetime
    as_of: date | None
    at: datetime
    by: int | None = None
    seen_at: datetime | None = None
    seen_version: int | None = None
    asked_again: str = ""


@dataclass(frozen=True, slots=True)
class WrongVersion:
    """`version` 0: all of them."""

    document_id: str
    version: int
    at: datetime
    reason: str


Judge = Callable[[Rested, Mapping[str, State]], Sequence[Mark]]
Place = tuple[datetime, str]  # when an answer was asked for, and its id


class PostgresRecall:
    """What an operator finds wrong, and who was told of what, is recorded."""

    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._trail = trail

    # Marking

    def progress(self) -> Progress:
        with transaction(self._pool) as conn:
            ((generation, seq, now, last),) = conn.execute(SQL["answers_marked"]).fetchall()
        return Progress(generation, seq, now, last or 0)

    def closed_after(self, seq: int, upto: int) -> list[AuditRow]:
        """Records that closed answers, in (seq, upto]."""
        with transaction(self._pool) as conn:
            return [AuditRow(*row) for row in conn.execute(SQL["answers_after"], {"seq": seq, "upto": upto})]

    def closed_on(self, ids: Collection[str], seq: int, limit: int) -> list[AuditRow]:
        """Those after `seq` that name one of these documents."""
        asked = {"terms": [f"document_id:{id_}" for id_ in ids], "seq": seq, "limit": limit}
        with transaction(self._pool) as conn:
            return [AuditRow(*row) for row in conn.execute(SQL["answers_on_documents"], asked)]

    def changed(self, generation: int, limit: int) -> tuple[tuple[str, ...], int]:
        """Up to which generation about `limit` documents have changed since this one, all of a generation together, and
        those of them that answers may have to be marked for: not what was added and has its first version."""
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["documents_to_mark"], {"generation": generation, "limit": limit}).fetchall()
        ids = tuple(id_ for id_, _, concerns in rows if concerns)
        return ids, max((at for _, at, _ in rows), default=generation)

    def mark(
        self,
        answers: Sequence[Rested],
        judge: Judge,
        since: datetime,
        *,
        only: Collection[str] | None = None,
        generation: int = 0,
        seq: int = 0,
    ) -> bool:
        """Marks these answers as `judge` has it of documents as they are now (`only` these; None: all that they rest
        on), takes other marks away, and notes how far that is. False, and nothing is done, where a person was erased
        since the answers were opened, or is being erased: a name must not come back."""
        ids = {id_ for one in answers for id_, _ in one.places}
        ids = ids if only is None else ids & set(only)
        with transaction(self._pool) as conn:
            conn.execute(SQL["lock_generation"])  # nothing is stored, deleted or erased meanwhile
            if conn.execute(SQL["erasing_since"], {"since": since}).fetchone() == (True,):
                return False
            states = _states(conn, ids)
            asked = {"ids": [as_uuid(one.audit_id) for one in answers]}
            marked = {id_ for (id_,) in conn.execute(SQL["which_are_marked"], asked)}
            for one in answers:
                marks = [mark for mark in judge(one, states) if mark.document_id in ids]
                if marks or one.audit_id in marked:
                    _put(conn, one, marks, ids)
            conn.execute(SQL["move_answers_marked"], {"generation": generation, "seq": seq})
        return True

    # What is marked

    def marked(
        self,
        *,
        owner: str | None = None,
        document_id: str | None = None,
        version: int | None = None,
        since: datetime | None = None,
        unread: bool = False,
        after: Place | None = None,
        limit: int = 50,
    ) -> list[Place]:
        """Marked answers, newest first. `unread`: of which the owner was not told, or perhaps not of all, and which
        they can perhaps open."""
        asked_at, last = after or (_EVER, str(_LAST))
        asked: dict[str, Any] = {"owner": owner and owner.lower(), "version": version, "unread": unread}
        asked |= {"asked_at": asked_at, "audit_id": last, "limit": limit, "since": since or _FIRST}
        asked["document_id"] = None if document_id is None else as_uuid(document_id)
        if document_id is not None and asked["document_id"] is None:
            return []
        with transaction(self._pool) as conn:
            return [(at, audit_id) for at, audit_id in conn.execute(SQL["marked_answers"], asked)]

    def marks(self, audit_ids: Iterable[str]) -> dict[str, list[Mark]]:
        """By the id of the answer."""
        ids = [id_ for id_ in map(as_uuid, audit_ids) if id_ is not None]
        found: defaultdict[str, list[Mark]] = defaultdict(list)
        if ids:
            with transaction(self._pool) as conn:
                for row in conn.execute(SQL["marks_of_answers"], {"ids": ids}):
                    id_, document_id, version, reason, *rest, again = row
                    told: list[Any] = [id_, document_id, version, Change(reason), *rest, again or ""]
                    found[id_].append(Mark(*told))
        return dict(found)

    def versions(
        self, ids: Collection[str], principal: Principal | None
    ) -> dict[str, dict[int, tuple[datetime, date]]]:
        """Of these documents, those that the principal (None: the operator) may read, as in `State`."""
        found: defaultdict[str, dict[int, tuple[datetime, date]]] = defaultdict(dict)
        with self._reading(principal) as conn:
            rows = conn.execute(SQL["versions_to_compare"], {"ids": [as_uuid(id_) for id_ in ids]})
            for id_, version, created_at, effective in rows:
                found[id_][version] = created_at, effective
        return dict(found)

    def words(self, document_id: str, version: int, principal: Principal | None) -> str:
        """The canonical text; "" where there is none that the principal may read."""
        with self._reading(principal) as conn:
            asked = {"id": as_uuid(document_id), "version": version}
            row = conn.execute(SQL["words_to_compare"], asked).fetchone()
        return "" if row is None else str(row[0])

    def see(self, marks: Sequence[tuple[Mark, int | None]], by: str, *, own: bool = True) -> None:
        """`by` was told: of a superseded version, that this one holds now. Who is not their owner (`own`) has it in the
        trail alone."""
        with changing(self._pool, self._trail) as change:
            for mark, seen in marks:
                row: dict[str, Any] = {"audit_id": as_uuid(mark.audit_id), "document_id": as_uuid(mark.document_id)}
                row |= {"version": mark.version, "reason": mark.change.value, "seen": seen}
                if own:
                    change.conn.execute(SQL["see_mark"], row)
                place: dict[str, object] = {"document_id": mark.document_id, "version": mark.version}
                place |= {} if seen is None else {"superseded_by": seen}
                change.record(SEEN, by, audit_id=mark.audit_id, why=mark.change.value, **place)

    def asked_again(self, audit_id: str, again: str, by: str = OPERATOR.name) -> None:
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["mark_asked_again"], {"audit_id": as_uuid(audit_id), "again": as_uuid(again)})
            change.record("ask_again", by, audit_id=again, asked_again=audit_id)

    # What is wrong

    def wrong(self, ids: Collection[str] | None = None) -> tuple[WrongVersion, ...]:
        wanted = None if ids is None else [as_uuid(id_) for id_ in ids]
        with transaction(self._pool) as conn:
            return tuple(WrongVersion(*row) for row in conn.execute(SQL["wrong_versions"], {"ids": wanted}))

    def find_wrong(self, document_id: str, version: int, reason: str, by: str = OPERATOR.name) -> bool:
        """`version` 0: all of them. False where there is none."""
        row = {"id": as_uuid(document_id), "version": version, "reason": reason}
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["lock_generation"])
            if change.conn.execute(SQL["is_version"], row).fetchone() is None:
                return False
            change.conn.execute(SQL["put_wrong_version"], row)
            place: dict[str, object] = {"document_id": document_id, "version": version}
            change.record("mark_wrong", by, **place, reason=reason)
        return True

    def not_wrong(self, document_id: str, version: int, by: str = OPERATOR.name) -> bool:
        """False where it is not marked so."""
        with changing(self._pool, self._trail) as change:
            row = {"id": as_uuid(document_id), "version": version}
            if not change.conn.execute(SQL["drop_wrong_version"], row).rowcount:
                return False
            change.record("unmark_wrong", by, document_id=document_id, version=version)
        return True

    def _reading(self, principal: Principal | None) -> AbstractContextManager[Connection]:
        return transaction(self._pool) if principal is None else reading_as(self._pool, principal)


def _states(conn: Connection, ids: Collection[str]) -> dict[str, State]:
    asked = {"ids": [as_uuid(id_) for id_ in ids]}
    found = {id_: State() for id_ in ids}
    for id_, version, created_at, effective, deleted_at in conn.execute(SQL["states_of_versions"], asked):
        found[id_].versions[version] = created_at, effective
        found[id_].deleted_at = deleted_at
    for id_, at, erased in conn.execute(SQL["ends_of_documents"], asked).fetchall():
        if id_ in found and erased:
            found[id_].erased_at = at
        elif id_ in found:
            found[id_].deleted_at = at
    for id_, version, at, _ in conn.execute(SQL["wrong_versions"], asked).fetchall():
        found[id_].wrong[version] = at
    return found


def _put(conn: Connection, answer: Rested, marks: Sequence[Mark], ids: Collection[str]) -> None:
    kept = [f"{mark.document_id} {mark.version} {mark.change.value}" for mark in marks]
    about: dict[str, Any] = {"audit_id": as_uuid(answer.audit_id)}
    touched = [as_uuid(id_) for id_ in {id_ for id_, _ in answer.places} & set(ids)]
    conn.execute(SQL["drop_answer_marks"], about | {"ids": touched, "kept": kept})
    rows = [
        about | {"document_id": as_uuid(mark.document_id), "version": mark.version, "reason": mark.change.value,
                 "owner": mark.owner, "asked_at": mark.asked_at, "as_of": mark.as_of, "at": mark.at, "by": mark.by}
        for mark in marks
    ]  # fmt: skip
    if rows:
        with conn.cursor() as cursor:
            cursor.executemany(SQL["put_answer_mark"], rows)
