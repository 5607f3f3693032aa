"""What is read, searched and refused goes into the audit trail in batches: one record holds many accesses.

An access is taken before anything is shown, and durable within a second: while the oldest one that waits is
older than that, further readers wait, and are refused where the trail cannot be written. So a kill loses a second of
reads at most, and nothing is dropped in silence.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from api.wiring.background import Background, log
from generation.errors import AuditUnavailable, AuditUnsealed

EVERY_S = 0.5
WAIT_S = 1.0  # so old is the oldest access at most when another one is taken
REFUSE_S = 4.0
MOST = 20_000  # accesses, and documents shown by them, values asked for and what a search is narrowed to, that wait
_BATCH = 5_000  # of these in a record
_STRANGERS = 100  # different refusals of nobody in particular that wait; more are counted together
_AGAIN_S = 0.02

Append = Callable[[Mapping[str, Any]], str]


class AccessLog(Background):
    """Implements `api.http.recording.Accesses`. `append` makes a record durable; raises `AuditUnavailable`."""

    def __init__(self, append: Append, *, every: float = EVERY_S, most: int = MOST) -> None:
        self._append = append
        self._most = most
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._waiting: deque[tuple[float, dict[str, Any]]] = deque()
        self._strangers: dict[tuple[object, ...], dict[str, Any]] = {}
        self._weight = 0
        super().__init__(
            "footnote-accesses", self.flush, "The record of what is read could not be written", every=every
        )

    async def add(self, access: Mapping[str, Any]) -> None:
        """Takes it, now or when there is room. Raises `AuditUnavailable`: then nothing may be shown."""
        while not self._took(access):  # noqa: ASYNC110  the writer is a thread
            await asyncio.sleep(_AGAIN_S)

    def flush(self) -> None:
        """Makes everything durable that waits. Raises `AuditUnavailable`; then it waits on."""
        with self._flushing:
            while batch := self._batch():
                with suppress(AuditUnsealed):  # it is there
                    self._append({"kind": "accesses", "batch": str(uuid.uuid4()), "accesses": batch})
                self._written(batch)

    def stop(self) -> None:
        """Ends, with everything written that waits."""
        super().stop()
        try:
            self.flush()
        except AuditUnavailable as error:
            log.error("%d accesses are lost: %s", len(self._waiting), error)

    def _took(self, access: Mapping[str, Any]) -> bool:
        with self._lock:
            age = time.monotonic() - self._waiting[0][0] if self._waiting else 0.0
            if age > REFUSE_S:
                raise AuditUnavailable("What is read cannot be recorded now, so nothing is shown. Try again soon.")
            if age > WAIT_S or self._weight >= self._most:
                return False
            self._take({**access, "at": datetime.now(UTC).isoformat(timespec="microseconds")})
            return True

    def _take(self, access: dict[str, Any]) -> None:
        if "principal" not in access:  # anybody can cause these, so they take no room for each
            who = tuple(str(access.get(name)) for name in ("action", "refused", "key_id", "address"))
            if len(self._strangers) >= _STRANGERS and who not in self._strangers:
                access = {"action": "refused", "at": access["at"], "refused": access.get("refused", "")}
                who = ()
            if (known := self._strangers.get(who)) is not None:
                known["times"] += 1
                return
            self._strangers[who] = access
            access["times"] = 1
        self._waiting.append((time.monotonic(), access))
        self._weight += _weight(access)

    def _batch(self) -> list[dict[str, Any]]:
        """The oldest that wait, which go on waiting until they are written."""
        with self._lock:
            self._strangers = {}
            batch, weight = [], 0
            for _, access in self._waiting:
                if weight >= _BATCH:
                    break
                batch.append(access)
                weight += _weight(access)
            return batch

    def _written(self, batch: list[dict[str, Any]]) -> None:
        with self._lock:
            for access in batch:
                self._waiting.popleft()
                self._weight -= _weight(access)


def _weight(access: Mapping[str, Any]) -> int:
    narrowed = sum(len(one) for one in (access.get("filter") or {}).values() if isinstance(one, list | tuple))
    return 1 + len(access.get("shown", ())) + len(access.get("asked", ())) + narrowed
