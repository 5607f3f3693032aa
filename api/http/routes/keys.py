"""API keys for admins, who by them reach nothing that they may not read themselves."""

from __future__ import annotations

from fastapi import APIRouter

from api.http.auth import Identity
from api.http.deps import Admin, Keys
from api.http.problems import NotFound
from api.http.schemas.keys import KeyIn, KeyList, KeyMade, KeyOut
from api.http.schemas.problems import REFUSED
from ingest.errors import NotAllowed

router = APIRouter(prefix="/v1/keys", tags=["keys"])


@router.get("", response_model=KeyList)
def list_keys(keys: Keys, caller: Admin) -> KeyList:
    """Every key, revoked and expired ones too, oldest first."""
    return KeyList(keys=[KeyOut.model_validate(key, from_attributes=True) for key in keys.list()])


@router.post("", response_model=KeyMade, status_code=201, responses=REFUSED)
def make_key(body: KeyIn, keys: Keys, caller: Admin) -> KeyMade:
    """A key for oneself, with groups and scopes of one's own. Keys for others are made on the command line."""
    user = caller.principal.user
    if body.user not in (None, user):
        raise NotAllowed(
            "Over HTTP a key speaks for yourself alone: leave 'user' out. "
            "Whoever runs the service makes keys for others and for service accounts: footnote keys create."
        )
    groups = None if body.groups is None else frozenset(body.groups)
    scopes = frozenset(body.scopes)
    _check(caller, groups, scopes)
    secret = keys.create(
        user, groups, scopes, body.label, expires_at=body.expires_at, by=f"user:{caller.principal.user}"
    )
    return KeyMade(id=secret.split("_")[1], secret=secret)


@router.delete("/{key_id}", status_code=204)
def revoke_key(key_id: str, keys: Keys, caller: Admin) -> None:
    """From the next request on the key opens nothing, nor does who is signed in with it."""
    if not keys.revoke(key_id, by=f"user:{caller.principal.user}"):
        raise NotFound("There is no such key that is still valid.")


def _check(caller: Identity, groups: frozenset[str] | None, scopes: frozenset[str]) -> None:
    """Raises `NotAllowed`."""
    if not (groups or frozenset()) <= caller.principal.groups:
        raise NotAllowed("A key may only have groups that you are in yourself. Name fewer.")
    if missing := sorted(scope for scope in scopes if not caller.carries(scope)):
        raise NotAllowed(f"You do not have the scope '{missing[0]}' yourself. Ask for fewer.")
