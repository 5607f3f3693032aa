"""Whoever works on a review may be killed at any moment: no cell is lost, and each ends with one answer."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

from generation.errors import GeneratorUnavailable
from generation.types import Answer
from infra.postgres.pool import Pool, connection
from infra.postgres.review_queue import PostgresReviewQueue
from infra.postgres.review_rows import CellState, NewReview
from infra.postgres.reviews import PostgresReviews
from retrieval.types import Principal
from tests.integration.reviewing import LENA, Table, begun, stored, work

ROOT = Path(__file__).parents[2]
WORK = """
    import asyncio, sys
    from infra.postgres.pool import open_pool
    from tests.integration.reviewing import work
    with open_pool(sys.argv[1]) as pool:
        asyncio.run(work(pool, lease_s=2.0, pause_s=0.2).finish(sys.argv[2]))
"""


def test_killed_over_and_over_it_ends_whole(fresh_database: Pool) -> None:
    review_id = begun(fresh_database, documents=6, questions=5)
    queue, killed = PostgresReviewQueue(fresh_database), 0
    command = [sys.executable, "-c", dedent(WORK), fresh_database.conninfo, review_id]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    working = [subprocess.Popen(command, env=environment) for _ in range(2)]
    until = time.monotonic() + 200
    try:
        while left := queue.open_cells(review_id):
            assert time.monotonic() < until, left
            if killed < 3 and left <= 24 - 8 * killed:
                working[0].kill()
                working = [working[1], subprocess.Popen(command, env=environment)]
                killed += 1
            time.sleep(0.02)
        assert [process.wait(60) for process in working] == [0, 0]
    finally:
        for process in working:
            process.kill()
    with connection(fresh_database) as conn:
        cells = conn.execute("SELECT state, audit_id, lost FROM review_cells").fetchall()
        answers = conn.execute("SELECT count(*) FROM answered").fetchone()
    assert [state for state, _, _ in cells] == ["answered"] * 30
    assert len({audit_id for _, audit_id, _ in cells}) == 30
    assert answers is not None
    assert killed == 3
    assert 30 <= answers[0] <= 30 + 2 * killed  # what was killed between the answer and its cell is asked once more


def test_a_lost_lease_ends_nothing(fresh_database: Pool) -> None:
    review_id = begun(fresh_database, documents=1, questions=1)
    queue = PostgresReviewQueue(fresh_database, lease_s=0.5)
    first = queue.take()
    assert first is not None
    assert PostgresReviewQueue(fresh_database).take() is None
    time.sleep(0.6)
    second = PostgresReviewQueue(fresh_database).take()
    assert second is not None
    assert (second.attempt, second.lost) == (2, 1)
    assert not queue.keep(first)
    assert not queue.end(first, CellState.FAILED, code="late")
    assert not queue.hand_back(first)
    assert queue.end(second, CellState.ANSWERED, audit_id=review_id, version=1)
    (cell,) = PostgresReviews(fresh_database).cells(review_id, [1])
    assert (cell.state, cell.audit_id, cell.version) == (CellState.ANSWERED, review_id, 1)


def test_owners_take_turns(fresh_database: Pool) -> None:
    documents = stored(fresh_database, 3)
    reviews, queue = PostgresReviews(fresh_database), PostgresReviewQueue(fresh_database)
    for who, title in ((LENA, "a"), (LENA, "b"), (Principal("otto"), "c")):
        reviews.create(who, NewReview(title, ("What?",), tuple(documents), None, live=False, key_id=None))
    taken = [queue.take() for _ in range(6)]
    users = ["".join(token for token in one.owned.tokens if token.startswith("user:")) for one in taken if one]
    assert users == ["user:lena", "user:otto"] * 3


def test_what_this_machine_fails_at_is_tried_again_and_what_kills_it_is_given_up(fresh_database: Pool) -> None:
    review_id = begun(fresh_database, documents=1, questions=1)
    queue = PostgresReviewQueue(fresh_database, lease_s=0.01)
    for _ in range(6):
        assert queue.take() is not None
        time.sleep(0.05)
    asyncio.run(work(fresh_database).finish(review_id))
    (cell,) = PostgresReviews(fresh_database).cells(review_id, [1])
    assert (cell.state, cell.code, cell.audit_id) == (CellState.FAILED, "process_died", None)

    class Fails(Table):
        left = 1

        async def answer(self, *asked: Any, strict: bool) -> Answer:
            self.left -= 1
            if self.left == 0:
                raise GeneratorUnavailable("It is not there.")
            return await super().answer(*asked, strict=strict)

    assert PostgresReviews(fresh_database).resume(review_id, LENA, None, {1: 1}, ()) == 1
    asyncio.run(work(fresh_database, ask=Fails(fresh_database, 0.0)).finish(review_id))
    (cell,) = PostgresReviews(fresh_database).cells(review_id, [1])
    assert (cell.state, cell.code) == (CellState.ANSWERED, "")
