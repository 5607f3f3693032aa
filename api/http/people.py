"""What the routes use of people, keys and sessions, whoever gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from api.http.auth import Sessions


class KeyRecord(Protocol):
    """`groups` None: whatever groups its user is synced in."""

    @property
    def id(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def groups(self) -> frozenset[str] | None: ...
    @property
    def scopes(self) -> frozenset[str]: ...
    @property
    def label(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def revoked_at(self) -> datetime | None: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def last_used_at(self) -> datetime | None: ...
    @property
    def expired(self) -> bool: ...
    @property
    def ends_soon(self) -> bool: ...


class Keys(Protocol):
    def list(self) -> Sequence[KeyRecord]: ...

    def create(
        self,
        user: str,
        groups: frozenset[str] | None,
        scopes: frozenset[str],
        label: str,
        *,
        expires_at: datetime | None,
        by: str,
    ) -> str:
        """The secret, `fn_ID_RANDOM`."""
        ...

    def rotate(
        self, key_id: str, *, grace: timedelta, expires_at: datetime | None, by: str
    ) -> tuple[str, datetime] | None:
        """The secret of a key's successor, and when the key itself ends; None if it is not valid any more."""
        ...

    def revoke(self, key_id: str, *, by: str) -> bool: ...


class SessionKeeper(Sessions, Protocol):
    def begin(
        self, way: str, user: str, groups: frozenset[str] | None, scopes: frozenset[str], *, key_id: str | None = None
    ) -> tuple[str, datetime]:
        """The new session's secret and when it ends."""
        ...

    def end(self, secret: str) -> bool: ...


class SignedIn(Protocol):
    """Who the identity provider says has signed in."""

    @property
    def user(self) -> str: ...
    @property
    def groups(self) -> frozenset[str]: ...


class Provider(Protocol):
    """The organisation's identity provider (OpenID Connect)."""

    def address(self, redirect_uri: str, *, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser."""
        ...

    def signed_in(self, answer: Mapping[str, str], redirect_uri: str, *, nonce: str, verifier: str) -> SignedIn:
        """What the provider has sent the browser back with, made good; raises `FootnoteError`."""
        ...


@dataclass(frozen=True, slots=True)
class SigningIn:
    """On the page. `secret` signs what a browser keeps while it is at the provider."""

    sessions: SessionKeeper
    provider: Provider | None
    secret: bytes


@dataclass(frozen=True, slots=True)
class PersonData:
    """Of a person, as the identity provider sends it."""

    user_name: str
    external_id: str | None
    active: bool
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GroupData:
    """Of a group; `members` are ids of people."""

    display_name: str
    external_id: str | None
    members: frozenset[str]


class PersonRecord(Protocol):
    """`groups`: id and display name of each."""

    @property
    def id(self) -> str: ...
    @property
    def user_name(self) -> str: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def active(self) -> bool: ...
    @property
    def attributes(self) -> Mapping[str, Any]: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def changed_at(self) -> datetime: ...
    @property
    def groups(self) -> Sequence[tuple[str, str]]: ...


class GroupRecord(Protocol):
    """`members`: id and user name of each."""

    @property
    def id(self) -> str: ...
    @property
    def display_name(self) -> str: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def changed_at(self) -> datetime: ...
    @property
    def members(self) -> Sequence[tuple[str, str]]: ...


class Directory(Protocol):
    """People and groups as they are synced. What is sought is given as columns and their values; `by` is who changes
    something. A function is given the present record and returns what is to be."""

    def people(self, wanted: Mapping[str, object], offset: int, limit: int) -> tuple[Sequence[PersonRecord], int]: ...
    def person(self, person_id: str) -> PersonRecord | None: ...
    def add_person(self, new: PersonData, by: str) -> PersonRecord: ...
    def change_person(
        self, person_id: str, changed: Callable[[PersonRecord], PersonData], by: str
    ) -> PersonRecord | None: ...
    def remove_person(self, person_id: str, by: str) -> bool: ...

    def groups(
        self, wanted: Mapping[str, object], offset: int, limit: int, *, members: bool = True
    ) -> tuple[Sequence[GroupRecord], int]: ...
    def group(self, group_id: str) -> GroupRecord | None: ...
    def add_group(self, new: GroupData, by: str) -> GroupRecord: ...
    def change_group(
        self, group_id: str, changed: Callable[[GroupRecord], GroupData], by: str
    ) -> GroupRecord | None: ...
    def remove_group(self, group_id: str, by: str) -> bool: ...
