"""Signing in as a sample person, in demo mode only, and asking who one is."""

from __future__ import annotations

from fastapi import APIRouter, Request

from api.http.auth import READ, WRITE, NotAuthenticated
from api.http.deps import Authentication, People
from api.http.problems import NotFound
from api.http.schemas.problems import REFUSED
from api.http.schemas.session import Me, Person, SessionInfo, SessionToken, SignIn
from retrieval.types import Principal

router = APIRouter(prefix="/v1/session", tags=["session"])


@router.get("", response_model=SessionInfo)
def session(request: Request, authenticator: Authentication, people: People) -> SessionInfo:
    """Who may sign in here without a credential, and who the caller is."""
    me = None
    try:
        caller = authenticator.identify(request.headers.get("authorization", ""))
        groups = sorted(caller.principal.groups)
        me = Me(user=caller.principal.user, groups=groups, scopes=sorted(caller.scopes))
    except NotAuthenticated:
        pass
    shown = [Person(user=p.user, name=p.name, groups=list(p.groups)) for p in people or ()]
    return SessionInfo(demo=people is not None, people=shown, me=me)


@router.post("", response_model=SessionToken, responses=REFUSED)
def sign_in(body: SignIn, authenticator: Authentication, people: People) -> SessionToken:
    """A token for a sample person; not there outside demo mode."""
    person = next((p for p in people or () if p.user == body.user), None)
    if person is None:
        raise NotFound("There is no such person to sign in as.")
    principal = Principal(person.user, frozenset(person.groups))
    token, expires = authenticator.issue(principal, frozenset({READ, WRITE}))
    return SessionToken(token=token, user=person.user, groups=list(person.groups), expires_at=expires)
