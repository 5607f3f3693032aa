"""Who is asking, from the credential alone: an API key, a JWT (RFC 7519) or the session of the web page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from ingest.errors import NotAllowed, NotAuthenticated
from ingest.types import Author
from retrieval.errors import InvalidPrincipal
from retrieval.types import EVERYONE, Principal

READ, WRITE, ADMIN, AUDIT, SCIM = "read", "write", "admin", "audit", "scim"
REVIEW = "admin or audit"  # either
ALL_SCOPES = (READ, WRITE, ADMIN, AUDIT, SCIM)


class Key(Protocol):
    """Whom a key speaks for; `groups` None: in whatever groups its user is synced."""

    @property
    def id(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def groups(self) -> frozenset[str] | None: ...
    @property
    def scopes(self) -> frozenset[str]: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def expired(self) -> bool: ...


class ApiKeys(Protocol):
    def lookup(self, secret: str) -> Key | None: ...


class Tokens(Protocol):
    """Access tokens of the organisation's identity provider."""

    def read(self, token: str) -> tuple[str, frozenset[str], frozenset[str], datetime]:
        """User, groups, scopes and its end; raises `NotAuthenticated`."""
        ...


class Session(Protocol):
    """Who is signed in, and how: `demo`, `key` or `oidc`; `until`: when the key ends that it was begun with."""

    @property
    def way(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def groups(self) -> frozenset[str] | None: ...
    @property
    def scopes(self) -> frozenset[str]: ...
    @property
    def until(self) -> datetime | None: ...


class Sessions(Protocol):
    def find(self, secret: str) -> Session | None: ...


class Standing(Protocol):
    """What the identity provider has synced of somebody."""

    @property
    def user(self) -> str: ...
    @property
    def active(self) -> bool: ...
    @property
    def groups(self) -> frozenset[str]: ...


class People(Protocol):
    def standing(self, user: str) -> Standing | None:
        """None for those who were never synced."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """A principal and what the credential allows it to do.

    `by_group`: those of the scopes that hold as long as the principal is in a group, {scope: group}. `limited`: whether
    the credential opens some of the principal's groups alone. `until`: when a key or a token ends. `way`: by which it
    came, `key`, `token`, `link`, or a `session by` one of these, `demo` or `oidc`; `key_id`: of the API key.
    """

    principal: Principal
    scopes: frozenset[str]
    by_group: Mapping[str, str] = field(default_factory=dict)
    limited: bool = False
    until: datetime | None = None
    way: str = field(default="", compare=False)
    key_id: str = field(default="", compare=False)

    @property
    def author(self) -> Author:
        return Author(self.principal.user, self.principal.tokens, ADMIN in self.scopes)

    def carries(self, scope: str) -> bool:
        """Whether the credential has this scope; `admin` includes `write`."""
        held = self.scopes
        return scope in held or (scope == WRITE and ADMIN in held) or (scope == REVIEW and bool({ADMIN, AUDIT} & held))

    def given(self, scope: str) -> str:
        """The scope as a key of the principal's own may have it: as long as they are in a group, `admin@GROUP`, where
        they have it for that alone."""
        own = self.scopes - self.by_group.keys()
        if scope in own or (scope == WRITE and ADMIN in own):
            return scope
        return f"{scope}@{self.by_group.get(scope) or self.by_group[ADMIN]}"

    def require(self, scope: str) -> None:
        if not self.carries(scope):
            raise NotAllowed(f"This credential does not carry the scope '{scope}'. Ask for a key that does.")


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Checks credentials, at every request anew.

    Whom the identity provider has synced (`people`) is refused once deactivated, by whatever credential; is known by
    the synced user name; and is in the groups of the time of the request, of which an API key opens only its own, while
    walls hold against them all.
    `tokens` None: none are accepted. `demo`: whether sessions of sample people count. `granted`: scopes that a group
    gives to whoever is signed in by the identity provider, {scope: group}. `public_url`: where the page is reached, ""
    on this machine.
    """

    keys: ApiKeys
    tokens: Tokens | None = None
    sessions: Sessions | None = None
    people: People | None = None
    demo: bool = False
    granted: Mapping[str, str] = field(default_factory=dict)
    public_url: str = ""

    def identify(self, authorization: str, session: str = "") -> Identity:
        """The identity behind an Authorization header or, where there is none, the session of the page's cookie;
        raises `NotAuthenticated`."""
        if not authorization and session:
            return self._signed_in(session)
        scheme, _, credential = authorization.partition(" ")
        if scheme.lower() != "bearer" or not credential.strip():
            said = "Send 'Authorization: Bearer <API key or token>', or sign in on the web page."
            raise NotAuthenticated(said, guessed=bool(authorization))
        credential = credential.strip()
        if credential.count(".") == 2:
            if self.tokens is None:
                raise NotAuthenticated("Tokens are not accepted here: no identity provider is set up for them.")
            user, groups, scopes, until = self.tokens.read(credential)
            return Identity(self.principal(user, groups), scopes, until=until, way="token")
        return self.of_key(self.key(credential))

    def key(self, secret: str) -> Key:
        """The key that this is the secret of; raises `NotAuthenticated`. Only who holds the whole secret hears that it
        has expired."""
        key = self.keys.lookup(secret)
        if key is None:
            raise NotAuthenticated("This API key is unknown or was revoked.")
        if key.expired:
            raise NotAuthenticated("This API key has expired: ask for a new one.", guessed=False)
        return key

    def of_key(self, key: Key) -> Identity:
        principal = self.principal(key.user, key.groups, at_most=True)
        identity = self._identity(principal, key.scopes, key.groups is not None, key.expires_at)
        return replace(identity, way="key", key_id=key.id)

    def _identity(
        self, principal: Principal, scopes: frozenset[str], limited: bool, until: datetime | None
    ) -> Identity:
        """Of somebody with a key's scopes, of which `admin@GROUP` holds as long as they are synced in the group."""
        own = {scope for scope in scopes if "@" not in scope}
        bound = dict(scope.split("@", 1) for scope in scopes - own)
        held = {scope: group for scope, group in bound.items() if scope not in own and self.synced_in(principal, group)}
        return Identity(principal, frozenset(own | held.keys()), held, limited, until)

    def synced_in(self, principal: Principal, group: str) -> bool:
        """Whether the identity provider has synced the principal as a member of the group."""
        if f"group:{group}" == EVERYONE:
            return True
        person = self.people.standing(principal.user) if self.people else None
        return person is not None and person.active and group in person.groups

    def _signed_in(self, secret: str) -> Identity:
        found = self.sessions.find(secret) if self.sessions else None
        if found is None or (found.way == "demo" and not self.demo):
            raise NotAuthenticated("The session has ended: sign in again.", guessed=False)
        principal = self.principal(found.user, found.groups, at_most=found.way == "key")
        if found.way != "oidc":
            limited = found.way == "key" and found.groups is not None
            identity = self._identity(principal, found.scopes, limited, found.until)
            return replace(identity, way=f"session by {found.way}")
        held = {scope: group for scope, group in self.granted.items() if f"group:{group}" in principal.tokens}
        by_group = {scope: group for scope, group in held.items() if scope not in found.scopes}
        return Identity(principal, found.scopes | by_group.keys(), by_group, way="session by oidc")

    def principal(self, user: str, groups: frozenset[str] | None, *, at_most: bool = False) -> Principal:
        """With the groups that are synced for this user, `at_most` those given; raises `NotAuthenticated`."""
        try:
            person = self.people.standing(user) if self.people else None
            if person is None:
                return Principal(user, groups or frozenset())
            if not person.active:
                raise NotAuthenticated(
                    "This person has been deactivated: ask whoever looks after accounts.", guessed=False
                )
            held = person.groups & groups if at_most and groups is not None else person.groups
            return Principal(person.user, held, shut=person.groups - held)
        except InvalidPrincipal as error:
            raise NotAuthenticated(f"The credential names nobody we can serve: {error}", guessed=False) from error
