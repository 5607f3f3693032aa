"""Feedback on answers: what people say of them, and what came of it. Of the answers nothing is kept here."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from generation.people import Expected, Feedback, FeedbackKind, FeedbackState
from infra.postgres.changes import Change, Trail, changing, unless_erased
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid


class PostgresFeedback:
    """What is given, and what is said of it, is recorded."""

    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._trail = trail

    def put(
        self,
        audit_id: str,
        by: str,
        kind: FeedbackKind,
        *,
        sentence: int = 0,
        words: str = "",
        expected: Expected | None = None,
        still: Callable[[], bool] = lambda: True,
    ) -> str | None:
        """Returns its id. What the same person has said before of this answer or sentence is replaced. `by`:
        `user:NAME`. `still`: whether the answer and what is expected are there; None where they are not."""
        place = {"document_id": expected.document_id, "version": expected.version, "start": expected.start,
                 "end": expected.end} if expected else {}  # fmt: skip
        row: dict[str, Any] = {"document_id": None, "version": None, "start": None, "end": None, **place}
        row |= {"id": uuid.uuid4(), "audit_id": as_uuid(audit_id), "owner": by.lower(), "kind": kind.value}

        def put(change: Change) -> str:
            found = change.conn.execute(SQL["put_feedback"], row | {"sentence": sentence, "words": words}).fetchall()
            told: dict[str, object] = {"feedback": found[0][0], "audit_id": audit_id, "verdict": kind.value}
            change.record("feedback", by, **told, sentence=sentence, **place)
            return str(found[0][0])

        return unless_erased(self._pool, self._trail, still, put)

    def find(self, feedback_id: str) -> Feedback | None:
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["find_feedback"], {"id": as_uuid(feedback_id)}).fetchone()
        return None if row is None else _feedback(*row)

    def page(
        self,
        *,
        state: FeedbackState | None = None,
        owner: str | None = None,
        audit_id: str | None = None,
        after: int = 0,
        limit: int = 50,
    ) -> tuple[Feedback, ...]:
        """In the order in which it came. owner: `user:NAME`, in any case; None: anybody's."""
        asked: dict[str, Any] = {
            "state": state and state.value,
            "owner": owner and owner.lower(),
            "after": after,
            "limit": limit,
        }
        asked["audit_id"] = None if audit_id is None else as_uuid(audit_id)
        if audit_id is not None and asked["audit_id"] is None:
            return ()
        with transaction(self._pool) as conn:
            return tuple(_feedback(*row) for row in conn.execute(SQL["list_feedback"], asked))

    def review(self, feedback_id: str, by: str, state: FeedbackState, words: str) -> bool:
        """False where there is none. `by`: `user:NAME` or `operator`."""
        row = {"id": as_uuid(feedback_id), "state": state.value, "review": words, "by": by}
        with changing(self._pool, self._trail) as change:
            found: Sequence[Any] | None = change.conn.execute(SQL["review_feedback"], row).fetchone()
            if found is None:
                return False
            told: dict[str, object] = {"feedback": feedback_id, "audit_id": found[0], "status": state.value}
            change.record("review_feedback", by, **told)
        return True


def _feedback(
    number: int, id_: str, audit_id: str, owner: str, kind: str, sentence: int, words: str, *rest: Any
) -> Feedback:
    document_id, version, start, end, given_at, state, review, by, at = rest
    expected = Expected(document_id, version, start, end) if document_id else None
    told: list[Any] = [number, id_, audit_id, owner, FeedbackKind(kind), sentence, words, expected, given_at]
    told += [FeedbackState(state), review, by or "", at]
    return Feedback(*told)
