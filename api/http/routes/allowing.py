"""Who may read documents, changed by those who may change them."""

from __future__ import annotations

from fastapi import APIRouter

from api.http.deps import Allowing, Recorded, Writer
from api.http.problems import NotFound
from api.http.schemas.allowing import LabelIn, LabelledOut, LabelOut, LabelsIn, LabelsOut
from api.http.schemas.problems import REFUSED
from ingest.errors import NotAllowed
from ingest.types import LabelOutcome

router = APIRouter(prefix="/v1", tags=["documents"])


@router.put("/labels", response_model=LabelsOut, responses=REFUSED)
def allow_several(body: LabelsIn, allowing: Allowing, caller: Writer, access: Recorded) -> LabelsOut:
    """Says of several documents who may read them from the next query on; of each is told what became of it.

    As for a single one. A principal that may not be named leaves all of them as they are.
    """
    access.names = tuple(body.documents)
    done = allowing.allow(body.documents, body.label, caller.author)
    return LabelsOut(
        documents=[
            LabelledOut(document_id=one.document_id, outcome=one.outcome, allow=sorted(one.allow), reason=one.refusal)
            for one in done
        ]
    )


@router.put("/documents/{document_id}/allow", response_model=LabelOut, responses=REFUSED)
def allow(document_id: str, body: LabelIn, allowing: Allowing, caller: Writer) -> LabelOut:
    """Says who may read a document, and all that came out of it, from the next query on; older versions stay open to
    those of them who could read these before.

    The document's owner may, who was named to manage it, and a credential with the scope `admin`. Whoever is no admin
    names themselves, groups of their own and whoever may read it already, and not only others. In a collection those
    alone are let in whom it lets in as well.
    """
    (done,) = allowing.allow([document_id], body.label, caller.author)
    if done.outcome is LabelOutcome.NOT_FOUND:
        raise NotFound
    if done.outcome is LabelOutcome.NOT_ALLOWED:
        raise NotAllowed(done.refusal)
    return LabelOut(document_id=done.document_id, allow=sorted(done.allow))
