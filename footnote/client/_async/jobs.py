"""Jobs that are followed while they go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from footnote.client._async.calls import JobsCalls
from footnote.client.errors import ConnectionFailed, FootnoteProblem, TookTooLong
from footnote.client.models import JobDetail, JobFileOut, JobOut
from footnote.client.wire import AGAIN, Call, parsed, step, wait_s

_KINDS: dict[str, type[JobOut] | type[JobFileOut]] = {"job": JobOut, "file": JobFileOut}
_LONGEST_WAIT_S = 5.0


class Jobs(JobsCalls):
    """What was handed in, and what becomes of it."""

    async def events(
        self, job_id: str, *, last_event_id: str = "", patience_s: float = 120.0
    ) -> AsyncIterator[JobOut | JobFileOut]:
        """The job whenever it stands otherwise, and each file that something became of, until the job has ended.

        After a broken connection it goes on where it was, also over a restart of the service; it raises
        ConnectionFailed once `patience_s` have passed without a sign of the service."""
        async for event in self._told(job_id, last_event_id, patience_s):
            if event is not None:
                yield event

    async def wait(
        self,
        job_id: str,
        progress: Callable[[JobOut], object] | None = None,
        *,
        timeout_s: float | None = None,
        patience_s: float = 120.0,
    ) -> JobDetail:
        """The job once it has ended, with its first thousand files; `files` has them all.

        `progress` is called whenever the job stands otherwise. Raises TookTooLong after about `timeout_s`; the job goes
        on."""
        begun = time.monotonic()
        async for event in self._told(job_id, "", patience_s):
            if progress is not None and isinstance(event, JobOut):
                progress(event)
            if timeout_s is not None and time.monotonic() - begun > timeout_s:
                raise TookTooLong(f"The job {job_id} has not ended within {timeout_s} s. It goes on.")
        return await self.get(job_id)

    async def _told(self, job_id: str, place: str, patience_s: float) -> AsyncIterator[JobOut | JobFileOut | None]:
        """None for each sign of life that tells nothing, and for each attempt to connect."""
        call = Call("GET", f"/v1/jobs/{step(job_id)}/events")
        heard, attempt = time.monotonic(), 0
        while True:
            try:
                async for sent in self._transport.events(call, place):
                    heard, attempt, place = time.monotonic(), 0, sent.id or place
                    event = parsed(_KINDS[sent.kind], sent.data) if sent.kind in _KINDS else None
                    yield event
                    if isinstance(event, JobOut) and event.finished_at is not None:
                        return
            except (ConnectionFailed, FootnoteProblem) as error:
                lasting = isinstance(error, FootnoteProblem) and error.status not in AGAIN
                if lasting or time.monotonic() - heard > patience_s:
                    raise
            yield None  # the service is stopping, or the connection broke
            await asyncio.sleep(min(wait_s(attempt), _LONGEST_WAIT_S))
            attempt += 1
