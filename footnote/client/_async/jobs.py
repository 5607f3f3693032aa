"""Jobs that are followed while they go."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable

from footnote.client._async.calls import JobsCalls
from footnote.client._async.following import followed
from footnote.client.errors import TookTooLong
from footnote.client.models import JobDetail, JobFileOut, JobOut
from footnote.client.wire import Call, step

_KINDS: dict[str, type[JobOut] | type[JobFileOut]] = {"job": JobOut, "file": JobFileOut}


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

    def _told(self, job_id: str, place: str, patience_s: float) -> AsyncIterator[JobOut | JobFileOut | None]:
        call = Call("GET", f"/v1/jobs/{step(job_id)}/events")
        return followed(self._transport, call, _KINDS, _ended, place, patience_s)


def _ended(event: JobOut | JobFileOut) -> bool:
    return isinstance(event, JobOut) and event.finished_at is not None
