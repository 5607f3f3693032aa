"""API keys: only their digests are stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from infra.postgres.changes import Change, Trail, changing
from infra.postgres.errors import StoreError
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from ingest.errors import DiskFull
from ingest.types import OPERATOR
from retrieval.types import Principal

_SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Who a key speaks for; `groups` None: in whatever groups its user is synced. `id` is also in the secret, so that
    a key found somewhere can be revoked. `last_used_at` is kept to the hour."""

    id: str
    user: str
    groups: frozenset[str] | None
    scopes: frozenset[str]
    label: str
    created_at: datetime
    revoked_at: datetime | None
    expires_at: datetime | None
    last_used_at: datetime | None
    expired: bool

    @property
    def ends_soon(self) -> bool:
        """Within two weeks, or, if it was made for less than eight, within the last quarter of its life."""
        if self.expires_at is None or self.expired or self.revoked_at is not None:
            return False
        life = self.expires_at - self.created_at
        return self.expires_at - datetime.now(UTC) < min(_SOON, life / 4)


class PostgresApiKeys:
    """Creates, finds, replaces and revokes API keys; `trail` records all of it but the finding."""

    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._trail = trail

    def create(
        self,
        user: str,
        groups: Iterable[str] | None,
        scopes: Iterable[str],
        label: str,
        *,
        expires_at: datetime | None = None,
        by: str = OPERATOR.name,
    ) -> str:
        """The new key's secret, `fn_ID_RANDOM`: this is the only time it is seen. Raises `InvalidPrincipal`."""
        with changing(self._pool, self._trail) as change:
            return _added(change, user, groups, scopes, label, expires_at, by)

    def rotate(
        self, key_id: str, *, grace: timedelta, expires_at: datetime | None, by: str = OPERATOR.name
    ) -> tuple[str, datetime] | None:
        """The secret of a successor with user, groups, scopes and label of a key, which itself goes on for `grace` at
        most, and when it ends; None if there is no such key that is valid."""
        with changing(self._pool, self._trail) as change:
            asked = {"id": key_id, "seconds": grace.total_seconds()}
            row = change.conn.execute(SQL["retire_api_key"], asked).fetchone()
            if row is None:
                return None
            user, groups, scopes, label, ends = row
            secret = _added(change, user, groups, scopes, label, expires_at, by)
            successor = secret.split("_")[1]
            change.record("rotate_key", by, key_id=key_id, successor=successor, expires_at=ends.isoformat())
        return secret, ends

    def lookup(self, secret: str) -> ApiKey | None:
        """Whose key this is; None if unknown or revoked."""
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["find_api_key"], {"hash": digest(secret)}).fetchone()
        if row is None:
            return None
        *columns, long_ago = row
        key = _api_key(*columns)
        if long_ago and not key.expired:
            self._used(key)
        return key

    def list(self) -> tuple[ApiKey, ...]:
        """Every key, revoked ones too, oldest first."""
        with transaction(self._pool) as conn:
            return tuple(_api_key(*row) for row in conn.execute(SQL["list_api_keys"]))

    def revoke(self, key_id: str, *, by: str = OPERATOR.name) -> bool:
        """From now on the key opens nothing, nor does who is signed in with it; False if unknown or revoked already."""
        with changing(self._pool, self._trail) as change:
            revoked = change.conn.execute(SQL["revoke_api_key"], {"id": key_id}).rowcount == 1
            if revoked:
                change.record("revoke_key", by, key_id=key_id)
        return revoked

    def _used(self, key: ApiKey) -> None:
        """Once an hour at most; that it cannot be written keeps nobody from reading."""
        with suppress(StoreError, DiskFull), transaction(self._pool) as conn:
            conn.execute(SQL["use_api_key"], {"id": key.id})


def _added(
    change: Change,
    user: str,
    groups: Iterable[str] | None,
    scopes: Iterable[str],
    label: str,
    expires_at: datetime | None,
    by: str,
) -> str:
    """The new key's secret."""
    owner = Principal(user, frozenset(groups or ()))
    key_id = secrets.token_hex(6)
    secret = f"fn_{key_id}_{secrets.token_urlsafe(32)}"
    told = {
        "user": owner.user,
        "groups": None if groups is None else sorted(owner.groups),
        "scopes": sorted(set(scopes)),
        "label": label,
    }
    row = {"id": key_id, "hash": digest(secret), "expires": expires_at, **told}
    change.conn.execute(SQL["add_api_key"], row)
    expires = None if expires_at is None else expires_at.isoformat()
    change.record("create_key", by, key_id=key_id, expires_at=expires, **told)
    return secret


def digest(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _api_key(
    key_id: str,
    user: str,
    groups: Iterable[str] | None,
    scopes: Iterable[str],
    label: str,
    created_at: datetime,
    revoked_at: datetime | None,
    expires_at: datetime | None,
    last_used_at: datetime | None,
    expired: bool,
) -> ApiKey:
    held = None if groups is None else frozenset(groups)
    return ApiKey(
        key_id, user, held, frozenset(scopes), label, created_at, revoked_at, expires_at, last_used_at, expired
    )
