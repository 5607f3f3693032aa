"""Documents: upload, read, delete, restore. What the caller may not read does not exist for them."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from fastapi.responses import JSONResponse

from api.http.auth import ADMIN
from api.http.deps import Documents, JobDesk, Numbers, Reader, Recorded, WhenStopping, Writer
from api.http.files import outcome_of, request_of, sent_file
from api.http.forms import FormRoute
from api.http.limits import too_large
from api.http.numbers import documents_of_reports, stored_number
from api.http.problems import NotFound
from api.http.schemas.documents import (
    ChunkingName,
    PageOut,
    SectionOut,
    TextOut,
    UploadOut,
)
from api.http.schemas.jobs import JobAccepted, Principals, uploaded
from api.http.schemas.problems import REFUSED
from api.http.schemas.values import MAX_NUMBER, AskedVersion, Day
from api.http.stored import VersionView
from api.http.stretches import Stretch, around, headings
from api.http.tables import tables_of
from ingest.jobs import JobState, Urgency
from ingest.types import Coverage, PageInfo

TAKES_LONG: dict[int | str, dict[str, Any]] = {202: {"model": JobAccepted, "description": "It takes longer"}}
router = APIRouter(prefix="/v1/documents", tags=["documents"], route_class=FormRoute)
STAGING = CapacityLimiter(4)  # uploads that are in memory at once
_WAIT_S = 60.0
Version = Annotated[AskedVersion, Query(description="A version's number or `version_id`; the current one if absent.")]


@router.post("", response_model=UploadOut, status_code=201, responses=REFUSED | TAKES_LONG)
async def upload(
    desk: JobDesk,
    numbers: Numbers,
    caller: Writer,
    stopping: WhenStopping,
    file: Annotated[UploadFile, File()],
    allow: Annotated[Principals, Form(min_length=1)],
    date: Annotated[Day | None, Form()] = None,
    manage: Annotated[Principals, Form()] = [],  # noqa: B006  FastAPI copies it
    chunking: Annotated[ChunkingName | None, Form()] = None,
    language: Annotated[str, Form(max_length=35)] = "",
    name: Annotated[str, Form(max_length=1000)] = "",
) -> UploadOut | Response:
    """Adds a file, or a new version of the file that the caller uploaded under this name before.

    `name` is the one under which it is known, with folders where it has any (`leases/2024/unit7.pdf`); without it that
    of the file, which may have folders as well. The same name in another folder is another document. Where the words
    are wholly others than those of the version before, a warning says so.
    `allow` names who may read it, as `group:NAME` or `user:NAME`; only groups of the caller's own, or the caller.
    `date` is the day from which it holds; without one it holds from today, a first version since ever.
    `manage` names who, besides the caller, may delete and restore it, in the same way; without it that stays as it is.
    `chunking` says how the text is cut for search (docs/chunking.md); without it that stays as it is, or, for a new
    document, is what is usual here.
    `language` is that of the words (BCP 47: de, fr, pt-BR), where it is not as it looks.
    The file is a job of its own, which is waited for; after a minute the answer is 202 with the job, which goes on.
    """
    day = date.isoformat() if date else None
    request = request_of(caller, allow=allow, manage=manage, date=day, chunking=chunking, language=language)
    if (file.size or 0) > desk.max_file_bytes:
        raise too_large(desk.max_file_bytes)
    user = caller.principal.user
    sent = sent_file(file, user, name)

    def hand_in() -> str:
        return desk.submit(caller.author, request, [sent], urgency=Urgency.NORMAL, key="")

    job_id = await to_thread.run_sync(hand_in, limiter=STAGING)
    report = await outcome_of(desk.jobs, job_id, user, stopping, within_s=_WAIT_S)
    if report is None:
        accepted = JobAccepted(id=job_id, status=JobState.RUNNING)
        return JSONResponse(accepted.model_dump(mode="json"), 202, {"Location": f"/v1/jobs/{job_id}"})
    seen = await to_thread.run_sync(numbers.of, caller.principal, set(documents_of_reports([report])))
    return UploadOut.model_validate(uploaded(report, seen))


@router.get("/{document_id}/text", response_model=TextOut)
def text(
    document_id: str,
    documents: Documents,
    numbers: Numbers,
    caller: Reader,
    access: Recorded,
    version: Version = None,
    tables: Annotated[bool, Query(description="Rows and cells of the tables as well.")] = False,
    start: Annotated[int | None, Query(ge=0, le=MAX_NUMBER, description="Around which character,")] = None,
    end: Annotated[int, Query(ge=0, le=MAX_NUMBER, description="up to which.")] = 0,
) -> TextOut:
    """The canonical text into which citations point; with `start` and `end` the lines and tables around these alone,
    their pages, and the headings they stand under. Offsets are those of the whole text all the same."""
    number = stored_number(numbers, caller.principal, document_id, version)
    view = documents.placed_text(document_id, number, caller.principal)
    if view is None:
        raise NotFound
    seen = numbers.of(caller.principal, [view.document_id])
    access.shows([(view.document_id, view.version)])
    shown = Stretch(0, len(view.text)) if start is None else around(view, start, end)
    return TextOut(
        document_id=view.document_id,
        version=seen.number(view.document_id, view.version),
        version_id=seen.id(view.document_id, view.version),
        title=view.title,
        media_type=view.media_type,
        text=view.text[shown.start : shown.end],
        start=shown.start,
        chars=len(view.text),
        pages=_pages(view, shown),
        sections=[
            SectionOut(title=view.text[e.start : e.end], level=e.level, start=e.start, end=e.end)
            for e in headings(view, shown)
        ],
        warnings=list(view.warnings),
        coverage=Coverage.of(view.page_infos),
        language=view.language,
        tables=tables_of(view, shown) if tables else None,
    )


def _pages(view: VersionView, shown: Stretch) -> list[PageOut]:
    known = {info.number: info for info in view.page_infos}
    whole = shown.end - shown.start == len(view.text)
    here = [page for page in view.pages if whole or shown.meets(page.start, page.end)]
    told = [(page, known.get(page.page, PageInfo(page.page))) for page in here]
    return [
        PageOut(page=p.page, start=p.start, end=p.end, label=info.label, bates=info.bates, source=info.source)
        for p, info in told
    ]


@router.get("/{document_id}/original", response_class=Response, responses={200: {"content": {"*/*": {}}}})
def original(
    document_id: str,
    documents: Documents,
    numbers: Numbers,
    caller: Reader,
    access: Recorded,
    version: Version = None,
) -> Response:
    """The file as it was ingested. Nothing but PDF is shown by the browser itself."""
    number = stored_number(numbers, caller.principal, document_id, version)
    found = documents.original(document_id, number, caller.principal)
    if found is None:
        raise NotFound
    data, media_type, name, shown = found
    access.shows([(document_id.lower(), shown)])
    disposition = "inline" if media_type == "application/pdf" else "attachment"
    headers = {
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=media_type, headers=headers)


@router.delete("/{document_id}", status_code=204, responses=REFUSED)
def delete(
    document_id: str,
    documents: Documents,
    caller: Writer,
    now: Annotated[bool, Query(description="For good: it cannot be restored. Needs the scope `admin`.")] = False,
) -> Response:
    """Removes the document with all its versions; it is gone from the next query on, and can be restored for a while.

    Its owner may, who was named to manage it, and a credential with the scope `admin`. With `now` it is purged at once,
    also where it was deleted before, unless a legal hold keeps it.
    """
    if now:
        caller.require(ADMIN)
    if not documents.delete(document_id, caller.author, now=now):
        raise NotFound
    return Response(status_code=204)


@router.post("/{document_id}/restore", status_code=204)
def restore(document_id: str, documents: Documents, caller: Writer) -> Response:
    """Brings a deleted document back as it was, within the recycle period."""
    if not documents.restore(document_id, caller.author):
        raise NotFound("There is nothing here that you may restore.")
    return Response(status_code=204)
