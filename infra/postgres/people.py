"""People and groups as the identity provider syncs them. Every change is in the audit trail, and holds at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg.types.json import Jsonb

from infra.postgres.changes import Change, Trail, changing
from infra.postgres.errors import NameTaken, UnknownMember
from infra.postgres.pool import Connection, Pool, transaction
from infra.postgres.sql import SQL
from infra.postgres.walls import follow
from infra.postgres.writing import as_uuid
from retrieval.types import Principal, principal_token

T = TypeVar("T")
_ANY = dict.fromkeys(("id", "user_name", "external_id", "display_name", "active", "member"))


@dataclass(frozen=True, slots=True)
class Standing:
    """Who somebody is whom the identity provider has synced, and in which groups; who is not `active` may not act."""

    user: str
    active: bool
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Person:
    """`groups`: id and display name of each."""

    id: str
    user_name: str
    external_id: str | None
    active: bool
    attributes: Mapping[str, Any]
    created_at: datetime
    changed_at: datetime
    groups: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """`name` is that of access labels. `members`: id and user name of each."""

    id: str
    name: str
    display_name: str
    external_id: str | None
    created_at: datetime
    changed_at: datetime
    members: tuple[tuple[str, str], ...]


class PersonData(Protocol):
    @property
    def user_name(self) -> str: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def active(self) -> bool: ...
    @property
    def attributes(self) -> Mapping[str, Any]: ...


class GroupData(Protocol):
    """`members`: ids of people."""

    @property
    def display_name(self) -> str: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def members(self) -> frozenset[str]: ...


class PostgresPeople:
    """What is asked for is given as columns and their values: `people({"user_name": "ana"}, 0, 10)`. Names of users and
    groups are compared without case. `by` is who changes something, as the audit trail has it."""

    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._trail = trail

    def standing(self, user: str) -> Standing | None:
        """By the user name, by the identity provider's id, or by an earlier one of either; None if never synced."""
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["find_standing"], {"user": user}).fetchone()
        return None if row is None else Standing(row[0], row[1], frozenset(row[2]))

    def people(self, wanted: Mapping[str, object], offset: int, limit: int) -> tuple[tuple[Person, ...], int]:
        """One page, oldest first, and how many there are in all."""
        asked = {**_ANY, **wanted}
        with transaction(self._pool) as conn:
            rows = _people(conn, asked | {"offset": offset, "limit": limit})
            total = conn.execute(SQL["count_people"], asked).fetchone()
        assert total is not None
        return tuple(rows), total[0]

    def everybody(self) -> tuple[Person, ...]:
        with transaction(self._pool) as conn:
            return tuple(_people(conn, _ANY | {"offset": 0, "limit": None}))

    def person(self, person_id: str) -> Person | None:
        with transaction(self._pool) as conn:
            return _person(conn, person_id)

    def add_person(self, new: PersonData, by: str) -> Person:
        """Raises `NameTaken` and `InvalidPrincipal`."""
        id_ = uuid.uuid4()
        with self._changing(new.user_name) as change:
            row = _columns(new) | {"id": id_}
            change.conn.execute(SQL["add_person"], row)
            earlier = [name for (name,) in change.conn.execute(SQL["earlier_accounts"], row)]
            walled = follow(change.conn, (new.external_id, *earlier), "user", new.user_name)
            told = {"user_name": new.user_name, "active": new.active, "walled": walled}
            change.record("add_person", by, person_id=str(id_), **told)
            return _known(_person(change.conn, str(id_)))

    def change_person(self, person_id: str, changed: Callable[[Person], PersonData], by: str) -> Person | None:
        """Whoever is deactivated or renamed is signed out. None if there is no such person."""
        with self._changing() as change:
            if change.conn.execute(SQL["lock_person"], {"id": as_uuid(person_id)}).fetchone() is None:
                return None
            old = _known(_person(change.conn, person_id))
            new = changed(old)
            told = {
                name: getattr(new, name)
                for name in ("user_name", "external_id", "active")
                if getattr(new, name) != getattr(old, name)
            }
            if not told and new.attributes == old.attributes:
                return old
            row = _columns(new) | {"id": as_uuid(person_id), "former": _former(old, new)}
            change.conn.execute(SQL["change_person"], row)
            if told.keys() & {"user_name", "external_id"}:
                names = (old.user_name, old.external_id, new.external_id)
                told["walled"] = follow(change.conn, names, "user", new.user_name)
            if new.user_name != old.user_name or not new.active:
                _sign_out(change.conn, old)
            if said := _said_otherwise(old.attributes, new.attributes):
                told["attributes"] = said
            change.record("change_person", by, person_id=person_id, was=old.user_name, **told)
            return _known(_person(change.conn, person_id))

    def remove_person(self, person_id: str, by: str) -> bool:
        """Credentials of theirs that are still out open nothing, until they are synced anew."""
        with self._changing() as change:
            old = _person(change.conn, person_id)
            if old is None:
                return False
            change.conn.execute(SQL["remove_person"], {"id": as_uuid(person_id)})
            change.conn.execute(SQL["leave_groups"], {"id": as_uuid(person_id)})
            _sign_out(change.conn, old)
            change.record("remove_person", by, person_id=person_id, user_name=old.user_name)
        return True

    def groups(
        self, wanted: Mapping[str, object], offset: int, limit: int, *, members: bool = True
    ) -> tuple[tuple[Group, ...], int]:
        """As `people`; `member` in `wanted` is the id of a person. Without `members` these are not read."""
        asked = {**_ANY, **wanted}
        with transaction(self._pool) as conn:
            rows = _groups(conn, asked | {"offset": offset, "limit": limit, "members": members})
            total = conn.execute(SQL["count_groups"], asked).fetchone()
        assert total is not None
        return tuple(rows), total[0]

    def group(self, group_id: str) -> Group | None:
        with transaction(self._pool) as conn:
            return _group(conn, group_id)

    def add_group(self, new: GroupData, by: str) -> Group:
        """Raises `NameTaken`, `InvalidPrincipal` and `UnknownMember`."""
        id_, name = uuid.uuid4(), group_name(new.display_name)
        with self._changing(new.display_name) as change:
            row = {"id": id_, "name": name, "display_name": new.display_name, "external_id": new.external_id}
            change.conn.execute(SQL["add_group"], row)
            added = _move(change.conn, SQL["add_members"], id_, new.members)
            walled = follow(change.conn, (), "group", name)
            change.record("add_group", by, group_id=str(id_), name=name, added=added, walled=walled)
            return _known(_group(change.conn, str(id_)))

    def change_group(self, group_id: str, changed: Callable[[Group], GroupData], by: str) -> Group | None:
        with self._changing() as change:
            id_ = as_uuid(group_id)
            if change.conn.execute(SQL["lock_group"], {"id": id_}).fetchone() is None:
                return None
            old = _known(_group(change.conn, group_id))
            new = changed(old)
            name, before = group_name(new.display_name), frozenset(member for member, _ in old.members)
            if (new.display_name, new.external_id, new.members) == (old.display_name, old.external_id, before):
                return old
            row = {"id": id_, "name": name, "display_name": new.display_name, "external_id": new.external_id}
            change.conn.execute(SQL["change_group"], row)
            removed = _move(change.conn, SQL["remove_members"], id_, before - new.members)
            added = _move(change.conn, SQL["add_members"], id_, new.members - before)
            told = {"name": name, "was": old.name, "added": added, "removed": removed}
            if name != old.name:
                told["walled"] = follow(change.conn, (old.name,), "group", name)
            change.record("change_group", by, group_id=group_id, **told)
            return _known(_group(change.conn, group_id))

    def remove_group(self, group_id: str, by: str) -> bool:
        with self._changing() as change:
            old = _group(change.conn, group_id)
            if old is None:
                return False
            change.conn.execute(SQL["remove_group"], {"id": as_uuid(group_id)})
            change.record("remove_group", by, group_id=group_id, name=old.name, removed=[n for _, n in old.members])
        return True

    @contextmanager
    def _changing(self, name: str = "") -> Iterator[Change]:
        try:
            with changing(self._pool, self._trail) as change:
                yield change
        except psycopg.errors.UniqueViolation as error:
            if error.diag.constraint_name == "people_living_external_id":
                raise NameTaken("This externalId is that of another user: remove or change that one first.") from error
            taken = f"{name!r}" if name else "This name"
            raise NameTaken(f"{taken} is taken: there is somebody or a group of that name already.") from error


def group_name(display_name: str) -> str:
    """As access labels have it: spaces become hyphens. Raises `InvalidPrincipal`."""
    name = "-".join(display_name.split())
    return principal_token(f"group:{name}").removeprefix("group:")


def _columns(new: PersonData) -> dict[str, object]:
    return {
        "user_name": Principal(new.user_name).user,
        "external_id": new.external_id,
        "active": new.active,
        "attributes": Jsonb(dict(new.attributes)),
    }


def _former(old: Person, new: PersonData) -> list[str]:
    """What they are no longer called, lower case: a credential may still say so."""
    names = ((old.user_name, new.user_name), (old.external_id, new.external_id))
    return [before.lower() for before, now in names if before and before.lower() != (now or "").lower()]


def _said_otherwise(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Names of the attributes that changed."""
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _people(conn: Connection, asked: Mapping[str, object]) -> list[Person]:
    return [
        Person(*(*columns, tuple((id_, name) for id_, name in groups)))
        for *columns, groups in conn.execute(SQL["list_people"], asked)
    ]


def _groups(conn: Connection, asked: Mapping[str, object]) -> list[Group]:
    return [
        Group(*(*columns, tuple((id_, name) for id_, name in members)))
        for *columns, members in conn.execute(SQL["list_groups"], asked)
    ]


def _person(conn: Connection, person_id: str) -> Person | None:
    id_ = as_uuid(person_id)
    return next(iter(_people(conn, _ANY | {"id": id_, "offset": 0, "limit": 1})), None) if id_ else None


def _group(conn: Connection, group_id: str) -> Group | None:
    id_ = as_uuid(group_id)
    asked = _ANY | {"id": id_, "offset": 0, "limit": 1, "members": True}
    return next(iter(_groups(conn, asked)), None) if id_ else None


def _known(row: T | None) -> T:
    assert row is not None
    return row


def _sign_out(conn: Connection, person: Person) -> None:
    names = [name.lower() for name in (person.user_name, person.external_id) if name]
    conn.execute(SQL["end_sessions_of"], {"users": names})


def _move(conn: Connection, how: bytes, group_id: object, ids: frozenset[str]) -> list[str]:
    """Adds or removes these people; returns their user names. Raises `UnknownMember`."""
    names: dict[str, str] = {}
    if ids:
        people = [as_uuid(member) for member in ids]
        names = dict(conn.execute(SQL["names_of_people"], {"people": people}).fetchall())
        if unknown := sorted(ids - names.keys()):
            raise UnknownMember(
                f"There is nobody with the id {unknown[0]!r}. Create the user before adding it to a group."
            )
        conn.execute(how, {"id": group_id, "people": people})
    return sorted(names.values())
