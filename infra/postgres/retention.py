"""For how long what is kept, by class; a legal hold beats it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from infra.postgres.changes import Trail, changing
from infra.postgres.erasure import ACTION, INDICES
from infra.postgres.errors import ErasureRefused
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from ingest.types import OPERATOR

TRAIL, KEYS, PEOPLE, OBSERVATIONS, EVALUATIONS = "trail", "keys", "people", "observations", "evaluations"
# In days; AI Act Art. 19(1), 26(6): six months at least.
SHORTEST = {TRAIL: 180, KEYS: 1, PEOPLE: 1, OBSERVATIONS: 1, EVALUATIONS: 1}
_FORGET = (SQL["forget_feedback_of_month"], SQL["forget_sign_offs_of_month"], SQL["forget_cells_of_month"])
_OF_ROWS = {
    KEYS: SQL["drop_old_keys"],
    PEOPLE: SQL["drop_removed_people"],
    OBSERVATIONS: SQL["drop_old_observations"],
    EVALUATIONS: SQL["drop_old_eval_runs"],
}


@dataclass(frozen=True, slots=True)
class Rule:
    """`days` None: kept for ever. `ran_at`: when it was last carried out."""

    class_: str
    days: int | None = None
    ran_at: datetime | None = None


class PostgresRetention:
    """Setting and carrying out are recorded."""

    def __init__(self, pool: Pool, trail: Trail) -> None:
        self._pool = pool
        self._trail = trail

    def rules(self) -> tuple[Rule, ...]:
        """One for each class."""
        with transaction(self._pool) as conn:
            found = {class_: Rule(class_, days, ran) for class_, days, ran in conn.execute(SQL["retention"])}
        return tuple(found.get(class_, Rule(class_)) for class_ in SHORTEST)

    def set(self, class_: str, days: int | None) -> None:
        """None: for ever. Raises `ErasureRefused` for less than the class has to be kept."""
        if class_ not in SHORTEST or (days is not None and days < SHORTEST[class_]):
            least = ", ".join(f"{name} {most} days" for name, most in SHORTEST.items())
            raise ErasureRefused(f"Kept at least: {least}. Other classes there are none.")
        with changing(self._pool, self._trail) as change:
            row = {"class": class_, "days": days}
            change.conn.execute(SQL["drop_retention"] if days is None else SQL["set_retention"], row)
            change.record("set_retention", OPERATOR.name, of=class_, days=days)

    def months(self, days: int) -> list[datetime]:
        """Beginnings (UTC) of the months of the trail that ended longer ago."""
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["months_of_trail"], {"days": days}).fetchall()
        return [month.replace(tzinfo=UTC) for (month,) in rows]

    def held(self) -> list[tuple[str, str]]:
        """Kind (document, person) and subject of all that holds keep."""
        with transaction(self._pool) as conn:
            return [(kind, subject) for kind, subject in conn.execute(SQL["held_subjects"])]

    def destroy(
        self,
        months: Sequence[datetime],
        held: Sequence[str],
        index: Callable[[datetime], str],
    ) -> tuple[list[str], list[datetime]]:
        """Records that the keys of these months go, and forgets what was said of their answers; gives the indices, and
        the months that stay: in which the trail has one of the `held` terms."""
        going, staying = list[datetime](), list[datetime]()
        with changing(self._pool, self._trail) as change:
            for month in months:
                asked = {"month": month, "terms": list(held)}
                ((tells,),) = change.conn.execute(SQL["month_tells_of"], asked).fetchall()
                (staying if held and tells else going).append(month)
            for month in going:
                for forget in _FORGET:
                    change.conn.execute(forget, {"month": month})
            indices = [index(month) for month in going]
            if going:
                told = [f"{month:%Y-%m}" for month in going]
                change.record(ACTION, OPERATOR.name, why=TRAIL, since=told[0], until=told[-1], **{INDICES: indices})
        return indices, staying

    def drop_rows(self, class_: str, days: int) -> int:
        with changing(self._pool, self._trail) as change:
            count = change.conn.execute(_OF_ROWS[class_], {"days": days}).rowcount
            if count:
                change.record("retention", OPERATOR.name, of=class_, count=count)
        return count

    def ran(self) -> None:
        with transaction(self._pool) as conn:
            conn.execute(SQL["retention_ran"])
