"""Runs of the evaluation, their cases and figures: what the next run goes on from, and what releases are weighed by."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from infra.postgres.errors import EvaluationMissing, EvaluationRuns
from infra.postgres.pool import Connection, Pool, connection, transaction
from infra.postgres.sql import SQL

RESUME_HOURS = 12


@dataclass(frozen=True, slots=True)
class Dataset:
    """A version of a set of cases, by the sha256 (hex) of what it asks and expects."""

    sha256: str
    name: str
    cases: int


@dataclass(frozen=True, slots=True)
class AskedSet:
    """A version of a set of cases, when it was first and last asked (None: by no run that is kept), and by how many
    nights."""

    sha256: str
    name: str
    cases: int
    added_at: datetime
    asked_at: datetime | None
    nights: int


@dataclass(frozen=True, slots=True)
class NewRun:
    """What decides the results. A run goes on only where both digests (sha256, hex) are the same."""

    what: str
    commit: str
    config_sha256: str
    data_sha256: str
    setup: Mapping[str, Any]
    plan: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EvalRun:
    """`ended_at`: None while it runs and after a kill. `cases`: how many have a result, errors among them."""

    id: str
    what: str
    started_at: datetime
    ended_at: datetime | None
    status: str
    commit: str
    config_sha256: str
    data_sha256: str
    setup: Mapping[str, Any]
    plan: Mapping[str, Any]
    cases: int
    right: int
    errors: int


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One asked case. `dataset`: the digest of its version. `store`: "own" or "sample", in whose trail `audit_id` is.
    `outcome`: right, wrong, or error, with its `code`; `status`: of the answer. Durations are in seconds. `version`:
    digest of the case alone; `evidence`: that of its gold's documents as the asker read them; "" where not known."""

    suite: str
    case_id: str
    dataset: str
    store: str
    outcome: str
    status: str
    code: str
    first_seconds: float | None
    seconds: float
    audit_id: str | None
    snapshot: str
    slices: Mapping[str, str]
    version: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class MetricValue:
    """Of one case, or with `case_id` "" of the suite: then a mean over `n` with its 95 % interval. `nans`: for how many
    more the metric gave no number, though it has something to say of them."""

    suite: str
    case_id: str
    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 1
    nans: int = 0


class PostgresEvaluations:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Until the end of the block no other process evaluates. Raises `EvaluationRuns`."""
        with connection(self._pool) as conn:
            if not conn.execute(SQL["try_evaluating"]).fetchall()[0][0]:
                raise EvaluationRuns("Another evaluation is running on this database. Wait for its end.")
            try:
                yield
            finally:
                conn.execute(SQL["end_evaluating"])

    def begin(self, run: NewRun, datasets: Sequence[Dataset], *, anew: bool = False) -> tuple[str, bool]:
        """The run's id, and whether it goes on: one of the last `RESUME_HOURS` that was killed or stopped under the
        same digests, and by the same release, does, unless `anew`. Others by that release that did not end are
        abandoned from then on, and so is what is older."""
        digests = {"config_sha256": run.config_sha256, "data_sha256": run.data_sha256}
        with transaction(self._pool) as conn:
            for one in datasets:
                conn.execute(SQL["add_eval_dataset"], asdict(one))
            release = str(run.plan.get("release") or "")
            row = {"what": run.what, **digests, "anew": anew, "hours": RESUME_HOURS, "release": release}
            conn.execute(SQL["abandon_eval_runs"], row)
            found = conn.execute(SQL["resume_eval_run"], {"what": run.what, "release": release}).fetchone()
            if found is not None:
                return str(found[0]), True
            made = uuid.uuid4()
            told = {"id": made, "what": run.what, "commit": run.commit, **digests}
            conn.execute(SQL["add_eval_run"], told | {"setup": Jsonb(dict(run.setup)), "plan": Jsonb(dict(run.plan))})
            return str(made), False

    def add(self, run_id: str, result: CaseResult, metrics: Sequence[MetricValue]) -> None:
        """A case and its metrics, at once or not at all; takes the place of an earlier result of the case."""
        with transaction(self._pool) as conn:
            row = asdict(result) | {"run_id": run_id, "slices": Jsonb(dict(result.slices))}
            conn.execute(SQL["put_eval_case"], row)
            _put(conn, run_id, metrics)

    def end(self, run_id: str, status: str, metrics: Sequence[MetricValue]) -> None:
        with transaction(self._pool) as conn:
            _put(conn, run_id, metrics)
            conn.execute(SQL["end_eval_run"], {"id": run_id, "status": status})

    def runs(self, limit: int = 20) -> list[EvalRun]:
        """Newest first."""
        return self._listed("", limit)

    def find(self, prefix: str) -> EvalRun:
        """By the first characters of its id; "": the newest. Raises `EvaluationMissing`."""
        found = self._listed(prefix.lower(), 2)
        if not found and not prefix:
            raise EvaluationMissing("There is no night yet: `footnote eval nightly` asks the first.")
        if not found or (prefix and len(found) > 1):
            several = "Several runs begin" if found else "No run begins"
            raise EvaluationMissing(f"{several} with {prefix!r}: `footnote eval runs` lists them.")
        return found[0]

    def before(self, run: EvalRun) -> str | None:
        """The id of the last run before it that was finished, by what was in use; without any, by a release that was
        tried."""
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["eval_run_before"], {"what": run.what, "id": run.id}).fetchone()
        return None if row is None else str(row[0])

    def datasets(self) -> list[AskedSet]:
        """By name, newest version first."""
        with transaction(self._pool) as conn:
            return [AskedSet(*row) for row in conn.execute(SQL["list_eval_datasets"])]

    def cases(self, run_id: str) -> list[CaseResult]:
        with transaction(self._pool) as conn:
            return [CaseResult(*row) for row in conn.execute(SQL["eval_cases"], {"id": run_id})]

    def metrics(self, run_id: str) -> list[MetricValue]:
        with transaction(self._pool) as conn:
            return [MetricValue(*row) for row in conn.execute(SQL["eval_metrics"], {"id": run_id})]

    def _listed(self, prefix: str, limit: int) -> list[EvalRun]:
        with transaction(self._pool) as conn:
            return [EvalRun(*row) for row in conn.execute(SQL["list_eval_runs"], {"prefix": prefix, "limit": limit})]


def _put(conn: Connection, run_id: str, metrics: Sequence[MetricValue]) -> None:
    for one in metrics:
        conn.execute(SQL["put_eval_metric"], asdict(one) | {"run_id": run_id})
