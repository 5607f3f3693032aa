"""What the evaluation found, as it is looked at: pages of runs and cases, and the figures of several runs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from infra.postgres.decisions import EvalDecision
from infra.postgres.evaluations import CaseResult, EvalRun, MetricValue
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL


@dataclass(frozen=True, slots=True)
class Numbered:
    """A run, and its place in the order in which runs began."""

    number: int
    run: EvalRun


class PostgresEvaluated:
    """Ids are UUIDs."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def page(self, before: int | None, limit: int) -> list[Numbered]:
        """Newest first, of those that began before that number."""
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["page_eval_runs"], {"before": before, "limit": limit})
            return [Numbered(number, EvalRun(*row)) for number, *row in rows]

    def run(self, run_id: str) -> Numbered | None:
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["eval_run"], {"id": run_id}).fetchone()
        return None if row is None else Numbered(row[0], EvalRun(*row[1:]))

    def decisions(self, before: int | None, limit: int, run_id: str | None = None) -> list[tuple[int, EvalDecision]]:
        """Newest first, each with its number, of those that were made before that one; of a run: on either side."""
        asked = {"before": before, "limit": limit, "run": run_id}
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["page_eval_decisions"], asked)
            return [(number, EvalDecision(*row)) for number, *row in rows]

    def figures(self, run_ids: Sequence[str]) -> dict[str, list[MetricValue]]:
        """Those of the suites of each run."""
        found: dict[str, list[MetricValue]] = {run_id: [] for run_id in run_ids}
        with transaction(self._pool) as conn:
            for run_id, *row in conn.execute(SQL["eval_figures"], {"ids": list(run_ids)}):
                found[run_id].append(MetricValue(*row))
        return found

    def cases(
        self, run_id: str, *, suite: str = "", outcome: str = "", after: tuple[str, str] = ("", ""), limit: int
    ) -> list[CaseResult]:
        """By suite and id, behind the place `after`; "": of all suites, with any outcome."""
        asked = {"id": run_id, "suite": suite, "outcome": outcome, "limit": limit}
        place = {"after_suite": after[0], "after_case": after[1]}
        with transaction(self._pool) as conn:
            return [CaseResult(*row) for row in conn.execute(SQL["page_eval_cases"], asked | place)]

    def case(self, run_id: str, suite: str, case_id: str) -> tuple[CaseResult, list[MetricValue]] | None:
        """With its metrics."""
        asked = {"id": run_id, "suite": suite, "case_id": case_id}
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["eval_case"], asked).fetchone()
            if row is None:
                return None
            metrics = [MetricValue(*metric) for metric in conn.execute(SQL["eval_case_metrics"], asked)]
        return CaseResult(*row), metrics
