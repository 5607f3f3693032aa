"""API keys: only their digests are stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from infra.postgres.changes import Trail, changing
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from ingest.types import OPERATOR
from retrieval.types import Principal


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Who a key speaks for. `id` is also in the secret, so that a key found somewhere can be revoked."""

    id: str
    user: str
    groups: frozenset[str]
    scopes: frozenset[str]
    label: str
    created_at: datetime
    revoked_at: datetime | None


class PostgresApiKeys:
    """Creates, finds and revokes API keys; `trail` records the first and the last."""

    def __init__(self, pool: Pool, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._trail = trail

    def create(self, user: str, groups: Iterable[str], scopes: Iterable[str], label: str) -> str:
        """The new key's secret, `fn_ID_RANDOM`: this is the only time it is seen. Raises `InvalidPrincipal`."""
        owner = Principal(user, frozenset(groups))
        key_id = secrets.token_hex(6)
        secret = f"fn_{key_id}_{secrets.token_urlsafe(32)}"
        row = {
            "id": key_id,
            "hash": _digest(secret),
            "user": owner.user,
            "groups": sorted(owner.groups),
            "scopes": sorted(set(scopes)),
            "label": label,
        }
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["add_api_key"], row)
            told = {name: value for name, value in row.items() if name not in ("id", "hash")}
            change.record("create_key", OPERATOR.name, key_id=key_id, **told)
        return secret

    def lookup(self, secret: str) -> ApiKey | None:
        """Whose key this is; None if unknown or revoked."""
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["find_api_key"], {"hash": _digest(secret)}).fetchone()
        return None if row is None else _api_key(*row)

    def list(self) -> tuple[ApiKey, ...]:
        """Every key, revoked ones too, oldest first."""
        with transaction(self._pool) as conn:
            return tuple(_api_key(*row) for row in conn.execute(SQL["list_api_keys"]))

    def revoke(self, key_id: str) -> bool:
        """From now on the key opens nothing; False if unknown or revoked already."""
        with changing(self._pool, self._trail) as change:
            revoked = change.conn.execute(SQL["revoke_api_key"], {"id": key_id}).rowcount == 1
            if revoked:
                change.record("revoke_key", OPERATOR.name, key_id=key_id)
        return revoked


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _api_key(
    key_id: str,
    user: str,
    groups: Iterable[str],
    scopes: Iterable[str],
    label: str,
    created_at: datetime,
    revoked_at: datetime | None,
) -> ApiKey:
    return ApiKey(key_id, user, frozenset(groups), frozenset(scopes), label, created_at, revoked_at)
