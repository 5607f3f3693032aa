"""The audit trail, for credentials with the scope `audit`: searched, one entry, and a signed export."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse

from api.http.cursors import read_place, written_place
from api.http.deps import Auditor, Checking, Trail
from api.http.problems import NotFound
from api.http.schemas.audit import EntryDetail, EntryFound, EntryList, EntryOut, VerificationOut, Wanted

router = APIRouter(prefix="/v1/audit", tags=["audit"])
MEDIA_TYPE = "application/jsonl"
_IN_MEMORY = 4 << 20
_PIECE = 256 << 10


@router.get("", response_model=EntryList)
def list_audit(
    trail: Trail,
    caller: Auditor,
    wanted: Wanted,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 50,
    after: Annotated[str, Query(max_length=200, description="The `next` of the page before.")] = "",
) -> EntryList:
    """What was done, newest first: answers, changes, searches, reads, sign-ins and refusals."""
    page = trail.page(wanted, read_place(after) if after else None, limit)
    return EntryList(
        entries=[EntryOut.model_validate(entry) for entry in page.entries],
        next=written_place(page.last) if page.last else None,
    )


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "Lines of JSON, the last one signed"}},
)
def export_audit(trail: Trail, caller: Auditor, wanted: Wanted) -> StreamingResponse:
    """The records that hold what is wanted, with what proves their place in the chain, signed (docs/audit.md). A record
    is exported whole. Ready once all of it was checked."""
    spool: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  closed when it was sent
    try:
        spool.writelines(trail.export(wanted, f"user:{caller.principal.user}"))
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    headers = {"Content-Disposition": 'attachment; filename="footnote-audit.jsonl"'}
    return StreamingResponse(_pieces(spool), media_type=MEDIA_TYPE, headers=headers)


@router.get("/verify", response_model=VerificationOut)
def verification(checking: Checking, caller: Auditor) -> VerificationOut:
    """How verifying the trail stands, or how it ended the last time, in the process that is asked."""
    return VerificationOut.of(checking.state())


@router.post("/verify", response_model=VerificationOut, status_code=202)
def verify(checking: Checking, caller: Auditor) -> VerificationOut:
    """Begins to check the whole chain and to compare it with its witnesses, as `footnote audit verify` does, unless
    that is being done; `GET` tells how far it is."""
    return VerificationOut.of(checking.begin())


@router.get("/{entry_id}", response_model=EntryFound)
def show(trail: Trail, caller: Auditor, entry_id: Annotated[str, Path(max_length=64)]) -> EntryFound:
    """All that the trail says of an entry."""
    found = trail.find(entry_id)
    if not found:
        raise NotFound("There is no such entry in the audit trail.")
    return EntryFound(entries=[EntryDetail.model_validate(one) for one in found])


def _pieces(spool: IO[bytes]) -> Iterator[bytes]:
    with spool:
        while piece := spool.read(_PIECE):
            yield piece
