"""API keys: only their digests are stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from infra.postgres.changes import Trail, changing
from infra.postgres.errors import StoreError
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from ingest.errors import DiskFull
from ingest.types import OPERATOR
from retrieval.types import Principal


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


class PostgresApiKeys:
    """Creates, finds and revokes API keys; `trail` records the first and the last."""

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
        owner = Principal(user, frozenset(groups or ()))
        key_id = secrets.token_hex(6)
        secret = f"fn_{key_id}_{secrets.token_urlsafe(32)}"
        told = {
            "user": owner.user,
            "groups": None if groups is None else sorted(owner.groups),
            "scopes": sorted(set(scopes)),
            "label": label,
        }
        with changing(self._pool, self._trail) as change:
            row = {"id": key_id, "hash": digest(secret), "expires": expires_at, **told}
            change.conn.execute(SQL["add_api_key"], row)
            expires = None if expires_at is None else expires_at.isoformat()
            change.record("create_key", by, key_id=key_id, expires_at=expires, **told)
        return secret

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
