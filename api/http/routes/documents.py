"""Documents: upload, read, delete, restore. What the caller may not read does not exist for them."""

from __future__ import annotations

import re
from datetime import date as Day  # noqa: N812  the form field is called date
from typing import Annotated
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, File, Form, Query, Response, UploadFile

from api.http.deps import Documents, Reader, Uploads, Writer
from api.http.forms import FormRoute
from api.http.limits import too_large
from api.http.parts import FileReport, VersionView
from api.http.problems import NotFound
from api.http.schemas.documents import (
    ChunkingName,
    PageOut,
    SectionOut,
    TextOut,
    UploadOut,
)
from api.http.schemas.problems import REFUSED
from ingest.languages import language_code
from ingest.types import Chunking, Coverage, ElementKind, PageInfo
from retrieval.errors import InvalidPrincipal
from retrieval.types import principal_token

router = APIRouter(prefix="/v1/documents", tags=["documents"], route_class=FormRoute)
MAX_VERSION = 2**31 - 1  # what the database counts to
# Files are parsed one at a time: uploads wait for their turn here, and not in the threads that all routes share.
UPLOADS = CapacityLimiter(2)
Version = Annotated[int | None, Query(ge=1, le=MAX_VERSION, description="a version number; the current one if absent")]


@router.post("", response_model=UploadOut, status_code=201, responses=REFUSED)
async def upload(
    uploads: Uploads,
    caller: Writer,
    file: Annotated[UploadFile, File()],
    allow: Annotated[list[str], Form()],
    date: Annotated[Day | None, Form()] = None,
    manage: Annotated[list[str], Form()] = [],  # noqa: B006  FastAPI copies it
    chunking: Annotated[ChunkingName | None, Form()] = None,
    language: Annotated[str, Form(max_length=35)] = "",
) -> UploadOut:
    """Adds a file, or a new version of the file that the caller uploaded under this name before.

    `allow` names who may read it, as `group:NAME` or `user:NAME`; only groups of the caller's own, or the caller.
    `date` is the day from which it holds; without one it holds from today, a first version since ever.
    `manage` names who, besides the caller, may delete and restore it, in the same way; without it that stays as it is.
    `chunking` says how the text is cut for search (docs/chunking.md); without it that stays as it is, or, for a new
    document, is what is usual here.
    `language` is that of the words (BCP 47: de, fr, pt-BR), where it is not as it looks.
    """
    spoken = language_code(language) if language else ""
    label = frozenset(principal_token(token) for token in allow)
    managers = frozenset(principal_token(token) for token in manage) or None
    foreign = sorted((label | (managers or frozenset())) - caller.principal.tokens)
    if foreign or not label:
        raise InvalidPrincipal(
            f"You are not in {', '.join(foreign)}: choose among your own groups."
            if foreign
            else "Say who may read the document: allow=group:NAME."
        )
    if (file.size or 0) > uploads.max_bytes:
        raise too_large(uploads.max_bytes)
    name = _plain_name(file.filename or "upload")
    source = f"upload/{caller.principal.user}/{name}"
    day = date.isoformat() if date else None

    def ingest() -> FileReport:  # reads the file when its turn has come: the others wait on disk
        return uploads.pipeline.ingest(
            file.file.read(),
            name,
            source,
            label,
            day,
            author=caller.author,
            manage=managers,
            chunking=Chunking.of(chunking) if chunking else None,
            language=spoken,
        )

    report = await to_thread.run_sync(ingest, limiter=UPLOADS, abandon_on_cancel=True)
    return UploadOut.of(report)


@router.get("/{document_id}/text", response_model=TextOut)
def text(document_id: str, documents: Documents, caller: Reader, version: Version = None) -> TextOut:
    """The canonical text into which citations point."""
    view = documents.text(document_id, version, caller.principal)
    if view is None:
        raise NotFound
    return TextOut(
        document_id=view.document_id,
        version=view.version,
        title=view.title,
        media_type=view.media_type,
        text=view.text,
        pages=_pages(view),
        sections=[
            SectionOut(title=view.text[e.start : e.end], level=e.level, start=e.start, end=e.end)
            for e in view.elements
            if e.kind is ElementKind.HEADING
        ],
        warnings=list(view.warnings),
        coverage=Coverage.of(view.page_infos),
        language=view.language,
    )


def _pages(view: VersionView) -> list[PageOut]:
    known = {info.number: info for info in view.page_infos}
    told = [(page, known.get(page.page, PageInfo(page.page))) for page in view.pages]
    return [
        PageOut(page=p.page, start=p.start, end=p.end, label=info.label, bates=info.bates, source=info.source)
        for p, info in told
    ]


@router.get("/{document_id}/original", responses={200: {"content": {"application/octet-stream": {}}}})
def original(document_id: str, documents: Documents, caller: Reader, version: Version = None) -> Response:
    """The file as it was ingested. Nothing but PDF is shown by the browser itself."""
    found = documents.original(document_id, version, caller.principal)
    if found is None:
        raise NotFound
    data, media_type, name = found
    disposition = "inline" if media_type == "application/pdf" else "attachment"
    headers = {
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=media_type, headers=headers)


@router.delete("/{document_id}", status_code=204)
def delete(document_id: str, documents: Documents, caller: Writer) -> Response:
    """Removes the document with all its versions; it is gone from the next query on, and can be restored for a while.

    Its owner may, who was named to manage it, and a credential with the scope `admin`.
    """
    if not documents.delete(document_id, caller.author):
        raise NotFound
    return Response(status_code=204)


@router.post("/{document_id}/restore", status_code=204)
def restore(document_id: str, documents: Documents, caller: Writer) -> Response:
    """Brings a deleted document back as it was, within the recycle period."""
    if not documents.restore(document_id, caller.author):
        raise NotFound("There is nothing here that you may restore.")
    return Response(status_code=204)


def _plain_name(name: str) -> str:
    """The last part of a file name, without anything a terminal or a path could take for more."""
    return re.sub(r"[^\w.()&,+ -]", "_", name.replace("\\", "/").rsplit("/", 1)[-1])[-180:] or "upload"
