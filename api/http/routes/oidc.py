"""Signing in by the organisation's identity provider: the browser goes there and comes back (OpenID Connect)."""

from __future__ import annotations

import hmac
import logging
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.http.auth import READ, Authenticator
from api.http.cookies import SIGNING_IN_S, keep_signing_in, signing_in_of
from api.http.deps import Authentication, Recorded, SigningIn
from api.http.people import SigningIn as Ways
from api.http.problems import NotFound, problem_of
from api.http.routes.session import signed_in
from api.http.throttling import counted
from ingest.errors import FootnoteError

log = logging.getLogger("footnote")
router = APIRouter(prefix="/v1/session/oidc", include_in_schema=False)

_CALLBACK = "/v1/session/oidc/callback"
_HERE = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # a path of this service: no //host, no backslash, nothing a browser drops


class SignInFailed(FootnoteError):
    """The way back from the identity provider is not the one that this browser began."""

    code = "sign_in_failed"


@router.get("/start")
def start(
    request: Request, authenticator: Authentication, ways: SigningIn, return_to: Annotated[str, Query()] = "/"
) -> Response:
    """To the identity provider. `return_to`: a path of the page to come back to."""
    if ways.provider is None:
        raise NotFound("Signing in by an identity provider is not set up here.")
    begun = {
        "state": secrets.token_urlsafe(32),
        "nonce": secrets.token_urlsafe(32),
        "verifier": secrets.token_urlsafe(48),
        "return_to": return_to if _HERE.fullmatch(return_to) else "/",
    }
    handed = {name: begun[name] for name in ("state", "nonce", "verifier")}
    response = RedirectResponse(ways.provider.address(authenticator.public_url + _CALLBACK, **handed), 303)
    keep_signing_in(response, _signed(begun, ways), request, authenticator.public_url)
    return response


@router.get("/callback")
def callback(request: Request, authenticator: Authentication, ways: SigningIn, access: Recorded) -> Response:
    """Back from it: a session for whom it names, who must be the one that this browser began with. A person is shown
    the page, which tells why they are not signed in; a program gets the problem."""
    try:
        return _counted(request, authenticator, ways)
    except FootnoteError as error:
        access.refused = error.code
        if "text/html" not in request.headers.get("accept", ""):
            raise
        log.warning("a sign-in by the identity provider did not succeed: %s", error)
        return RedirectResponse(f"/#sign-in-{error.code}", 303)


def _counted(request: Request, authenticator: Authenticator, ways: Ways) -> Response:
    try:
        return _signed_in(request, authenticator, ways)
    except FootnoteError as error:
        if problem_of(error).status == 401:
            counted(request.scope)
        raise


def _signed_in(request: Request, authenticator: Authenticator, ways: Ways) -> Response:
    if ways.provider is None:
        raise NotFound("Signing in by an identity provider is not set up here.")
    begun = _read(signing_in_of(request, authenticator.public_url), ways)
    state = request.query_params.get("state", "").encode()
    if begun is None or not hmac.compare_digest(begun["state"].encode(), state):
        raise SignInFailed("This sign-in was not begun in this browser, or too long ago. Start again on the page.")
    person = ways.provider.signed_in(
        dict(request.query_params),
        authenticator.public_url + _CALLBACK,
        nonce=begun["nonce"],
        verifier=begun["verifier"],
    )
    user = authenticator.principal(person.user, person.groups).user  # raises for who is deactivated
    session = ways.sessions.begin("oidc", user, person.groups, frozenset({READ}))
    response = RedirectResponse(begun["return_to"], 303)
    signed_in(session, request, response, authenticator)
    keep_signing_in(response, "", request, authenticator.public_url)
    return response


def _signed(begun: dict[str, str], ways: Ways) -> str:
    import jwt

    claims: dict[str, Any] = {**begun, "exp": datetime.now(UTC) + timedelta(seconds=SIGNING_IN_S)}
    return jwt.encode(claims, ways.secret, algorithm="HS256")


def _read(kept: str, ways: Ways) -> dict[str, str] | None:
    """What this browser began; None if that is nothing, too long ago or forged."""
    import jwt

    try:
        claims: dict[str, str] = jwt.decode(kept, ways.secret, algorithms=["HS256"], options={"require": ["exp"]})
    except jwt.PyJWTError:
        return None
    return claims
