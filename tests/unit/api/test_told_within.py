"""Questions of a conversation that wait in line go on from what may be opened when it is their turn."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from api.http.conversations import told_within
from generation.types import Answer, Event, FinalEvent, FollowUp, ModelCard, Status, Turn
from retrieval.types import EVERYTHING, Filter, Principal

BEFORE, NOW = Principal("ana", frozenset({"legal", "hr"})), Principal("ana", frozenset({"legal"}))


@dataclass(frozen=True)
class Earlier:
    number: int
    words: str


@dataclass
class Conversation:
    """Of which the second question needs the group hr, and a third comes while the next one waits."""

    added: list[Any] = field(default_factory=list)

    def earlier(self, id_: str, principal: Principal) -> Sequence[Earlier]:
        later = [] if principal == BEFORE else [Earlier(4, "And who signs?")]
        return [Earlier(3, "What is the rent?"), *later] if "hr" not in principal.groups else [
            Earlier(2, "What is the bonus?"), Earlier(3, "What is the rent?"), *later
        ]  # fmt: skip

    def add(self, id_: str, principal: Principal, audit_id: str, carried: Collection[int]) -> Turn:
        self.added.append((principal, list(carried)))
        return Turn(id_, 5)


class Waiting:
    """An answer that has waited, whose asker is asked for again."""

    async def stream(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        earlier: Sequence[str] = (),
        again: Any = None,
        strict: bool = False,
    ) -> AsyncGenerator[Event, None]:
        if again:
            again()
        follow_up = FollowUp(question, tuple(earlier), "asked") if earlier else None
        yield FinalEvent(Answer("", Status.ABSTAINED, (), (), ModelCard(*"gaerjps"), audit_id="1", follow_up=follow_up))


@pytest.mark.parametrize(("again", "carried"), [(lambda: NOW, [3]), (None, [2, 3])])
async def test_what_was_closed_meanwhile_is_not_gone_on_from(again: Any, carried: list[int]) -> None:
    kept: Any = Conversation()
    answers: Any = Waiting()
    (event,) = [one async for one in told_within(answers, kept, "it", "And who pays it?", BEFORE, again=again)]
    assert isinstance(event, FinalEvent)
    assert event.answer.follow_up is not None
    assert len(event.answer.follow_up.earlier) == len(carried)
    assert kept.added[0][1] == carried
