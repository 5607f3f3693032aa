"""Answers that were given: each as one signed file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Response

from api.http.auth import AUDIT
from api.http.deps import Bundles, Reader, Recorded
from api.http.problems import NotFound

router = APIRouter(prefix="/v1/answers", tags=["answers"])
MEDIA_TYPE = "application/zip"
FILE: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {}}, "description": "The bundle"}}
MAKING = CapacityLimiter(2)  # pages are drawn for them


@router.get("/{audit_id}/bundle", response_class=Response, responses=FILE)
async def bundle(audit_id: str, bundles: Bundles, caller: Reader, access: Recorded) -> Response:
    """The answer with this `audit_id` as one signed file: its quotes, the texts and pages that they stand in, and the
    proof that the audit trail holds it. docs/audit-proofs.md tells how it is checked offline.

    For who asked, and for a credential with the scope `audit`; each only while they may read every version that the
    answer quotes or names.
    """

    def made() -> tuple[bytes, Sequence[tuple[str, int]]] | None:
        return bundles.bundle(audit_id, caller.principal, auditor=caller.carries(AUDIT))

    found = await to_thread.run_sync(made, limiter=MAKING)
    if found is None:
        raise NotFound
    data, shown = found
    access.shows(shown)
    headers = {
        "Content-Disposition": "attachment; filename=answer.zip",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=MEDIA_TYPE, headers=headers)
