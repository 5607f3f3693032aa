"""Conversations: questions that go on from each other, each its owner's, who may share them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Response

from api.http import conversations as stored
from api.http.auth import Identity
from api.http.conversations import WHOLE
from api.http.cursors import Cursor
from api.http.deps import Conversations, Exports, Numbers, Page, Reader, Recorded
from api.http.problems import NotFound
from api.http.routes.answers import DOCUMENT, FORMATS, MAKING, sent
from api.http.schemas.conversations import (
    ConversationChange,
    ConversationDetail,
    ConversationIn,
    ConversationList,
    ConversationOut,
    Matter,
    ShareIn,
    TurnNumber,
    documents_in,
)
from api.http.schemas.problems import REFUSED
from api.http.stored import Numbers as Counting

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])
MOST = 200
_ORDER = ("updated_at", "desc")
Place = Annotated[str, Path(max_length=64)]


@router.post("", response_model=ConversationDetail, status_code=201, responses=REFUSED)
def begin(body: ConversationIn, conversations: Conversations, numbers: Numbers, caller: Reader) -> ConversationDetail:
    """An empty one of one's own; POST /v1/query begins one with a question (`conversation`: "new")."""
    return _opened(conversations.create(caller.principal, body.title, body.matter), conversations, numbers, caller)[0]


@router.get("", response_model=ConversationList)
def list_conversations(
    conversations: Conversations,
    caller: Reader,
    access: Recorded,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = 50,
    after: Annotated[str, Query(max_length=400, description="The `next` of the page before.")] = "",
    matter: Annotated[Matter | None, Query(description="Only what is filed under this matter, in any case.")] = None,
    shared: Annotated[bool, Query(description="Instead, what others share with the caller, who may open it.")] = False,
) -> ConversationList:
    """One's own, last used first; or what is shared, as far as one may open it."""
    place = Cursor.read(after, *_ORDER).place if after else None
    if shared:
        found, total, last = conversations.shared(caller.principal, after=place, limit=limit)
    else:
        found, total, last = conversations.list(caller.principal, matter=matter, after=place, limit=limit)
    access.shows((), hits=total)
    told = [ConversationOut.of(one) for one in found]
    return ConversationList(conversations=told, total=total, next=Cursor(*_ORDER, last).written() if last else None)


@router.get("/{conversation_id}", response_model=ConversationDetail)
def conversation(
    conversation_id: Place, conversations: Conversations, numbers: Numbers, caller: Reader, access: Recorded
) -> ConversationDetail:
    """All its turns, oldest first. What the caller may not read all of is `answer` null for its owner, and absent for
    others, as is what goes on from it."""
    told, found = _opened(conversation_id, conversations, numbers, caller)
    access.shows(place for turn in found.turns if turn.kept for place in sorted(turn.kept.rests_on))
    return told


@router.get("/{conversation_id}/export", response_class=Response, responses=DOCUMENT)
async def export(
    conversation_id: Place,
    conversations: Conversations,
    exports: Exports,
    caller: Reader,
    access: Recorded,
    page: Page,
    format: Literal["docx", "md", "pdf"] = "docx",  # noqa: A002  as the address has it
) -> Response:
    """Its answers to read on paper, oldest first, each as GET /v1/answers/{audit_id}/export has it. What the caller may
    not read all of is absent."""

    def made() -> tuple[bytes, Sequence[tuple[str, int]]]:
        found = conversations.open(conversation_id, caller.principal)
        if found is None:
            raise NotFound
        ids = [turn.kept.audit_id for turn in found.turns if turn.kept]
        return exports.memo(ids, caller.principal, found.told.title, format, page)

    data, shown = await to_thread.run_sync(made, limiter=MAKING)
    access.shows(shown)
    return sent(data, FORMATS[format], f"conversation.{format}")


@router.patch("/{conversation_id}", response_model=ConversationDetail, responses=REFUSED)
def change(
    conversation_id: Place, body: ConversationChange, conversations: Conversations, numbers: Numbers, caller: Reader
) -> ConversationDetail:
    """Renames it, or files it under another matter."""
    if not conversations.change(conversation_id, caller.principal, title=body.title, matter=body.matter):
        raise NotFound
    return _opened(conversation_id, conversations, numbers, caller)[0]


@router.delete("/{conversation_id}", status_code=204)
def delete(conversation_id: Place, conversations: Conversations, caller: Reader) -> None:
    """At once and for good, also for those with whom it is shared. The audit trail keeps what was answered."""
    if not conversations.delete(conversation_id, caller.principal):
        raise NotFound


@router.put("/{conversation_id}/shares", response_model=ConversationDetail, responses=REFUSED)
def share(
    conversation_id: Place, body: ShareIn, conversations: Conversations, numbers: Numbers, caller: Reader
) -> ConversationDetail:
    """Shares it, or one turn, with these people and groups, and with no others from now on. It opens nothing that they
    may not read: each turn is theirs to see while they may read every version that it quotes or names."""
    number = WHOLE if body.turn is None else body.turn
    if not conversations.share(conversation_id, caller.principal, number, body.principals):
        raise NotFound
    return _opened(conversation_id, conversations, numbers, caller)[0]


@router.delete("/{conversation_id}/shares", status_code=204)
def unshare(
    conversation_id: Place,
    conversations: Conversations,
    caller: Reader,
    turn: Annotated[TurnNumber | None, Query(description="That turn alone, as it was shared alone.")] = None,
) -> None:
    """Shares the whole of it, or that turn, with nobody any more."""
    if not conversations.share(conversation_id, caller.principal, turn or WHOLE, ()):
        raise NotFound


def _opened(
    id_: str, conversations: stored.Conversations, numbers: Counting, caller: Identity
) -> tuple[ConversationDetail, stored.OpenConversation]:
    found = conversations.open(id_, caller.principal)
    if found is None:
        raise NotFound
    seen = numbers.of(caller.principal, documents_in(found.turns))
    return ConversationDetail.whole(found, seen), found
