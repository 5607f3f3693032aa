"""Cells of reviews as work: a row is its own task, leased to whoever has begun it.

Whoever is killed loses the lease when it runs out, and another begins the cell anew: only the latest attempt can end
it, so that whatever dies, no cell is lost, and each ends with one answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from infra.postgres.pool import Pool, transaction
from infra.postgres.review_rows import CellState, Owned, Taken
from infra.postgres.reviews import ask_again
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid

LEASE_S = 30.0


class PostgresReviewQueue:
    def __init__(self, pool: Pool, lease_s: float = LEASE_S) -> None:
        self._pool = pool
        self.lease_s = lease_s

    def take(self, review_id: str | None = None) -> Taken | None:
        """Begins the next cell, of this review or of any: whose owner was served longest ago. None where none waits."""
        with transaction(self._pool) as conn:
            found = conn.execute(SQL["review_to_serve"], {"id": as_uuid(review_id) if review_id else None}).fetchone()
            if found is None:
                return None
            place = {"id": found[0]}
            tokens, key_id, questions, as_of, strict, event = conn.execute(SQL["serve_review"], place).fetchall()[0]
            row = conn.execute(SQL["begin_review_cell"], place | {"lease": self.lease_s, "event": event}).fetchone()
        if row is None:
            return None
        number, question, document_id, attempt, tries, lost = row
        owned = Owned(frozenset(tokens), key_id)
        asked = questions[question - 1]
        return Taken(str(found[0]), number, question, document_id, asked, as_of, owned, attempt, tries, lost, strict)

    def keep(self, taken: Taken) -> bool:
        """Renews the lease; False where it is lost, or the cell is gone."""
        with transaction(self._pool) as conn:
            return conn.execute(SQL["keep_review_cell"], _place(taken) | {"lease": self.lease_s}).rowcount == 1

    def end(
        self,
        taken: Taken,
        state: CellState,
        *,
        code: str = "",
        audit_id: str = "",
        version: int | None = None,
        rests_on: Iterable[int] | None = None,
    ) -> bool:
        """What became of it; False if another has begun it since, or it is gone. `rests_on`: the versions of its
        document that the answer quotes or names."""
        row: dict[str, Any] = {"state": state, "code": code, "audit_id": as_uuid(audit_id), "version": version}
        row["rests_on"] = None if rests_on is None else sorted(rests_on)
        return self._settle(SQL["end_review_cell"], taken, row, ended=True)

    def hand_back(self, taken: Taken, *, wait_s: float = 0.0, untried: bool = False) -> bool:
        """It was not done and waits for its next turn; nothing of its review is begun for so long. `untried`: it does
        not count as a try."""
        if wait_s > 0:
            with transaction(self._pool) as conn:
                conn.execute(SQL["postpone_review"], {"id": as_uuid(taken.review_id), "seconds": wait_s})
        return self._settle(SQL["hand_back_review_cell"], taken, {"untried": untried})

    def _settle(self, statement: bytes, taken: Taken, row: Mapping[str, Any], *, ended: bool = False) -> bool:
        """`ended`: its document may have got another version meanwhile, so a live review is looked at once more."""
        with transaction(self._pool) as conn:
            asked = {"id": as_uuid(taken.review_id), "ended": ended}
            found = conn.execute(SQL["review_changed"], asked).fetchone()
            if found is None:
                return False
            return conn.execute(statement, _place(taken) | dict(row) | {"event": found[0]}).rowcount == 1

    def open_cells(self, review_id: str) -> int:
        """That wait or are under way; none of a review that was cancelled."""
        with transaction(self._pool) as conn:
            ((count,),) = conn.execute(SQL["open_cells_of_review"], {"id": as_uuid(review_id)}).fetchall()
        return int(count)

    def key_stands(self, key_id: str) -> bool:
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["key_stands"], {"id": key_id}).fetchone()
        return row is not None and bool(row[0])

    # Reviews that are kept up to date

    def to_check(self, generation: int) -> list[tuple[str, Owned, date | None]]:
        """Live reviews that were last looked at before this generation of the catalog: id, rights and day."""
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["reviews_to_check"], {"generation": generation}).fetchall()
        return [(id_, Owned(frozenset(tokens), key_id), as_of) for id_, tokens, key_id, as_of in rows]

    def checked(self, review_id: str, generation: int, versions: Mapping[int, int]) -> int:
        """Cells that were asked of other versions than these, by the documents' numbers, wait again; how many."""
        place = {"id": as_uuid(review_id)}
        with transaction(self._pool) as conn:
            found = conn.execute(SQL["lock_review"], place).fetchone()
            if found is None:
                return 0
            count = ask_again(conn, review_id, found[0] + 1, versions)
            conn.execute(SQL["review_checked"], place | {"generation": generation, "changed": int(count > 0)})
        return count


def _place(taken: Taken) -> dict[str, Any]:
    return {
        "id": as_uuid(taken.review_id),
        "number": taken.number,
        "question": taken.question,
        "attempt": taken.attempt,
    }
