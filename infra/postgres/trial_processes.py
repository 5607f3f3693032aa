"""How the candidate of a trial does in each process that serves, as that has said last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL

State = Literal["starting", "up", "out"]


@dataclass(frozen=True, slots=True)
class TrialProcess:
    """`process`: a UUID. `out`: it cannot be used there, with the `code` of the last error, and is left out."""

    process: str
    host: str
    state: State
    code: str
    since: datetime


class PostgresTrialProcesses:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def tell(self, trial: int, process: str, host: str, state: State, code: str) -> None:
        """Former trials are forgotten by that."""
        with transaction(self._pool) as conn:
            conn.execute(SQL["forget_trial_processes"], {"trial": trial})
            told = {"trial": trial, "process": process, "host": host, "state": state, "code": code}
            conn.execute(SQL["tell_trial_process"], told)

    def heard(self, trial: int, seconds: float) -> Sequence[TrialProcess]:
        """Those that have said so within these seconds, by machine."""
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["trial_processes"], {"trial": trial, "seconds": seconds})
            return [TrialProcess(*row) for row in rows]
