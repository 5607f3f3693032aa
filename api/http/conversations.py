"""What the routes use of conversations, and how a question is asked within one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from fastapi.concurrency import run_in_threadpool

from api.http.problems import NotFound
from generation.people import KeptAnswer
from generation.types import Answer, Event, FinalEvent, Turn
from retrieval.types import EVERYTHING, Filter, Principal

if TYPE_CHECKING:
    from api.http.parts import Again, Answers

WHOLE = 0  # in the place of a turn's number


class Conversation(Protocol):
    """`owner`: `user:NAME`; `title`, `matter`: "" where there is none."""

    @property
    def id(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def matter(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...
    @property
    def turns(self) -> int: ...


class OpenTurn(Protocol):
    """`kept` None: it cannot be opened (any more), as its owner alone is told. Versions have their stored numbers."""

    @property
    def number(self) -> int: ...
    @property
    def asked_at(self) -> datetime: ...
    @property
    def kept(self) -> KeptAnswer | None: ...


class OpenConversation(Protocol):
    """`shares`: with whom, by the turn's number, `WHOLE` for all of it; None for those with whom it is shared."""

    @property
    def told(self) -> Conversation: ...
    @property
    def turns(self) -> Sequence[OpenTurn]: ...
    @property
    def shares(self) -> Mapping[int, Sequence[str]] | None: ...


class Earlier(Protocol):
    @property
    def number(self) -> int: ...
    @property
    def words(self) -> str: ...


# How many in all, and the place of the last one if more follow.
Page = tuple[Sequence[Conversation], int, tuple[str, str] | None]


class Conversations(Protocol):
    """As a principal may see them, and change their own; None and False where there is none of theirs."""

    def list(self, principal: Principal, *, matter: str | None, after: tuple[str, str] | None, limit: int) -> Page: ...
    def shared(self, principal: Principal, *, after: tuple[str, str] | None, limit: int) -> Page: ...
    def open(self, id_: str, principal: Principal) -> OpenConversation | None: ...
    def create(self, principal: Principal, title: str = "", matter: str = "") -> str: ...
    def change(self, id_: str, principal: Principal, *, title: str | None, matter: str | None) -> bool: ...
    def delete(self, id_: str, principal: Principal) -> bool: ...
    def share(self, id_: str, principal: Principal, number: int, principals: Collection[str]) -> bool:
        """With these alone from now on. Raises `InvalidPrincipal` and `ShareIncomplete`."""
        ...

    def earlier(self, id_: str, principal: Principal) -> Sequence[Earlier] | None:
        """The last questions, oldest first; `id_` may be "new"."""
        ...

    def add(self, id_: str, principal: Principal, audit_id: str, carried: Sequence[int]) -> Turn | None:
        """Puts an answer at the end; None where the conversation was deleted meanwhile."""
        ...


async def told_within(
    answers: Answers,
    conversations: Conversations,
    id_: str,
    question: str,
    principal: Principal,
    as_of: date | None = None,
    only: Filter = EVERYTHING,
    again: Again | None = None,
    strict: bool = False,
) -> AsyncGenerator[Event, None]:
    """The events of an answer that goes on from the conversation (or begins one: "new"), and is kept in it once its
    record is closed; the last one tells where. Raises `NotFound` where there is no such own conversation.

    A kill before the last event leaves the record, and at most loses the turn.
    """
    found = await run_in_threadpool(conversations.earlier, id_, principal)
    if found is None:
        raise NotFound
    before = list(found)
    words = [one.words for one in before]  # which are read when it is the turn of the question

    def now() -> Principal:
        """What was closed to the asker while the question waited is not gone on from."""
        assert again is not None
        who = again()
        still = conversations.earlier(id_, who) or ()
        before[:] = [one for one in still if one in before]
        words[:] = [one.words for one in before]
        return who

    asked = (question, principal, as_of, only)
    events = answers.stream(*asked, earlier=words, again=now if again else None, strict=strict)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, FinalEvent):
                answer = event.answer
                went_on = len(answer.follow_up.earlier) if answer.follow_up else 0  # which are the last ones
                carried = [one.number for one in before[len(before) - went_on :]]
                turn = await run_in_threadpool(conversations.add, id_, principal, answer.audit_id, carried)
                event = FinalEvent(replace(answer, conversation=turn))
            yield event


async def answered_within(
    answers: Answers,
    conversations: Conversations,
    id_: str,
    question: str,
    principal: Principal,
    as_of: date | None = None,
    only: Filter = EVERYTHING,
    again: Again | None = None,
    strict: bool = False,
) -> Answer:
    """The same at once."""
    asked = (question, principal, as_of, only, again, strict)
    async with aclosing(told_within(answers, conversations, id_, *asked)) as events:
        async for event in events:
            if isinstance(event, FinalEvent):
                return event.answer
    raise AssertionError("the stream ended without a final event")
