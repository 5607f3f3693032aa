"""Who is signed in on the web page: opaque random ids, of which only digests are stored."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.postgres.api_keys import digest
from infra.postgres.changes import Trail, changing
from infra.postgres.pool import Pool, transaction
from infra.postgres.sql import SQL
from ingest.types import OPERATOR


@dataclass(frozen=True, slots=True)
class Session:
    """Whom a session speaks for. `way`: `demo`, `key` or `oidc`. `groups` as that way gave them; None: in whatever
    groups the user is synced. `until`: when the key ends that it was begun with."""

    way: str
    user: str
    groups: frozenset[str] | None
    scopes: frozenset[str]
    until: datetime | None = None


class PostgresSessions:
    """Begins, finds and ends sessions; `trail` records who signs in and out."""

    def __init__(self, pool: Pool, lasts: timedelta, *, trail: Trail | None = None) -> None:
        self._pool = pool
        self._lasts = lasts
        self._trail = trail

    def begin(
        self, way: str, user: str, groups: frozenset[str] | None, scopes: frozenset[str], *, key_id: str | None = None
    ) -> tuple[str, datetime]:
        """The secret of a new session and when it ends: with the key of a session by key, if that ends before."""
        secret = f"fs_{secrets.token_urlsafe(32)}"
        row = {
            "hash": digest(secret),
            "way": way,
            "user": user,
            "groups": None if groups is None else sorted(groups),
            "scopes": sorted(scopes),
            "key": key_id,
            "seconds": self._lasts.total_seconds(),
        }
        with changing(self._pool, self._trail) as change:
            change.conn.execute(SQL["end_old_sessions"])
            made = change.conn.execute(SQL["add_session"], row).fetchone()
            assert made is not None
            change.record("sign_in", f"user:{user}", way=way, key_id=key_id)
        return secret, made[0]

    def find(self, secret: str) -> Session | None:
        """None if unknown or ended, also with the key that it was begun with."""
        with transaction(self._pool) as conn:
            row = conn.execute(SQL["find_session"], {"hash": digest(secret)}).fetchone()
        if row is None:
            return None
        way, user, groups, scopes, until = row
        return Session(way, user, None if groups is None else frozenset(groups), frozenset(scopes), until)

    def end(self, secret: str) -> bool:
        """Signs out; False if there was no such session."""
        with changing(self._pool, self._trail) as change:
            row = change.conn.execute(SQL["end_session"], {"hash": digest(secret)}).fetchone()
            if row is not None:
                change.record("sign_out", f"user:{row[0]}")
        return row is not None

    def end_all(self, users: Iterable[str]) -> int:
        """Signs these users out everywhere; returns of how many sessions."""
        names = sorted({user.lower() for user in users})
        with changing(self._pool, self._trail) as change:
            ended = change.conn.execute(SQL["end_sessions_of"], {"users": names}).rowcount
            if ended:
                change.record("end_sessions", OPERATOR.name, users=names, sessions=ended)
        return ended
