"""What became of answers while a candidate was tried beside the current release, without a word of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid

Arm = Literal["current", "candidate", "shadow"]


@dataclass(frozen=True, slots=True)
class Observation:
    """Of one answer. `trial`: number of the event that began it. `release`: by which it was answered, "" for none.
    `person`: a pseudonym, 32 hex digits. `status`: answered, partial, abstained or error, then with its `code`,
    "left" where the asker did not wait for the end. `shipped`, `withheld`: sentences. `alone`: the current release
    answered what the candidate could not. `audit_id`: of the answer; of a shadow that of the current release's.
    `overlap`: share of the documents that either has cited which both have (0..1); with `same_status` of a shadow
    only."""

    trial: int
    release: str
    arm: Arm
    person: str
    status: str
    code: str = ""
    shipped: int = 0
    withheld: int = 0
    first_seconds: float | None = None
    seconds: float = 0.0
    tokens: int = 0
    alone: bool = False
    audit_id: str | None = None
    overlap: float | None = None
    same_status: bool | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer as far as it is weighed."""

    status: str
    shipped: int
    withheld: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ArmCounts:
    """Of one arm of a trial: answers, the people who asked for them, and means and medians over answers. `wrong`:
    answers of which somebody has said so. `left`: by the asker before the end. `overlap`, `same_status`: of a
    shadow."""

    arm: str
    answers: int
    people: int
    answered: int
    partial: int
    abstained: int
    errors: int
    left: int
    alone: int
    shipped: int
    withheld: int
    first_seconds: float | None
    seconds: float | None
    slow_seconds: float | None
    tokens: int
    wrong: int
    overlap: float | None
    same_status: float | None
    since: datetime
    until: datetime


class PostgresObservations:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def add(self, seen: Observation) -> None:
        with transaction(self._pool) as conn:
            conn.execute(SQL["add_observation"], asdict(seen) | {"audit_id": seen.audit_id and as_uuid(seen.audit_id)})

    def newest(self, trial: int) -> int:
        """Number of its last observation; 0 without one."""
        with transaction(self._pool) as conn:
            ((number,),) = conn.execute(SQL["newest_observation"], {"trial": trial}).fetchall()
        return int(number)

    def first(self, trial: int, each: int) -> Sequence[tuple[str, bool, Outcome]]:
        """Person, whether the candidate's, and outcome of the first answers of each person, in the order of time."""
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["first_observations"], {"trial": trial, "each": each}).fetchall()
        return [(person, arm == "candidate", Outcome(*rest)) for person, arm, *rest in rows]

    def first_pairs(self, trial: int, each: int) -> Sequence[tuple[str, Outcome, Outcome]]:
        """Person, and the outcomes of shadow and current release, of the first questions of each person that both have
        answered, in the order of time."""
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["first_pairs"], {"trial": trial, "each": each}).fetchall()
        return [(row[0], Outcome(*row[1:5]), Outcome(*row[5:9])) for row in rows]

    def counts(self, trial: int) -> Mapping[str, ArmCounts]:
        """By arm."""
        with transaction(self._pool) as conn:
            found = [ArmCounts(*row) for row in conn.execute(SQL["count_observations"], {"trial": trial})]
        return {one.arm: one for one in found}
