"""Answers that were given: each as one signed file, as one to read on paper, why it is what it is, and whether it
comes out the same again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Response

from api.http.auth import AUDIT
from api.http.deps import Auditing, Auditor, Bundles, Explanations, Exports, Numbers, Page, Reader, Recorded, Replays
from api.http.problems import NotFound
from api.http.schemas.explaining import ReplayOut, WhyOut
from api.http.schemas.problems import NOT_NOW

router = APIRouter(prefix="/v1/answers", tags=["answers"])
MEDIA_TYPE = "application/zip"
FILE: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {}}, "description": "The bundle"}}
FORMATS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "md": "text/markdown; charset=utf-8",
    "pdf": "application/pdf",
}
DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind.split(";")[0]: {} for kind in FORMATS.values()}, "description": "The document"}
}
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
    return sent(data, MEDIA_TYPE, "answer.zip")


@router.get("/{audit_id}/export", response_class=Response, responses=DOCUMENT)
async def export(
    audit_id: str,
    exports: Exports,
    caller: Reader,
    access: Recorded,
    page: Page,
    format: Literal["docx", "md", "pdf"] = "docx",  # noqa: A002  as the address has it
) -> Response:
    """The answer with this `audit_id` to read on paper: its sentences with footnotes that quote the sources, what
    people have said of them, and an appendix with the digests of the files and the record's id.

    For who asked, and for a credential with the scope `audit`; each only while they may read every version that the
    answer quotes or names.
    """

    def made() -> tuple[bytes, Sequence[tuple[str, int]]] | None:
        return exports.answer(audit_id, caller.principal, format, page, auditor=caller.carries(AUDIT))

    found = await to_thread.run_sync(made, limiter=MAKING)
    if found is None:
        raise NotFound
    data, shown = found
    access.shows(shown)
    return sent(data, FORMATS[format], f"answer.{format}")


@router.get("/{audit_id}/why", response_model=WhyOut)
def why(audit_id: str, explanations: Explanations, numbers: Numbers, caller: Reader, access: Recorded) -> WhyOut:
    """Why the answer with this `audit_id` is what it is, out of its record: the passages that the search found, in
    their order, with rank and score in each leg, which of them were shown to the generator and which are cited; and
    each sentence that was looked at, in order, with what became of it and at which stage.

    For who asked, and for a credential with the scope `audit`; each only while they may read every version that the
    answer quotes or names. Passages that they may not read now are left out, and not counted. The words of a sentence
    that was withheld are for the scope `audit` alone, and only while all that the generator was shown may be read.
    """
    found = explanations.explain(audit_id, caller.principal, auditor=caller.carries(AUDIT))
    if found is None:
        raise NotFound
    explained, shown = found
    access.shows(shown)
    return WhyOut.of(explained, numbers.of(caller.principal, {document_id for document_id, _ in shown}))


@router.post("/{audit_id}/replay", response_model=ReplayOut, responses=NOT_NOW)
async def replay(audit_id: str, replays: Replays, caller: Auditor, auditing: Auditing, access: Recorded) -> ReplayOut:
    """Rebuilds the answer with this `audit_id` from its record, stage by stage, by what answers now, and tells what is
    the same and what differs: passages, drafts, verdicts (docs/audit-proofs.md). The trail keeps nothing of it but that
    it was done.

    It takes as long as an answer, and waits until nobody waits for one. For a credential with the scope `audit`, while
    the caller may read every version that the answer quotes or names.
    """
    found = await replays.replay(audit_id, caller.principal, auditing)
    if found is None:
        raise NotFound
    stages, shown = found
    access.shows(shown)
    return ReplayOut.of(audit_id, stages)


def sent(data: bytes, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename={name}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=media_type, headers=headers)
