"""What routes depend on: one part of the service each, and the caller's identity."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from api.demo.people import SamplePerson
from api.http import links, parts
from api.http.auth import READ, WRITE, Authenticator, Identity
from api.http.stopping import Stopping

_bearer = HTTPBearer(auto_error=False, description="An API key, or a JWT with sub, groups and exp.")


def _parts(request: Request) -> parts.Parts:
    held: parts.Parts = request.app.state.parts
    return held


# Coroutines, for FastAPI would run plain functions in a thread each.


async def _authenticator(request: Request) -> Authenticator:
    return _parts(request).authenticator


async def _people(request: Request) -> tuple[SamplePerson, ...] | None:
    return _parts(request).people


async def _documents(request: Request) -> parts.Documents:
    return _parts(request).documents


async def _listing(request: Request) -> parts.Listing:
    return _parts(request).listing


async def _facts(request: Request) -> parts.Facts:
    return _parts(request).facts


async def _uploads(request: Request) -> parts.Uploads:
    return _parts(request).uploads


async def _search(request: Request) -> parts.Search:
    return _parts(request).search


async def _answers(request: Request) -> parts.Answers:
    return _parts(request).answers


async def _pages(request: Request) -> parts.PageImages:
    return _parts(request).pages


async def _links(request: Request) -> links.Links:
    return _parts(request).links


async def _stopping(request: Request) -> Stopping:
    found: Stopping = request.app.state.stopping
    return found


async def _checks(request: Request) -> parts.Checks:
    return _parts(request).checks


Authentication = Annotated[Authenticator, Depends(_authenticator)]
People = Annotated[tuple[SamplePerson, ...] | None, Depends(_people)]
Documents = Annotated[parts.Documents, Depends(_documents)]
Listing = Annotated[parts.Listing, Depends(_listing)]
Facts = Annotated[parts.Facts, Depends(_facts)]
Uploads = Annotated[parts.Uploads, Depends(_uploads)]
Search = Annotated[parts.Search, Depends(_search)]
Answers = Annotated[parts.Answers, Depends(_answers)]
PageImages = Annotated[parts.PageImages, Depends(_pages)]
Links = Annotated[links.Links, Depends(_links)]
WhenStopping = Annotated[Stopping, Depends(_stopping)]
Checks = Annotated[parts.Checks, Depends(_checks)]


def identity(request: Request, authenticator: Authentication, _: Annotated[object, Security(_bearer)]) -> Identity:
    """The caller, or `NotAuthenticated`."""
    return authenticator.identify(request.headers.get("authorization", ""))


def reader(caller: Annotated[Identity, Depends(identity)]) -> Identity:
    caller.require(READ)
    return caller


def writer(caller: Annotated[Identity, Depends(identity)]) -> Identity:
    caller.require(WRITE)
    return caller


SCOPES = {reader: READ, writer: WRITE}  # what `api.http.admission` asks for before a body is read

Reader = Annotated[Identity, Depends(reader)]
Writer = Annotated[Identity, Depends(writer)]
