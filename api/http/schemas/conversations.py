"""Conversations: what is told of them, and what may be changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from api.http import conversations
from api.http.numbers import documents_of, numbered_answer, numbered_change
from api.http.schemas.values import LINE, MAX_NUMBER, whole
from generation.people import Changed
from generation.types import Answer, FollowUp
from ingest.types import NAME
from retrieval.types import EVERYTHING, Filter, Numbering

Title = Annotated[str, Field(max_length=200, pattern=LINE), AfterValidator(str.strip)]
Matter = Annotated[str, Field(max_length=100, pattern=LINE), AfterValidator(str.strip)]
# `principal_token` says what is wrong with one.
Whom = Annotated[str, Field(json_schema_extra={"pattern": f"^(user|group):{NAME}$"})]
TurnNumber = Annotated[int, Field(ge=1, le=MAX_NUMBER)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, asked: Any) -> Any:
        return whole(asked)


class ConversationIn(_Asked):
    title: Title = ""
    matter: Matter = ""


class ConversationChange(_Asked):
    """What is left out stays. A title "" is the first question again."""

    title: Title | None = None
    matter: Matter | None = None


class ShareIn(_Asked):
    """`turn` null: the whole conversation, with what is asked in it later."""

    principals: Annotated[list[Whom], Field(max_length=200)]
    turn: TurnNumber | None = None


class ShareOut(BaseModel):
    turn: int | None
    principals: list[str]


class ConversationOut(BaseModel):
    """`title`: what its owner calls it, or else its first question, shortened; "" where that cannot be opened. For whom
    it is shared with it is always the first question that they may open, and `matter` is "". `turns`: those that are
    told of."""

    id: str
    owner: str
    title: str
    matter: str
    created_at: datetime
    updated_at: datetime
    turns: int

    @classmethod
    def of(cls, one: conversations.Conversation) -> Self:
        return cls.model_validate(one, from_attributes=True)


class ConversationList(BaseModel):
    """Last used first. `total`: how many there are on all pages; `next`: what to ask for as `after` to see more."""

    conversations: list[ConversationOut]
    total: int
    next: str | None = None


class NarrowedOut(BaseModel):
    """What a question was narrowed to, as its asker put it; what is empty or null narrows nothing. `documents`: ids."""

    documents: list[str] = []
    kinds: list[str] = []
    groups: list[str] = []
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, only: Filter) -> Self | None:
        """None where nothing narrows."""
        if only == EVERYTHING:
            return None
        lists = {name: sorted(getattr(only, name) or ()) for name in ("documents", "kinds", "groups")}
        return cls(**lists, since=only.since, until=only.until)


class TurnOut(BaseModel):
    """`question`: as it was typed; `asked`: as it was asked, where `follow_up` tells what it was put together from.
    `answer` null: it cannot be opened (any more): the caller may not read all that it quotes or names, or what this
    goes on from, or it is not kept any more. `changed`: what has become since of the versions that it quotes or
    names. `narrowed`: what it was narrowed to, told to who asked alone."""

    number: int
    asked_at: datetime
    question: str | None
    asked: str | None
    follow_up: FollowUp | None
    as_of: date | None
    answer: Answer | None
    changed: list[Changed] = []
    narrowed: NarrowedOut | None = None

    @classmethod
    def of(cls, turn: conversations.OpenTurn, seen: Numbering, *, own: bool) -> Self:
        """`seen`: as whoever looks counts versions; `own`: it was they who asked."""
        kept = turn.kept
        if kept is None:
            nothing = dict.fromkeys(("question", "asked", "follow_up", "as_of", "answer"))
            return cls.model_validate({"number": turn.number, "asked_at": turn.asked_at, **nothing})
        return cls(
            number=turn.number,
            asked_at=kept.asked_at,
            question=kept.follow_up.words if kept.follow_up else kept.question,
            asked=kept.question,
            follow_up=kept.follow_up,
            as_of=kept.as_of,
            answer=numbered_answer(kept.answer, seen),
            changed=[numbered_change(one, seen) for one in kept.changed],
            narrowed=NarrowedOut.of(kept.only) if own else None,
        )


class ConversationDetail(ConversationOut):
    """`shares`: with whom, told to its owner alone."""

    history: list[TurnOut]
    shares: list[ShareOut]

    @classmethod
    def whole(cls, one: conversations.OpenConversation, seen: Numbering) -> Self:
        shares = [
            ShareOut(turn=number or None, principals=list(principals))
            for number, principals in sorted((one.shares or {}).items())
        ]
        told = ConversationOut.of(one.told).model_dump()
        own = one.shares is not None
        return cls(**told, history=[TurnOut.of(turn, seen, own=own) for turn in one.turns], shares=shares)


def documents_in(turns: Sequence[conversations.OpenTurn]) -> set[str]:
    kept = [turn.kept for turn in turns if turn.kept]
    return {id_ for one in kept for id_ in documents_of(one.answer)} | {id_ for one in kept for id_, _ in one.rests_on}
