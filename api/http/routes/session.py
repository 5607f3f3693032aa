"""Signing in on the page, by an API key or as a sample person, signing out, and asking who one is."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from api.http.auth import READ, WRITE, Authenticator, Identity, Key
from api.http.cookies import CrossSite, forget_session, keep_session, refuse_cross_site, session_of
from api.http.deps import Authentication, People, Recorded, SigningIn, Strictness, identified
from api.http.problems import NotFound
from api.http.schemas.problems import REFUSED
from api.http.schemas.session import Me, Person, SessionInfo, SignIn, StrictnessOffered
from api.http.throttling import ENDED, GUESS, TooManyBadCredentials, counted
from ingest.errors import NotAuthenticated

router = APIRouter(prefix="/v1/session", tags=["session"])


@router.get("", response_model=SessionInfo)
def session(
    request: Request, authenticator: Authentication, people: People, ways: SigningIn, strictness: Strictness
) -> SessionInfo:
    """How one may sign in here, who the caller is, and how strict answers may be asked for."""
    try:
        me = _me(identified(request, authenticator))
    except (NotAuthenticated, CrossSite, TooManyBadCredentials):
        me = None
    shown = [Person(user=p.user, name=p.name, groups=list(p.groups)) for p in people or ()]
    offered = StrictnessOffered(offered=list(strictness.all), default=strictness.default)
    demo, organisation = people is not None, ways.provider is not None
    return SessionInfo(demo=demo, people=shown, organisation=organisation, me=me, strictness=offered)


@router.post("", response_model=Me, responses=REFUSED)
def sign_in(
    body: SignIn,
    request: Request,
    response: Response,
    authenticator: Authentication,
    people: People,
    ways: SigningIn,
    access: Recorded,
) -> Me:
    """Signs the browser in with an API key or, in demo mode only, as a sample person: a cookie that no script reads."""
    refuse_cross_site(request, authenticator.public_url)
    if body.key is not None:
        access.secret = body.key
        key = _key(body.key, request, authenticator)
        begun = ways.sessions.begin("key", key.user, key.groups, key.scopes, key_id=key.id)
    else:
        person = next((p for p in people or () if p.user == body.user), None)
        if person is None:
            counted(request.scope)
            raise NotFound("There is no such person to sign in as.")
        authenticator.principal(person.user, None)  # likewise
        begun = ways.sessions.begin("demo", person.user, frozenset(person.groups), frozenset({READ, WRITE}))
    return _me(signed_in(begun, request, response, authenticator))


def _key(secret: str, request: Request, authenticator: Authenticator) -> Key:
    """Raises `NotAuthenticated`, also for who is deactivated, and `TooManyBadCredentials`."""
    try:
        key = authenticator.key(secret)
        authenticator.of_key(key)
    except NotAuthenticated as error:
        counted(request.scope, cost=GUESS if error.guessed else ENDED)
        raise
    return key


@router.delete("", status_code=204)
def sign_out(request: Request, response: Response, authenticator: Authentication, ways: SigningIn) -> None:
    """Ends the session of the browser, here and in the database."""
    refuse_cross_site(request, authenticator.public_url)
    if secret := session_of(request, authenticator.public_url):
        ways.sessions.end(secret)
    forget_session(response, request, authenticator.public_url)


def signed_in(
    begun: tuple[str, datetime], request: Request, response: Response, authenticator: Authenticator
) -> Identity:
    """Hands the browser its new session."""
    secret, ends = begun
    keep_session(response, secret, (ends - datetime.now(UTC)).total_seconds(), request, authenticator.public_url)
    return authenticator.identify("", secret)


def _me(caller: Identity) -> Me:
    return Me(user=caller.principal.user, groups=sorted(caller.principal.groups), scopes=sorted(caller.scopes))
