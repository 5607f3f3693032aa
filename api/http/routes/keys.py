"""API keys for admins, who by them reach nothing that they may not read themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter

from api.http.auth import Identity
from api.http.deps import Admin, Authentication, KeyLife, Keys
from api.http.problems import NotFound
from api.http.schemas.keys import KeyIn, KeyList, KeyMade, KeyOut, KeyRotated, RotateIn
from api.http.schemas.problems import REFUSED
from ingest.errors import NotAllowed

router = APIRouter(prefix="/v1/keys", tags=["keys"])


_NO_KEY = "There is no such key that is still valid."
_CLOCKS = timedelta(hours=1)  # by which a caller's may be wrong


@router.get("", response_model=KeyList)
def list_keys(keys: Keys, caller: Admin) -> KeyList:
    """Every key, revoked and expired ones too, oldest first."""
    return KeyList(keys=[KeyOut.model_validate(key, from_attributes=True) for key in keys.list()])


@router.post("", response_model=KeyMade, status_code=201, responses=REFUSED)
def make_key(body: KeyIn, keys: Keys, caller: Admin, authenticator: Authentication, key_life: KeyLife) -> KeyMade:
    """A key for oneself, with groups and scopes of one's own; it ends with the key that it is made with, and after a
    year or what is set in its place. A scope that one has by a group is the key's as long as one is synced in the
    group. Keys for others are made on the command line."""
    user = caller.principal.user
    if body.user not in (None, user):
        raise NotAllowed(
            "Over HTTP a key speaks for yourself alone: leave 'user' out. "
            "Whoever runs the service makes keys for others and for service accounts: footnote keys create."
        )
    groups = None if body.groups is None else frozenset(body.groups)
    _check(caller, groups, body.scopes)
    ends = _end(caller, body.expires_at, key_life)
    scopes = frozenset(caller.given(scope) for scope in body.scopes)
    for group in sorted({scope.partition("@")[2] for scope in scopes if "@" in scope}):
        if not authenticator.synced_in(caller.principal, group):
            raise NotAllowed(
                f"You have that scope as a member of {group}, and memberships are not synced here: leave it out, or "
                "let whoever runs the service make the key."
            )
    secret = keys.create(user, groups, scopes, body.label, expires_at=ends, by=f"user:{user}")
    return KeyMade(id=secret.split("_")[1], secret=secret)


@router.post("/{key_id}/rotate", response_model=KeyRotated, status_code=201, responses=REFUSED)
def rotate_key(key_id: str, body: RotateIn, keys: Keys, caller: Admin, key_life: KeyLife) -> KeyRotated:
    """A successor of a key of one's own, with its groups, scopes and label, as far as one has these oneself; the old
    one goes on for some days. Keys of others are rotated on the command line."""
    user = caller.principal.user
    key = next((one for one in keys.list() if one.id == key_id and one.revoked_at is None and not one.expired), None)
    if key is None:
        raise NotFound(_NO_KEY)
    if key.user.lower() != user.lower():
        raise NotAllowed(
            "Over HTTP you rotate keys that speak for yourself alone. Whoever runs the service rotates others: "
            f"footnote keys rotate {key_id}."
        )
    _check(caller, key.groups, [scope.partition("@")[0] for scope in key.scopes])
    if wider := sorted(one for one in key.scopes if "@" not in one and caller.given(one) != one):
        raise NotAllowed(f"You have the scope '{wider[0]}' as a member of a group alone. Make a new key in its place.")
    grace = timedelta(days=body.grace_days)
    made = keys.rotate(key_id, grace=grace, expires_at=_end(caller, None, key_life), by=f"user:{user}")
    if made is None:
        raise NotFound(_NO_KEY)
    secret, ends = made
    return KeyRotated(id=secret.split("_")[1], secret=secret, old_ends_at=ends)


@router.delete("/{key_id}", status_code=204)
def revoke_key(key_id: str, keys: Keys, caller: Admin) -> None:
    """From the next request on the key opens nothing, nor does who is signed in with it."""
    if not keys.revoke(key_id, by=f"user:{caller.principal.user}"):
        raise NotFound(_NO_KEY)


def _end(caller: Identity, asked: datetime | None, life: timedelta) -> datetime:
    """When the key is to end, where nothing is asked for as late as may be; raises `NotAllowed`."""
    latest = datetime.now(UTC) + life
    if asked is None:
        return min(latest, caller.until or latest)
    if caller.until is not None and asked > caller.until:
        raise NotAllowed(
            f"A key may not outlast the one that it is made with: name an end by {caller.until.isoformat()}."
        )
    if asked > latest + _CLOCKS:
        raise NotAllowed(f"A key lives {life.days} days at most here: name an end by {latest.isoformat()}, or none.")
    return asked


def _check(caller: Identity, groups: frozenset[str] | None, scopes: Iterable[str]) -> None:
    """Raises `NotAllowed`."""
    if groups is None and caller.limited:
        raise NotAllowed("This credential opens some of your groups alone: name them, or fewer.")
    if not (groups or frozenset()) <= caller.principal.groups:
        raise NotAllowed("A key may only have groups that you are in yourself. Name fewer.")
    if missing := sorted(scope for scope in scopes if not caller.carries(scope)):
        raise NotAllowed(f"You do not have the scope '{missing[0]}' yourself. Ask for fewer.")
