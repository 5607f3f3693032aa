"""What people say of answers that they have looked at, of one sentence or of the whole."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.http import parts
from api.http.auth import AUDIT, Identity
from api.http.deps import Reader, Recorded, SignOffs
from api.http.problems import NotFound
from api.http.schemas.sign_offs import SignOffIn, SignOffOut, SignOffsOut

router = APIRouter(prefix="/v1/answers", tags=["answers"])
Number = Annotated[int, Path(ge=1, le=10_000, description="of the sentence, from 1, in the order of the answer")]


@router.put("/{audit_id}/sentences/{number}/sign-off", response_model=SignOffOut)
def sign_sentence(audit_id: str, number: Number, wanted: SignOffIn, sign_offs: SignOffs, caller: Reader) -> SignOffOut:
    """Says what you think of a sentence, in the place of what you said of it before. Exports show it at the sentence;
    the audit trail keeps all of it."""
    return _signed(audit_id, number, wanted, sign_offs, caller)


@router.put("/{audit_id}/sign-off", response_model=SignOffOut)
def sign_answer(audit_id: str, wanted: SignOffIn, sign_offs: SignOffs, caller: Reader) -> SignOffOut:
    """The same of the answer as a whole."""
    return _signed(audit_id, None, wanted, sign_offs, caller)


@router.get("/{audit_id}/sign-offs", response_model=SignOffsOut)
def list_sign_offs(audit_id: str, sign_offs: SignOffs, caller: Reader, access: Recorded) -> SignOffsOut:
    """What holds of an answer, oldest first: for who may open it, and for a credential with the scope `audit`."""
    found = sign_offs.of(audit_id, caller.principal, auditor=caller.carries(AUDIT))
    if found is None:
        raise NotFound
    told, shown = found
    access.shows(shown)
    return SignOffsOut(sign_offs=[SignOffOut.of(one) for one in told])


@router.delete("/{audit_id}/sentences/{number}/sign-off", status_code=204, response_class=Response)
def withdraw_from_sentence(audit_id: str, number: Number, sign_offs: SignOffs, caller: Reader) -> None:
    """Takes back what you said of a sentence. The audit trail keeps that you said it."""
    if not sign_offs.withdraw(audit_id, number, caller.principal):
        raise NotFound


@router.delete("/{audit_id}/sign-off", status_code=204, response_class=Response)
def withdraw_from_answer(audit_id: str, sign_offs: SignOffs, caller: Reader) -> None:
    """The same of the answer as a whole."""
    if not sign_offs.withdraw(audit_id, None, caller.principal):
        raise NotFound


def _signed(
    audit_id: str, number: int | None, wanted: SignOffIn, sign_offs: parts.SignOffs, caller: Identity
) -> SignOffOut:
    found = sign_offs.put(audit_id, number, caller.principal, wanted.verdict, wanted.words)
    if found is None:
        raise NotFound
    return SignOffOut.of(found)
