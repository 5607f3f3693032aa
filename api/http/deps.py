"""What routes depend on: one part of the service each, and the caller's identity."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp

from api.demo.people import SamplePerson
from api.http import audit_trail, job_desk, links, parts, stored, telemetry
from api.http import people as persons
from api.http.auth import ADMIN, AUDIT, READ, SCIM, WRITE, Authenticator, Identity
from api.http.cookies import session_of
from api.http.numbers import NumberedAnswers
from api.http.recording import Access, access_of
from api.http.stopping import Stopping
from api.http.throttling import ENDED, GUESS, counted
from ingest.errors import NotAuthenticated

_bearer = HTTPBearer(auto_error=False, description="An API key, or an access token of the identity provider (JWT).")


def _parts(request: Request) -> parts.Parts:
    held: parts.Parts = request.app.state.parts
    return held


# Coroutines, for FastAPI would run plain functions in a thread each.


async def _authenticator(request: Request) -> Authenticator:
    return _parts(request).authenticator


async def _people(request: Request) -> tuple[SamplePerson, ...] | None:
    return _parts(request).people


async def _documents(request: Request) -> stored.Documents:
    return _parts(request).documents


async def _listing(request: Request) -> stored.Listing:
    return _parts(request).listing


async def _facts(request: Request) -> stored.Facts:
    return _parts(request).facts


async def _desk(request: Request) -> job_desk.JobDesk:
    return _parts(request).desk


async def _search(request: Request) -> parts.Search:
    return _parts(request).search


async def _numbers(request: Request) -> stored.Numbers:
    return _parts(request).numbers


async def _answers(request: Request) -> parts.Answers:
    held = _parts(request)
    return NumberedAnswers(held.answers, held.numbers)


async def _pages(request: Request) -> parts.PageImages:
    return _parts(request).pages


async def _links(request: Request) -> links.Links:
    return _parts(request).links


async def _stopping(request: Request) -> Stopping:
    found: Stopping = request.app.state.stopping
    return found


async def _checks(request: Request) -> parts.Checks:
    return _parts(request).checks


async def _keys(request: Request) -> persons.Keys:
    return _parts(request).keys


async def _signing_in(request: Request) -> persons.SigningIn:
    return _parts(request).signing_in


async def _directory(request: Request) -> persons.Directory:
    return _parts(request).directory


async def _allowance(request: Request) -> parts.Allowance:
    return _parts(request).allowance


async def _telemetry(request: Request) -> telemetry.Telemetry:
    return _parts(request).telemetry


async def _bundles(request: Request) -> parts.Bundles:
    return _parts(request).bundles


async def _access(request: Request) -> Access:
    return access_of(request.scope)


async def _key_life(request: Request) -> timedelta:
    return _parts(request).key_life


async def _trail(request: Request) -> audit_trail.Trail:
    return _parts(request).trail


async def _mcp(request: Request) -> ASGIApp:
    return _parts(request).mcp


Authentication = Annotated[Authenticator, Depends(_authenticator)]
People = Annotated[tuple[SamplePerson, ...] | None, Depends(_people)]
Documents = Annotated[stored.Documents, Depends(_documents)]
Listing = Annotated[stored.Listing, Depends(_listing)]
Facts = Annotated[stored.Facts, Depends(_facts)]
Numbers = Annotated[stored.Numbers, Depends(_numbers)]
JobDesk = Annotated[job_desk.JobDesk, Depends(_desk)]
Search = Annotated[parts.Search, Depends(_search)]
Answers = Annotated[parts.Answers, Depends(_answers)]
PageImages = Annotated[parts.PageImages, Depends(_pages)]
Links = Annotated[links.Links, Depends(_links)]
WhenStopping = Annotated[Stopping, Depends(_stopping)]
Checks = Annotated[parts.Checks, Depends(_checks)]
Keys = Annotated[persons.Keys, Depends(_keys)]
SigningIn = Annotated[persons.SigningIn, Depends(_signing_in)]
Directory = Annotated[persons.Directory, Depends(_directory)]
Allowance = Annotated[parts.Allowance, Depends(_allowance)]
Watching = Annotated[telemetry.Telemetry, Depends(_telemetry)]
Bundles = Annotated[parts.Bundles, Depends(_bundles)]
Recorded = Annotated[Access, Depends(_access)]
Trail = Annotated[audit_trail.Trail, Depends(_trail)]
KeyLife = Annotated[timedelta, Depends(_key_life)]
Mcp = Annotated[ASGIApp, Depends(_mcp)]


def identified(request: HTTPConnection, authenticator: Authenticator) -> Identity:
    """Whom the headers name; raises `NotAuthenticated`, `CrossSite` and `TooManyBadCredentials`."""
    authorization = request.headers.get("authorization", "")
    session = "" if authorization else session_of(request, authenticator.public_url)
    try:
        found = access_of(request.scope).caller = authenticator.identify(authorization, session)
    except NotAuthenticated as error:
        if authorization or session:
            counted(request.scope, cost=GUESS if error.guessed else ENDED)
        raise
    return found


def identity(request: Request, authenticator: Authentication, _: Annotated[object, Security(_bearer)]) -> Identity:
    """The caller, or `NotAuthenticated`."""
    return identified(request, authenticator)


def reader(caller: Annotated[Identity, Depends(identity)]) -> Identity:
    caller.require(READ)
    return caller


def writer(caller: Annotated[Identity, Depends(identity)]) -> Identity:
    caller.require(WRITE)
    return caller


def admin(caller: Annotated[Identity, Depends(identity)]) -> Identity:
    caller.require(ADMIN)
    return caller


def auditor(caller: Annotated[Identity, Depends(identity)]) -> Identity:
    caller.require(AUDIT)
    return caller


def syncer(caller: Annotated[Identity, Depends(identity)]) -> Identity:
    caller.require(SCIM)
    return caller


# What `api.http.admission` asks for before a body is read.
SCOPES = {reader: READ, writer: WRITE, admin: ADMIN, auditor: AUDIT, syncer: SCIM}

Reader = Annotated[Identity, Depends(reader)]
Writer = Annotated[Identity, Depends(writer)]
Admin = Annotated[Identity, Depends(admin)]
Auditor = Annotated[Identity, Depends(auditor)]
Syncer = Annotated[Identity, Depends(syncer)]
