"""Sign-offs: what people say of answers that they have looked at. Of the answers nothing is kept here."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from generation.people import SignOff, SignVerdict
from infra.postgres.changes import Change, Trail, changing, unless_erased
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid


class PostgresSignOffs:
    """Each change is one transaction with its record in the trail."""

    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._trail = trail

    def put(
        self, audit_id: str, sentence: int | None, by: str, verdict: SignVerdict, words: str, still: Callable[[], bool]
    ) -> SignOff | None:
        """In the place of what the same person said of it before. `by`: `user:NAME`. `still`: whether the answer is
        there; None where it is not. Raises `AuditUnavailable`."""
        words = words.replace("\0", "")  # which PostgreSQL does not store
        row: dict[str, Any] = {"id": uuid.uuid4(), **_place(audit_id, sentence, by)}

        def put(change: Change) -> SignOff:
            found = change.conn.execute(SQL["sign_off"], row | {"verdict": verdict.value, "words": words}).fetchall()
            *columns, id_ = found[0]
            told: dict[str, object] = {"audit_id": audit_id, "sentence": sentence, "verdict": verdict.value}
            change.record("sign_off", by, sign_off=id_, **told, words=words)
            return _sign_off(columns)

        return unless_erased(self._pool, self._trail, still, put)

    def of(self, audit_ids: Collection[str]) -> list[SignOff]:
        """Of these answers, oldest first."""
        wanted = [id_ for one in audit_ids if (id_ := as_uuid(one)) is not None]
        with transaction(self._pool) as conn:
            return [_sign_off(row) for row in conn.execute(SQL["sign_offs_of"], {"ids": wanted})]

    def withdraw(self, audit_id: str, sentence: int | None, by: str) -> bool:
        """The trail keeps what was said, and that it was withdrawn; False where there was none."""
        with changing(self._pool, self._trail) as change:
            gone = change.conn.execute(SQL["withdraw_sign_off"], _place(audit_id, sentence, by)).rowcount
            if gone:
                change.record("withdraw_sign_off", by, audit_id=audit_id, sentence=sentence)
        return bool(gone)

    def drop_months(self, months: Sequence[datetime]) -> None:
        """What was said in these months (UTC), of which the trail tells nothing any more."""
        if months:
            with transaction(self._pool) as conn:
                told = [month.replace(tzinfo=None) for month in months]
                conn.execute(SQL["drop_sign_offs_of_months"], {"months": told})


def _place(audit_id: str, sentence: int | None, by: str) -> dict[str, Any]:
    return {"audit_id": as_uuid(audit_id), "sentence": sentence, "by": by.lower()}


def _sign_off(row: Sequence[Any]) -> SignOff:
    audit_id, sentence, by, at, verdict, words = row
    return SignOff(audit_id, sentence, by, at, SignVerdict(verdict), words)
