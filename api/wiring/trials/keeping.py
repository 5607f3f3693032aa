"""Observations of a trial, put into the database by a thread of their own: no answer waits for that or fails by it."""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass

from api.wiring.observing import Telemetry
from api.wiring.trials.course import LEFT, Course, overlap
from api.wiring.trials.running import SHADOW, Running
from generation.types import Answer
from infra.postgres.observations import Arm, Observation, PostgresObservations
from infra.vault import refs
from infra.vault.keys import Keys
from ingest.errors import FootnoteError

log = logging.getLogger("footnote")

_MOST = 1000  # that wait to be written
_STOP_S = 5.0
_FORESEEN = (FootnoteError, OSError)


@dataclass(frozen=True, slots=True)
class _Seen:
    running: Running
    arm: Arm
    user: str
    course: Course
    alone: bool
    beside: Answer | None  # of a shadow: what the current release has answered


class Keeping:
    """Under a pseudonym that is made with the keys of the trail, when it is written."""

    def __init__(self, observations: PostgresObservations, keys: Keys, telemetry: Telemetry) -> None:
        self._observations, self._keys, self._telemetry = observations, keys, telemetry
        self._waiting: queue.Queue[_Seen | None] = queue.Queue(_MOST)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._told = ""

    def seen(
        self,
        running: Running,
        arm: Arm,
        user: str,
        course: Course,
        *,
        alone: bool = False,
        beside: Answer | None = None,
    ) -> None:
        """Returns at once; one too many is left out."""
        self._telemetry.metrics.arms.labels(arm, LEFT if course.left else course.status).inc()
        try:
            self._waiting.put_nowait(_Seen(running, arm, user, course, alone, beside))
        except queue.Full:
            log.warning("An observation of a trial was left out: too many wait to be written.")
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="footnote-observations", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Returns once what waits is written, or could not be."""
        self._waiting.join()

    def stop(self) -> None:
        """Writes what waits, but does not wait long for it."""
        with self._starting:
            if self._thread is not None:
                self._waiting.put(None)
                self._thread.join(_STOP_S)

    def _run(self) -> None:
        while (seen := self._waiting.get()) is not None:
            try:
                self._observations.add(self._observation(seen))
                self._told = ""
            except _FORESEEN as error:
                if str(error) != self._told:
                    log.warning("Observations of a trial are not kept: %s", error)
                self._told = str(error)
            except Exception:
                log.exception("An observation of a trial was not kept.")  # and the next one is tried all the same
            finally:
                self._waiting.task_done()

    def _observation(self, seen: _Seen) -> Observation:
        course, answer, beside = seen.course, seen.course.answer, seen.beside
        return Observation(
            trial=seen.running.trial.number,
            release=seen.running.current if seen.arm == "current" else seen.running.name,
            arm=seen.arm,
            person=refs.observed(self._keys, seen.user),
            status=course.status,
            code=course.code,
            shipped=len(answer.sentences) if answer else 0,
            withheld=answer.withheld if answer else 0,
            first_seconds=course.first_seconds,
            seconds=course.seconds,
            tokens=answer.usage.prompt_tokens + answer.usage.completion_tokens if answer else 0,
            alone=seen.alone,
            audit_id=(beside or answer).audit_id if beside or answer else None,  # type: ignore[union-attr]
            overlap=overlap(answer, beside) if answer and beside else None,
            same_status=course.status == str(beside.status) if seen.arm == SHADOW and beside else None,
        )
