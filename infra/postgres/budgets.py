"""Budgets: how many questions a person or a group may ask in a day (UTC), and how many tokens their answers may use."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from infra.postgres.changes import Trail, changing
from infra.postgres.errors import BudgetSpent
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.sql import SQL
from ingest.types import OPERATOR

EVERYONE = "everyone"  # each person who has no budget of their own


@dataclass(frozen=True, slots=True)
class Budget:
    """What `subject` (user:NAME, group:NAME or everyone) may use in a day, and has today. None: as much as they like.
    Of everyone no use is told: it is counted for each."""

    subject: str
    questions: int | None
    tokens: int | None
    questions_used: int = 0
    tokens_used: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """One budget at one moment: its day, and the seconds until that ends. `counted`: whose use this is."""

    budget: Budget
    counted: str
    day: date
    seconds: int

    def check(self) -> None:
        """Raises `BudgetSpent`."""
        told = self.budget
        for what, most, used in (
            ("questions", told.questions, told.questions_used),
            ("tokens", told.tokens, told.tokens_used),
        ):
            if most is not None and used >= most:
                whose = "you" if self.counted.startswith("user:") else f"the {self.counted.replace(':', ' ')}"
                raise BudgetSpent(
                    f"The {most:,} {what} that {whose} may use in a day are spent. The next day begins at 00:00 UTC.",
                    self.seconds,
                )


@dataclass(frozen=True, slots=True)
class Taken:
    """A question that was counted: on which day, and for whom."""

    day: date
    counted: tuple[str, ...]


class PostgresBudgets:
    """Nothing is counted for whom there is no budget; `trail` records who has set one."""

    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._trail = trail

    def standing(self, user: str, groups: Iterable[str]) -> tuple[Standing, ...]:
        """Of the budgets that hold for this person, whose groups are given by name."""
        with transaction(self._pool) as conn:
            return _standing(conn, user, groups)

    def take(self, user: str, groups: Collection[str]) -> Taken | None:
        """Counts a question; None where there is no budget. Raises `BudgetSpent`."""
        with transaction(self._pool) as conn:
            if not _standing(conn, user, groups):
                return None
            conn.execute(SQL["lock_budgets"])  # so that two at once do not both take the last one
            found = _standing(conn, user, groups)
            for one in found:
                one.check()
            counted = tuple(one.counted for one in found)
            _use(conn, counted, found[0].day, questions=1) if found else None
        return Taken(found[0].day, counted) if found else None

    def use(self, taken: Taken, tokens: int) -> None:
        """Counts the tokens of an answer, on the day of its question."""
        with transaction(self._pool) as conn:
            _use(conn, taken.counted, taken.day, tokens=tokens)

    def give_back(self, taken: Taken) -> None:
        """The question was not begun on."""
        with transaction(self._pool) as conn:
            _use(conn, taken.counted, taken.day, questions=-1)

    def list(self) -> tuple[Budget, ...]:
        with transaction(self._pool) as conn:
            return tuple(Budget(*row) for row in conn.execute(SQL["list_budgets"]))

    def set(self, subject: str, questions: int | None, tokens: int | None) -> None:
        """From the next question on; of both None, it is without a budget."""
        row = {"subject": subject, "questions": questions, "tokens": tokens}
        with changing(self._pool, self._trail) as change:
            unlimited = questions is None and tokens is None
            change.conn.execute(SQL["drop_budget"] if unlimited else SQL["set_budget"], row)
            change.record("set_budget", OPERATOR.name, **row)

    def forget(self) -> None:
        """What was used long ago."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["forget_budget_use"])


def _standing(conn: Connection, user: str, groups: Iterable[str]) -> tuple[Standing, ...]:
    person = f"user:{user}"
    asked = {"user": person, "subjects": [person, *(f"group:{group}" for group in groups)]}
    return tuple(
        Standing(Budget(subject, *numbers), person if subject == EVERYONE else subject, day, max(1, math.ceil(left)))
        for subject, *numbers, day, left in conn.execute(SQL["budgets_of"], asked)
    )


def _use(conn: Connection, counted: Sequence[str], day: date, *, questions: int = 0, tokens: int = 0) -> None:
    rows = [{"subject": one, "day": day, "questions": questions, "tokens": tokens} for one in sorted(counted)]
    with conn.cursor() as cursor:
        cursor.executemany(SQL["use_budget"], rows)
