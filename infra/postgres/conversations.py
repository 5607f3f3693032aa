"""Conversations: which answers of the trail belong together, what their owner calls them, with whom they are shared.

Every change is in the trail, in the same transaction. What of it somebody may open is not told here.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.postgres.changes import Change, Trail, changing
from infra.postgres.errors import ShareIncomplete
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from infra.postgres.writing import as_uuid

WHOLE = 0  # in the place of a turn's number


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """`title`, `matter`: "" where the owner has given none. `first`: the audit id of the first turn."""

    id: str
    owner: str
    title: str
    matter: str
    created_at: datetime
    updated_at: datetime
    turns: int
    first: str | None


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """`carried`: the numbers of earlier turns whose questions this one was put together with."""

    number: int
    audit_id: str
    carried: tuple[int, ...]
    added_at: datetime


@dataclass(frozen=True, slots=True)
class SharedTurns:
    """Those of a conversation that are shared with somebody, whether they may read them or not."""

    id: str
    owner: str
    turns: tuple[StoredTurn, ...]


class PostgresConversations:
    """`owner` is `user:NAME`; of somebody else's conversation is said what is said of one that is not there."""

    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool, self._trail = pool, trail

    def list(
        self, owner: str, *, matter: str | None = None, after: tuple[str, str] | None = None, limit: int = 50
    ) -> tuple[tuple[StoredConversation, ...], int]:
        """Those of the owner, last used first, after the one at that place (time, id); and how many there are."""
        at, last = after or (None, None)
        asked = {"owner": owner, "id": None, "matter": matter, "at": at, "last": last and as_uuid(last), "limit": limit}
        with transaction(self._pool) as conn:
            rows = conn.execute(SQL["read_conversations"], asked).fetchall()
            ((total,),) = conn.execute(SQL["count_conversations"], asked).fetchall()
        return tuple(StoredConversation(*row) for row in rows), total

    def find(self, id_: str, owner: str) -> tuple[StoredConversation, tuple[StoredTurn, ...]] | None:
        """With all its turns."""
        asked: dict[str, Any] = {"owner": owner, "id": as_uuid(id_), "matter": None, "at": None, "last": None}
        if asked["id"] is None:
            return None
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["read_conversations"], asked | {"limit": 1}).fetchone()
            turns = conn.execute(SQL["conversation_turns"], asked).fetchall()
        return (StoredConversation(*row), tuple(_turn(*turn) for turn in turns)) if row else None

    def shares(self, id_: str) -> dict[int, tuple[str, ...]]:
        """With whom, by the turn's number, `WHOLE` for all of it."""
        found: dict[int, tuple[str, ...]] = {}
        with transaction(self._pool) as conn:
            for number, principal in conn.execute(SQL["conversation_shares"], {"id": as_uuid(id_)}):
                found[number] = (*found.get(number, ()), principal)
        return found

    def shared_with(self, reader: str, tokens: Iterable[str], id_: str | None = None) -> tuple[SharedTurns, ...]:
        """What others share with the bearer of these tokens, of all conversations or this one, in no order."""
        place = None if id_ is None else as_uuid(id_)
        if id_ is not None and place is None:
            return ()
        return self._shared(SQL["shared_turns"], {"owner": reader, "tokens": sorted(tokens), "id": place})

    def sharing(self, reader: str, tokens: Iterable[str], audit_id: str) -> tuple[SharedTurns, ...]:
        """In which conversations others share this answer with the bearer of these tokens: its turn, and as far as they
        are shared those that it goes on from."""
        answer = as_uuid(audit_id)
        if answer is None:
            return ()
        return self._shared(
            SQL["turns_of_shared_answer"], {"owner": reader, "tokens": sorted(tokens), "audit_id": answer}
        )

    def _shared(self, query: bytes, asked: Mapping[str, Any]) -> tuple[SharedTurns, ...]:
        found: dict[tuple[str, str], list[StoredTurn]] = {}
        with transaction(self._pool) as conn:
            for conversation, owner, *turn in conn.execute(query, asked):
                found.setdefault((conversation, owner), []).append(_turn(*turn))
        return tuple(SharedTurns(*whose, tuple(turns)) for whose, turns in found.items())

    def create(self, owner: str, title: str, matter: str) -> str:
        with changing(self._pool, self._trail) as change:
            return _created(change, owner, title, matter)

    def add(self, id_: str | None, owner: str, audit_id: str, carried: Sequence[int]) -> tuple[str, int] | None:
        """Puts an answer at its end, or at the beginning of a new one; conversation and number, or None where that is
        gone."""
        with changing(self._pool, self._trail) as change:
            if id_ is None:
                id_ = _created(change, owner, "", "")
            place = {"id": as_uuid(id_), "owner": owner}
            if change.conn.execute(SQL["lock_conversation"], place).fetchone() is None:
                return None
            row = place | {"audit_id": as_uuid(audit_id), "carried": list(carried)}
            ((number,),) = change.conn.execute(SQL["add_conversation_answer"], row).fetchall()
            change.conn.execute(SQL["touch_conversation"], place)
            change.record("add_turn", owner, conversation=id_, turn=number, audit_id=audit_id)
        return id_, number

    def change(self, id_: str, owner: str, *, title: str | None = None, matter: str | None = None) -> bool:
        """None: as it was. False if there is none."""
        with changing(self._pool, self._trail) as change:
            place = {"id": as_uuid(id_), "owner": owner}
            row = change.conn.execute(SQL["lock_conversation"], place).fetchone()
            if row is None:
                return False
            told = {"title": title, "matter": matter}
            new = {name: old if said is None else said for (name, said), old in zip(told.items(), row, strict=True)}
            change.conn.execute(SQL["change_conversation"], place | new)
            change.record("change_conversation", owner, conversation=id_.lower(), **new)
        return True

    def delete(self, id_: str, owner: str) -> bool:
        """For good; its answers stay in the trail. False if there is none."""
        with changing(self._pool, self._trail) as change:
            place = {"id": as_uuid(id_), "owner": owner}
            if change.conn.execute(SQL["lock_conversation"], place).fetchone() is None:
                return False
            change.conn.execute(SQL["delete_conversation"], place)
            change.record("delete_conversation", owner, conversation=id_.lower())
        return True

    def share(self, id_: str, owner: str, number: int, principals: Iterable[str]) -> bool:
        """That turn, or `WHOLE`, with these alone from now on; False if there is none. Raises `ShareIncomplete`."""
        wanted = sorted(set(principals))
        with changing(self._pool, self._trail) as change:
            place = {"id": as_uuid(id_), "owner": owner, "number": number, "principals": wanted}
            if change.conn.execute(SQL["lock_conversation"], place).fetchone() is None:
                return False
            turns = [_turn(*row) for row in change.conn.execute(SQL["conversation_turns"], place)]
            known = {turn.number: turn for turn in turns}
            if number != WHOLE and number not in known:
                return False
            if number != WHOLE and wanted:
                shares = change.conn.execute(SQL["conversation_shares"], place).fetchall()
                _check_carried(known[number], shares, wanted)
            before = sorted(one for (one,) in change.conn.execute(SQL["unshare_conversation"], place))
            change.conn.execute(SQL["share_conversation"], place)
            if before != wanted:
                told = {"conversation": id_.lower(), "turn": number or None, "shared_with": wanted, "before": before}
                change.record("share_conversation", owner, **told)
        return True


def _created(change: Change, owner: str, title: str, matter: str) -> str:
    id_ = str(uuid.uuid4())
    row = {"id": as_uuid(id_), "owner": owner, "title": title, "matter": matter}
    change.conn.execute(SQL["add_conversation"], row)
    change.record("create_conversation", owner, conversation=id_, title=title, matter=matter)
    return id_


def _check_carried(turn: StoredTurn, shares: Sequence[tuple[int, str]], wanted: Sequence[str]) -> None:
    """A turn shows words of those that it goes on from. Raises `ShareIncomplete`."""
    for number in turn.carried:
        seeing = {principal for shared, principal in shares if shared in {WHOLE, number}}
        if lacking := [one for one in wanted if one not in seeing]:
            raise ShareIncomplete(
                f"Turn {turn.number} goes on from turn {number}, whose words it repeats: share turn {number} with "
                f"{lacking[0]} first, or the whole conversation."
            )


def _turn(number: int, audit_id: str, carried: Sequence[int], added_at: datetime) -> StoredTurn:
    return StoredTurn(number, audit_id, tuple(carried), added_at)
