"""Jobs: many files handed in at once, or a folder; told of as they go, cancelled, done again. Each is its owner's."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from api.http import job_desk
from api.http.auth import ADMIN, Identity
from api.http.deps import JobDesk, Numbers, Reader, Reading, WhenStopping, Writer
from api.http.files import SentFile, request_of, sent_file
from api.http.following import followed
from api.http.forms import describe, many_files
from api.http.job_events import JobLooks
from api.http.limits import too_large
from api.http.numbers import documents_of_reports
from api.http.schemas.jobs import (
    ConnectorJob,
    FolderJob,
    JobAccepted,
    JobDetail,
    JobFileOut,
    JobForm,
    JobLimits,
    JobList,
    JobOut,
    RetryOut,
)
from api.http.schemas.problems import REFUSED
from api.http.streaming import MEDIA_TYPE
from ingest.errors import FootnoteError
from ingest.jobs import FileState, JobRequest, Urgency

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
MAX_KEY_CHARS = 255
_MANY = {"manage", "allow"}
Body = TypeVar("Body", bound=BaseModel)
Place = Annotated[str, Path(max_length=64)]


class InvalidJob(FootnoteError):
    """What was handed in makes no job."""

    code = "invalid_job"


def _body() -> dict[str, Any]:
    """What `submit` takes, for OpenAPI: FastAPI knows one content type a route."""
    form = JobForm.model_json_schema(ref_template="#/components/schemas/{model}")
    form.pop("$defs", None)
    describe(form)
    form["properties"] = {
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1},
        **form["properties"],
    }
    form["required"] = ["files", *form["required"]]
    named = [model.model_json_schema() for model in (FolderJob, ConnectorJob)]
    return {
        "required": True,
        "content": {"multipart/form-data": {"schema": form}, "application/json": {"schema": {"oneOf": named}}},
    }


@router.post("", response_model=JobAccepted, status_code=202, responses=REFUSED, openapi_extra={"requestBody": _body()})
async def submit(
    request: Request,
    response: Response,
    desk: JobDesk,
    caller: Writer,
    idempotency_key: Annotated[
        str | None,
        Header(max_length=MAX_KEY_CHARS, description="Handed in twice under one key it is one job."),
    ] = None,
) -> JobAccepted:
    """Hands in files, or names where they are; they are done later, whatever is restarted meanwhile.

    A form with repeated `files` and `allow`; a file that the caller handed in under this name before gets a new
    version, and a name may have folders in it. Or JSON that names a `folder`, or a `connector` to be brought in step.
    """
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        job_id = await _hand_in(request, desk, caller, idempotency_key or "")
    else:
        job_id = await _named(await request.body(), desk, caller, idempotency_key or "")
    response.headers["Location"] = f"/v1/jobs/{job_id}"
    job = await run_in_threadpool(desk.jobs.find, job_id, caller.principal.user)
    return JobAccepted(id=job_id, status=job.state)


async def _hand_in(request: Request, desk: job_desk.JobDesk, caller: Identity, key: str) -> str:
    async with many_files(request, desk.max_files) as form:
        asked = _checked(JobForm, _fields(form))
        files = [sent_file(one, caller.principal.user) for one in form.getlist("files") if isinstance(one, UploadFile)]
        _check_files(files, desk.max_file_bytes)
        urgency = _urgency(asked, caller)
        wanted = _request(asked, caller)
        return await run_in_threadpool(desk.submit, caller.author, wanted, files, urgency=urgency, key=key)


async def _named(body: bytes, desk: job_desk.JobDesk, caller: Identity, key: str) -> str:
    caller.require(ADMIN)
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidJob(f"This is no JSON that can be read: {error}.") from error
    if isinstance(fields, dict) and "connector" in fields:
        named = _checked(ConnectorJob, fields)
        urgency = Urgency(named.urgency)
        return await run_in_threadpool(desk.submit_connector, caller.author, named.connector, urgency, key)
    asked = _checked(FolderJob, fields)
    urgency, wanted = _urgency(asked, caller), _request(asked, caller)
    return await run_in_threadpool(desk.submit_folder, caller.author, wanted, asked.folder, urgency, key)


def _fields(form: FormData) -> dict[str, Any]:
    """What is no file, repeated fields as lists."""
    found: dict[str, Any] = {}
    for name, value in form.multi_items():
        if name == "files" and isinstance(value, UploadFile):
            continue
        if isinstance(value, UploadFile):
            raise InvalidJob(f"The file {value.filename} came in a field {name[:40]!r}; files go into 'files'.")
        if name in _MANY:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value or None if name in {"date", "chunking"} else value
    return found


def _checked(model: type[Body], fields: Any) -> Body:
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


def _check_files(files: list[SentFile], most: int) -> None:
    if not files:
        raise InvalidJob("There are no files. Send them in fields named 'files'.")
    for file in files:
        if (file.sent.size or 0) > most:
            raise too_large(most, file.name)
    sources = [file.source for file in files]
    if twice := sorted({source for source in sources if sources.count(source) > 1}):
        raise InvalidJob(
            f"Two of the files are named {twice[0].split('/', 2)[-1]}. Rename one, or send its folder with it."
        )


def _urgency(asked: JobForm, caller: Identity) -> Urgency:
    urgency = Urgency(asked.urgency)
    if urgency is Urgency.HIGH:
        caller.require(ADMIN)
    return urgency


def _request(asked: JobForm, caller: Identity) -> JobRequest:
    day = asked.date.isoformat() if asked.date else None
    return request_of(
        caller,
        allow=asked.allow,
        manage=asked.manage,
        date=day,
        chunking=asked.chunking,
        language=asked.language,
    )


@router.get("", response_model=JobList)
def list_jobs(
    desk: JobDesk,
    caller: Reader,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JobList:
    """The caller's jobs, newest first."""
    found = desk.jobs.list(caller.principal.user, before=before, limit=limit + 1)
    shown = found[:limit]
    outcomes = desk.jobs.outcomes_of([job.id for job in shown])
    return JobList(
        jobs=[JobOut.of(job, outcomes.get(job.id)) for job in shown],
        next=shown[-1].number if len(found) > limit else None,
        limits=JobLimits(files=desk.max_files, bytes=desk.max_bytes, file_bytes=desk.max_file_bytes),
    )


@router.get("/{job_id}", response_model=JobDetail)
def show(
    job_id: Place,
    desk: JobDesk,
    numbers: Numbers,
    caller: Reader,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="`next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
    status: Annotated[FileState | None, Query(description="Only files of this status.")] = None,
) -> JobDetail:
    """How a job stands, and what became of each of its files."""
    jobs = desk.jobs
    job = jobs.find(job_id, caller.principal.user)
    files = jobs.files(job_id, after=after, limit=limit + 1, state=status)
    shown = files[:limit]
    seen = numbers.of(caller.principal, set(documents_of_reports(file.report for file in shown)))
    return JobDetail(
        **dict(JobOut.of(job, jobs.outcomes(job_id), jobs.pace(job_id))),
        files=[JobFileOut.of(file, seen) for file in shown],
        next=shown[-1].number if len(files) > limit else None,
    )


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "job, file, heartbeat and done events"}},
)
async def events(
    job_id: Place,
    desk: JobDesk,
    numbers: Numbers,
    caller: Reader,
    again: Reading,
    stopping: WhenStopping,
    last_event_id: Annotated[str, Header(max_length=64, description="Go on after this event.")] = "",
) -> StreamingResponse:
    """What changes in a job, as it happens (server-sent events): `job`, how it stands; `file`, a file and what became
    of it; `done` once it has ended, or after an `error`, as when the credential holds no longer. A reader that lost its
    connection goes on where it was with Last-Event-ID."""
    await run_in_threadpool(desk.jobs.find, job_id, caller.principal.user)
    told = followed(JobLooks(desk.jobs, numbers, job_id, last_event_id), again, over=stopping.over)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(told, media_type=MEDIA_TYPE, headers=headers)


@router.post("/{job_id}/cancel", response_model=JobAccepted, status_code=202)
def cancel(job_id: Place, desk: JobDesk, caller: Writer) -> JobAccepted:
    """Files that wait are not done any more; those under way are finished. What is stored stays."""
    desk.jobs.cancel(job_id, caller.principal.user)
    return JobAccepted(id=job_id, status=desk.jobs.find(job_id, caller.principal.user).state)


@router.post("/{job_id}/retry", response_model=RetryOut, status_code=202)
def retry(job_id: Place, desk: JobDesk, caller: Writer) -> RetryOut:
    """Files that failed or were cancelled are done again."""
    return RetryOut(files=desk.retry(caller.author, job_id))
