"""Two runs of the evaluation weighed against each other, as it was decided."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from infra.postgres.errors import EvaluationMissing
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL


@dataclass(frozen=True, slots=True)
class EvalDecision:
    """`outcome`: ship, block or undecided. `results`: how the runs were paired, and the figures of each gate of
    `gates`. The runs may be gone."""

    id: str
    new_run: str
    old_run: str
    at: datetime
    outcome: str
    results: Mapping[str, Any]
    gates: Sequence[Mapping[str, Any]]


class PostgresDecisions:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def keep(
        self,
        new_run: str,
        old_run: str,
        outcome: str,
        results: Mapping[str, Any],
        gates: Sequence[Mapping[str, Any]],
    ) -> EvalDecision:
        """JSON knows no NaN: a figure that is none is None."""
        made = str(uuid.uuid4())
        row = {"id": made, "new_run": new_run, "old_run": old_run, "outcome": outcome,
               "results": Jsonb(dict(results)), "gates": Jsonb(list(gates))}  # fmt: skip
        with transaction(self._pool) as conn:
            ((at,),) = conn.execute(SQL["add_eval_decision"], row).fetchall()
        return EvalDecision(made, new_run, old_run, at, outcome, results, gates)

    def listed(self, limit: int = 20) -> list[EvalDecision]:
        """Newest first."""
        return self._some("", limit)

    def find(self, prefix: str) -> EvalDecision:
        """By the first characters of its id; "": the newest. Raises `EvaluationMissing`."""
        found = self._some(prefix.lower(), 2)
        if not found and not prefix:
            raise EvaluationMissing("Nothing was weighed yet: `footnote eval weigh NEW OLD` does.")
        if not found or (prefix and len(found) > 1):
            several = "Several decisions begin" if found else "No decision begins"
            raise EvaluationMissing(f"{several} with {prefix!r}: `footnote eval decisions` lists them.")
        return found[0]

    def _some(self, prefix: str, limit: int) -> list[EvalDecision]:
        asked = {"prefix": prefix, "limit": limit}
        with transaction(self._pool) as conn:
            return [EvalDecision(*row) for row in conn.execute(SQL["list_eval_decisions"], asked)]
