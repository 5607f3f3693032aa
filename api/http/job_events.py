"""A job as server-sent events: read from the database at short intervals, whichever process works on it."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from fastapi.concurrency import run_in_threadpool
from fastapi.sse import format_sse_event
from pydantic import BaseModel

from api.http.job_desk import Job, JobFile, Jobs
from api.http.numbers import documents_of_reports
from api.http.problems import problem_of
from api.http.schemas.jobs import JobFileOut, JobOut
from api.http.stored import Numbers
from api.http.streaming import HEARTBEAT_S, LINE_ENDS
from ingest.errors import FootnoteError
from retrieval.types import Numbering, Principal

_LOOK_S = 0.5
_AT_ONCE = 500


async def job_events(
    jobs: Jobs,
    numbers: Numbers,
    job_id: str,
    reader: Callable[[], Principal],
    last_event_id: str,
    *,
    over: Callable[[], Coroutine[Any, Any, None]],
    look_s: float = _LOOK_S,
    ask_s: float = HEARTBEAT_S,
) -> AsyncIterator[bytes]:
    """`job` whenever it stands otherwise, `file` for each that changed, in order; ids go on from `last_event_id`.
    `reader` tells who reads and is asked anew after `ask_s`: the stream ends with the error that it raises."""
    since, told, silent = _place(last_event_id), -1, 0.0
    now, asked = asyncio.get_running_loop().time, -math.inf
    ending = asyncio.ensure_future(over())
    try:
        while not ending.done():
            if now() - asked >= ask_s:
                owner, asked = await run_in_threadpool(reader), now()
            job, files, seen = await run_in_threadpool(_look, jobs, numbers, job_id, owner, since)
            for file in files:
                since = file.event, file.number
                yield _event("file", JobFileOut.of(file, seen), since)
            if job.event != told or job.finished_at is not None:
                told, silent = job.event, 0.0
                yield _event("job", JobOut.of(job, *await run_in_threadpool(_measured, jobs, job_id)), since)
            if job.finished_at is not None and len(files) < _AT_ONCE:
                break
            if len(files) == _AT_ONCE:
                continue
            await asyncio.wait({ending}, timeout=look_s)
            silent += look_s
            if silent >= HEARTBEAT_S:
                silent = 0.0
                yield format_sse_event(event="heartbeat", data_str="{}")
    except FootnoteError as error:  # it was purged, the reader is refused, or the database went away
        yield format_sse_event(event="error", data_str=problem_of(error).model_dump_json(exclude_none=True))
    finally:
        ending.cancel()
    yield format_sse_event(event="done", data_str="{}")


def _look(
    jobs: Jobs, numbers: Numbers, job_id: str, owner: Principal, since: tuple[int, int]
) -> tuple[Job, list[JobFile], Numbering]:
    """The job first: what changes in between comes with the next look."""
    job = jobs.find(job_id, owner.user)
    files = [file for file in jobs.changed(job_id, since, _AT_ONCE) if file.event > 0]
    return job, files, numbers.of(owner, set(documents_of_reports(file.report for file in files)))


def _measured(jobs: Jobs, job_id: str) -> tuple[dict[str, int], float]:
    return dict(jobs.outcomes(job_id)), jobs.pace(job_id)


def _place(event_id: str) -> tuple[int, int]:
    event, _, number = event_id.partition("-")
    if event.isdecimal() and number.isdecimal() and len(event_id) < 30:
        return int(event), int(number)
    return 0, 0


def _event(kind: str, body: BaseModel, place: tuple[int, int]) -> bytes:
    data = json.dumps(body.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
    return format_sse_event(event=kind, data_str=data.translate(LINE_ENDS), id="{}-{}".format(*place))
