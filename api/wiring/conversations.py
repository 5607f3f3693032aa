"""Conversations as somebody may see them: each turn is opened again out of the trail, or is not there.

Its owner is told of a turn that cannot be opened (any more), without a word of it. For whoever it is shared with, only
what they may open exists: turns are counted and titles made from these alone, so that nothing tells of others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Protocol

from api.wiring.kept import told_to_others
from generation.people import KeptAnswer
from generation.types import Turn
from retrieval.types import Principal, principal_token
from retrieval.understanding.follow_ups import MOST_CARRIED
from retrieval.understanding.words import shown

NEW = "new"  # in the place of an id: a conversation that begins with the answer
_TITLE_CHARS = 80
WHOLE = 0


class StoredConversation(Protocol):
    @property
    def id(self) -> str: ...
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
    @property
    def first(self) -> str | None: ...


class StoredTurn(Protocol):
    @property
    def number(self) -> int: ...
    @property
    def audit_id(self) -> str: ...
    @property
    def carried(self) -> tuple[int, ...]: ...
    @property
    def added_at(self) -> datetime: ...


class SharedTurns(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def turns(self) -> Sequence[StoredTurn]: ...


class Store(Protocol):
    """`infra.postgres.conversations.PostgresConversations`."""

    def list(
        self, owner: str, *, matter: str | None, after: tuple[str, str] | None, limit: int
    ) -> tuple[Sequence[StoredConversation], int]: ...
    def find(self, id_: str, owner: str) -> tuple[StoredConversation, Sequence[StoredTurn]] | None: ...
    def shares(self, id_: str) -> Mapping[int, tuple[str, ...]]: ...
    def shared_with(self, reader: str, tokens: Iterable[str], id_: str | None = None) -> Sequence[SharedTurns]: ...
    def sharing(self, reader: str, tokens: Iterable[str], audit_id: str) -> Sequence[SharedTurns]: ...
    def create(self, owner: str, title: str, matter: str) -> str: ...
    def add(self, id_: str | None, owner: str, audit_id: str, carried: Sequence[int]) -> tuple[str, int] | None: ...
    def change(self, id_: str, owner: str, *, title: str | None, matter: str | None) -> bool: ...
    def delete(self, id_: str, owner: str) -> bool: ...
    def share(self, id_: str, owner: str, number: int, principals: Iterable[str]) -> bool: ...


class Kept(Protocol):
    """`api.wiring.kept.KeptAnswers`."""

    def find_all(self, audit_ids: Collection[str]) -> Mapping[str, KeptAnswer]: ...
    def readable(self, kept: Sequence[KeptAnswer], principal: Principal) -> Sequence[KeptAnswer]: ...


@dataclass(frozen=True, slots=True)
class Conversation:
    """As a list has it. `owner`: `user:NAME`; `title`: "" where its question cannot be opened."""

    id: str
    owner: str
    title: str
    matter: str
    created_at: datetime
    updated_at: datetime
    turns: int


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """`kept` None: it cannot be opened (any more)."""

    number: int
    asked_at: datetime
    kept: KeptAnswer | None


@dataclass(frozen=True, slots=True)
class OpenConversation:
    """`shares`: with whom, by the turn's number, 0 for all of it; None for whom it is shared with."""

    told: Conversation
    turns: tuple[OpenTurn, ...]
    shares: Mapping[int, tuple[str, ...]] | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question as it was typed, and the number of its turn."""

    number: int
    words: str


@dataclass(frozen=True, slots=True)
class Conversations:
    """Everything raises `DatabaseUnavailable`, and changes `AuditUnavailable`."""

    store: Store
    kept: Kept

    # What there is

    def list(
        self, principal: Principal, *, matter: str | None = None, after: tuple[str, str] | None = None, limit: int = 50
    ) -> tuple[tuple[Conversation, ...], int, tuple[str, str] | None]:
        """Own ones, last used first, how many in all, and the place of the last one if more follow."""
        found, total = self.store.list(_owner(principal), matter=matter, after=after, limit=limit + 1)
        page = found[:limit]
        first = self.kept.find_all([one.first for one in page if one.first and not one.title])
        open_ = {one.audit_id: one for one in self.kept.readable(list(first.values()), principal)}
        told = tuple(_own(one, principal, open_.get(one.first or "")) for one in page)
        return told, total, _last(found, limit)

    def shared(
        self, principal: Principal, *, after: tuple[str, str] | None = None, limit: int = 50
    ) -> tuple[tuple[Conversation, ...], int, tuple[str, str] | None]:
        """As `list`, of what others share with the principal. Order and count follow from what they may open."""
        shared = self.store.shared_with(_owner(principal), principal.tokens)
        found = self.kept.find_all([turn.audit_id for one in shared for turn in one.turns])
        seen = [seen.told for one in shared if (seen := self._seen(one, principal, found))]
        seen.sort(key=_place, reverse=True)
        since = (datetime.fromisoformat(after[0]), after[1]) if after else None
        page = [one for one in seen if since is None or _place(one) < since]
        return tuple(page[:limit]), len(seen), _last(page, limit)

    def open(self, id_: str, principal: Principal) -> OpenConversation | None:
        """An own one, or what is shared of another's; None where there is none, or nothing of it may be opened."""
        found = self.store.find(id_, _owner(principal))
        if found is None:
            shared = self.store.shared_with(_owner(principal), principal.tokens, id_)
            return self._seen(shared[0], principal, self._found(shared[0].turns)) if shared else None
        stored, turns = found
        open_ = self._open(turns, principal, self._found(turns))
        told = _own(stored, principal, open_.get(1))
        each = tuple(OpenTurn(turn.number, turn.added_at, open_.get(turn.number)) for turn in turns)
        return OpenConversation(told, each, self.store.shares(id_))

    def earlier(self, id_: str, principal: Principal) -> tuple[Earlier, ...] | None:
        """The last questions of an own conversation, oldest first, back to the first that cannot be opened; None where
        there is no such conversation."""
        if id_ == NEW:
            return ()
        found = self.store.find(id_, _owner(principal))
        if found is None:
            return None
        turns = found[1]
        wanted = _with_carried(turns[-MOST_CARRIED:], turns)
        open_ = self._open(wanted, principal, self._found(wanted))
        last = takewhile(lambda turn: turn.number in open_, reversed(turns[-MOST_CARRIED:]))
        return tuple(Earlier(turn.number, typed(open_[turn.number])) for turn in last)[::-1]

    def opens(self, audit_id: str, principal: Principal) -> bool:
        """Whether an answer is shared with the principal, in a conversation that they may open it in: with all that it
        goes on from there."""
        shared = self.store.sharing(_owner(principal), principal.tokens, audit_id)
        found = self._found([turn for one in shared for turn in one.turns])
        open_ = (kept for one in shared for kept in self._open(one.turns, principal, found).values())
        return any(kept.audit_id == audit_id for kept in open_)

    def shared_answers(self, principal: Principal) -> tuple[str, ...]:
        """The ids of all answers that others share with the principal, whether they may open them or not."""
        shared = self.store.shared_with(_owner(principal), principal.tokens)
        return tuple(dict.fromkeys(turn.audit_id for one in shared for turn in one.turns))

    # What changes

    def create(self, principal: Principal, title: str = "", matter: str = "") -> str:
        return self.store.create(_owner(principal), title, matter)

    def add(self, id_: str, principal: Principal, audit_id: str, carried: Sequence[int]) -> Turn | None:
        """None where the conversation was deleted meanwhile."""
        place = self.store.add(None if id_ == NEW else id_.lower(), _owner(principal), audit_id, carried)
        return Turn(*place) if place else None

    def change(self, id_: str, principal: Principal, *, title: str | None = None, matter: str | None = None) -> bool:
        return self.store.change(id_, _owner(principal), title=title, matter=matter)

    def delete(self, id_: str, principal: Principal) -> bool:
        return self.store.delete(id_, _owner(principal))

    def share(self, id_: str, principal: Principal, number: int, principals: Collection[str]) -> bool:
        """Raises `InvalidPrincipal`, and `ShareIncomplete`."""
        return self.store.share(id_, _owner(principal), number, [principal_token(one) for one in principals])

    # Who may open what

    def _found(self, turns: Sequence[StoredTurn]) -> Mapping[str, KeptAnswer]:
        return self.kept.find_all([turn.audit_id for turn in turns])

    def _seen(
        self, shared: SharedTurns, principal: Principal, found: Mapping[str, KeptAnswer]
    ) -> OpenConversation | None:
        """As it is for whom it is shared with: its owner's title and matter, and other turns, are none of it."""
        open_ = self._open(shared.turns, principal, found)
        if not open_:
            return None
        kept = [_for_others(one) for _, one in sorted(open_.items())]
        turns = tuple(OpenTurn(number, one.asked_at, one) for number, one in enumerate(kept, 1))
        title, first, last = _title(kept[0]), kept[0].asked_at, kept[-1].asked_at
        return OpenConversation(Conversation(shared.id, shared.owner, title, "", first, last, len(turns)), turns, None)

    def _open(
        self, turns: Sequence[StoredTurn], principal: Principal, found: Mapping[str, KeptAnswer]
    ) -> dict[int, KeptAnswer]:
        """By number, those of these turns that may be opened, with all that they go on from: they repeat its words."""
        own = [found[turn.audit_id] for turn in turns if turn.audit_id in found]
        readable = {one.audit_id: one for one in self.kept.readable(own, principal)}
        open_: dict[int, KeptAnswer] = {}
        for turn in turns:
            if turn.audit_id in readable and all(number in open_ for number in turn.carried):
                open_[turn.number] = readable[turn.audit_id]
        return open_


def typed(kept: KeptAnswer) -> str:
    """The question in the asker's own words."""
    return kept.follow_up.words if kept.follow_up else kept.question


def _for_others(kept: KeptAnswer) -> KeptAnswer:
    return replace(kept, answer=told_to_others(kept.answer))


def _owner(principal: Principal) -> str:
    return principal.owner


def _own(stored: StoredConversation, principal: Principal, first: KeptAnswer | None) -> Conversation:
    title = stored.title or (_title(first) if first else "")
    times = stored.created_at, stored.updated_at
    return Conversation(stored.id, _owner(principal), title, stored.matter, *times, stored.turns)


def _title(kept: KeptAnswer) -> str:
    return shown(typed(kept), _TITLE_CHARS)


def _place(one: Conversation | StoredConversation) -> tuple[datetime, str]:
    return one.updated_at, one.id


def _last(found: Sequence[Conversation | StoredConversation], limit: int) -> tuple[str, str] | None:
    """The place of the last one of a page, if more follow."""
    return (found[limit - 1].updated_at.isoformat(), found[limit - 1].id) if len(found) > limit else None


def _with_carried(wanted: Sequence[StoredTurn], turns: Sequence[StoredTurn]) -> list[StoredTurn]:
    """With all that they go on from, in order."""
    by_number = {turn.number: turn for turn in turns}
    found = {turn.number: turn for turn in wanted}
    waiting = list(wanted)
    while waiting:
        for number in waiting.pop().carried:
            if number not in found:
                found[number] = by_number[number]
                waiting.append(by_number[number])
    return [found[number] for number in sorted(found)]
