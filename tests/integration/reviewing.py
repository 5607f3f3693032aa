"""Reviews over a database alone: documents without words, and answers that are rows of a table."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from api.wiring.reviewing import ReviewWork, Rights
from generation.people import KeptAnswer
from generation.types import Answer, ModelCard, Status
from infra.postgres.pool import Pool, transaction
from infra.postgres.review_queue import PostgresReviewQueue
from infra.postgres.review_rows import NewReview
from infra.postgres.reviews import PostgresReviews
from infra.postgres.writing import bump, put_label
from retrieval.types import Filter, Principal

LENA = Principal("lena", frozenset({"legal"}))
_CARD = ModelCard("none", "", "", "", "", "", "")


def stored(pool: Pool, count: int) -> list[str]:
    """Ids of new documents that lena may read."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    with transaction(pool) as conn:
        label, generation = put_label(conn, frozenset({"group:legal", "user:otto"})), bump(conn)
        for id_ in ids:
            conn.execute(
                "INSERT INTO documents (id, source, label_id, current_version, generation) VALUES (%s, %s, %s, 1, %s)",
                (id_, f"files/{id_}", label, generation),
            )
        for id_ in ids:
            conn.execute(
                "INSERT INTO versions (document_id, version, content_sha256, media_type, bytes, title, text, layout, "
                "label_id, effective, reading) VALUES (%s, 1, '', 'text/plain', 1, 'T', 'x', '{}', %s, %s, 'r')",
                (id_, label, date.min),
            )
    return ids


def begun(pool: Pool, documents: int, questions: int) -> str:
    """A review of lena's."""
    ids = stored(pool, documents)
    with transaction(pool) as conn:
        conn.execute("CREATE TABLE answered (id uuid, question text)")
    asked = tuple(f"What is {number}?" for number in range(questions))
    return PostgresReviews(pool).create(LENA, NewReview("Rents", asked, tuple(ids), None, live=False, key_id=None))


class Table:
    """Answers, each a row."""

    def __init__(self, pool: Pool, pause_s: float) -> None:
        self._pool, self._pause_s = pool, pause_s

    async def answer(
        self, question: str, principal: Principal, as_of: date | None, only: Filter, *, strict: bool
    ) -> Answer:
        await asyncio.sleep(self._pause_s)
        id_ = str(uuid.uuid4())
        with transaction(self._pool) as conn:
            conn.execute("INSERT INTO answered VALUES (%s, %s)", (id_, question))
        return Answer("x", Status.ANSWERED, (), (), _CARD, audit_id=id_)


class Nothing:
    """A trail without answers."""

    def find(self, audit_id: str) -> KeptAnswer | None:
        return None


def work(
    pool: Pool,
    *,
    lease_s: float = 30.0,
    pause_s: float = 0.0,
    ask: Any = None,
    key_stands: Callable[[str], bool] = bool,
) -> ReviewWork:
    queue = PostgresReviewQueue(pool, lease_s)
    rights = Rights(lambda user: None, key_stands)
    ask = ask or Table(pool, pause_s)
    return ReviewWork(PostgresReviews(pool), queue, rights, ask, lambda: 0, Nothing(), slots=2)
