"""The trail verified beside the service, for who asks over HTTP: one at a time, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from infra.postgres.chain import AuditReport
from infra.witness.witnesses import WitnessReport
from ingest.errors import FootnoteError

log = logging.getLogger("footnote")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Verification:
    """The last one that this process has begun. `done` of `total` records are read; `report` and `witnesses` once it
    has ended; `error`: why it could not be done. `first_at`, `last_at`: when the first and the last of the records were
    written that are as they were, None where there is none."""

    begun_at: datetime
    ended_at: datetime | None = None
    done: int = 0
    total: int = 0
    report: AuditReport | None = None
    witnesses: tuple[WitnessReport, ...] = ()
    error: str = ""
    first_at: datetime | None = None
    last_at: datetime | None = None


class TrailChecking:
    """`verify` reads the whole trail, telling how far it is, and `witnesses` compares it with theirs. `times`: when the
    records at some places were written."""

    def __init__(
        self,
        verify: Callable[[Progress], AuditReport],
        witnesses: Callable[[], Sequence[WitnessReport]],
        times: Callable[[Sequence[int]], Mapping[int, datetime]],
    ) -> None:
        self._verify, self._witnesses, self._times = verify, witnesses, times
        self._turn = threading.Lock()
        self._now: Verification | None = None

    def state(self) -> Verification | None:
        """None where none was begun since the service has started."""
        return self._now

    def begin(self) -> Verification:
        """Begins to verify, unless it is being done; returns how that stands."""
        with self._turn:
            if self._now is None or self._now.ended_at is not None:
                self._now = Verification(datetime.now(UTC))
                threading.Thread(target=self._run, name="verifying", daemon=True).start()
            return self._now

    def _run(self) -> None:
        try:
            report = self._verify(self._count)
            last = report.rows if report.first_bad_seq is None else report.first_bad_seq - 1
            times = self._times([1, last])
            told = {"report": report, "witnesses": tuple(self._witnesses())}
            self._tell(**told, first_at=times.get(1) if last else None, last_at=times.get(last))
        except (FootnoteError, OSError) as error:
            log.warning("The audit trail could not be verified: %s", error)
            self._tell(error=str(error) or type(error).__name__)

    def _count(self, done: int, total: int) -> None:
        with self._turn:
            if self._now is not None:
                self._now = replace(self._now, done=done, total=total)

    def _tell(self, **told: Any) -> None:
        with self._turn:
            if self._now is not None:
                self._now = replace(self._now, ended_at=datetime.now(UTC), **told)
