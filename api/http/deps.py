"""What routes depend on: one part of the service each, and the caller's identity."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp

from api.demo.people import SamplePerson
from api.http import (
    absences,
    administration,
    audit_trail,
    compared,
    conversations,
    evaluations,
    feedback,
    job_desk,
    links,
    parts,
    recall,
    releases,
    review_desk,
    running,
    stored,
    strictness,
    telemetry,
)
from api.http import people as persons
from api.http.auth import ADMIN, AUDIT, READ, REVIEW, SCIM, WRITE, Authenticator, Identity
from api.http.cookies import session_of
from api.http.numbers import NumberedAnswers
from api.http.page_address import page_address
from api.http.recording import Access, access_of
from api.http.stopping import Stopping
from api.http.throttling import ENDED, GUESS, counted
from ingest.errors import NotAuthenticated
from retrieval.types import Principal

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


async def _allowing(request: Request) -> stored.Allowing:
    return _parts(request).allowing


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


async def _absences(request: Request) -> absences.NumberedAbsences:
    held = _parts(request)
    return absences.NumberedAbsences(held.absences, held.numbers)


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


async def _checking(request: Request) -> administration.Checking:
    return _parts(request).checking


async def _administration(request: Request) -> administration.Administration:
    return _parts(request).administration


async def _trail(request: Request) -> audit_trail.Trail:
    return _parts(request).trail


async def _feedback(request: Request) -> feedback.FeedbackDesk:
    return _parts(request).feedback


async def _recall(request: Request) -> recall.Recall:
    return _parts(request).recall


async def _asking_again(request: Request) -> recall.AskingAgain:
    return _parts(request).asking_again


async def _differences(request: Request) -> compared.Differences:
    return _parts(request).differences


async def _exports(request: Request) -> parts.Exports:
    return _parts(request).exports


async def _explanations(request: Request) -> parts.Explanations:
    return _parts(request).explanations


async def _replays(request: Request) -> parts.Replays:
    return _parts(request).replays


async def _sign_offs(request: Request) -> parts.SignOffs:
    return _parts(request).sign_offs


async def _page(request: Request) -> str:
    return page_address(request, _parts(request).authenticator.public_url)


async def _reviews(request: Request) -> review_desk.Reviews:
    return _parts(request).reviews


async def _placing(request: Request) -> review_desk.Placing:
    return _parts(request).placing


async def _review_exports(request: Request) -> review_desk.ReviewExports:
    return _parts(request).review_exports


async def _conversations(request: Request) -> conversations.Conversations:
    return _parts(request).conversations


async def _strictness(request: Request) -> strictness.Offered:
    return _parts(request).strictness


async def _running(request: Request) -> running.Running:
    return _parts(request).running


async def _evaluations(request: Request) -> evaluations.Evaluations:
    return _parts(request).evaluations


async def _releases(request: Request) -> releases.Releases:
    return _parts(request).releases


async def _trial(request: Request) -> releases.TrialFigures:
    return _parts(request).trial


async def _mcp(request: Request) -> ASGIApp:
    return _parts(request).mcp


Authentication = Annotated[Authenticator, Depends(_authenticator)]
People = Annotated[tuple[SamplePerson, ...] | None, Depends(_people)]
Documents = Annotated[stored.Documents, Depends(_documents)]
Allowing = Annotated[stored.Allowing, Depends(_allowing)]
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
Checking = Annotated[administration.Checking, Depends(_checking)]
Administration = Annotated[administration.Administration, Depends(_administration)]
Trail = Annotated[audit_trail.Trail, Depends(_trail)]
KeyLife = Annotated[timedelta, Depends(_key_life)]
FeedbackDesk = Annotated[feedback.FeedbackDesk, Depends(_feedback)]
Recall = Annotated[recall.Recall, Depends(_recall)]
AskingAgain = Annotated[recall.AskingAgain, Depends(_asking_again)]
Absences = Annotated[absences.NumberedAbsences, Depends(_absences)]
Differences = Annotated[compared.Differences, Depends(_differences)]
Exports = Annotated[parts.Exports, Depends(_exports)]
Explanations = Annotated[parts.Explanations, Depends(_explanations)]
Replays = Annotated[parts.Replays, Depends(_replays)]
SignOffs = Annotated[parts.SignOffs, Depends(_sign_offs)]
Page = Annotated[str, Depends(_page)]
Reviews = Annotated[review_desk.Reviews, Depends(_reviews)]
ReviewExports = Annotated[review_desk.ReviewExports, Depends(_review_exports)]
Placing = Annotated[review_desk.Placing, Depends(_placing)]
Conversations = Annotated[conversations.Conversations, Depends(_conversations)]
Strictness = Annotated[strictness.Offered, Depends(_strictness)]
Running = Annotated[running.Running, Depends(_running)]
Evaluations = Annotated[evaluations.Evaluations, Depends(_evaluations)]
Releases = Annotated[releases.Releases, Depends(_releases)]
TrialFigures = Annotated[releases.TrialFigures, Depends(_trial)]
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


def _whenever(scope: str) -> Callable[[Request, Authentication], Awaitable[Callable[[], Principal]]]:
    async def dependency(request: Request, authenticator: Authentication) -> Callable[[], Principal]:
        def now() -> Principal:
            known = identified(request, authenticator)
            known.require(scope)
            return known.principal

        return now

    return dependency


# Who reads, reviews or audits, by the credential as it is whenever this is asked; raises what `reader`, `reviewer` and
# `auditor` raise.
reading, reviewing, auditing = _whenever(READ), _whenever(REVIEW), _whenever(AUDIT)


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


def reviewer(caller: Annotated[Identity, Depends(identity)]) -> Identity:
    caller.require(REVIEW)
    return caller


# What `api.http.admission` asks for before a body is read.
SCOPES = {reader: READ, writer: WRITE, admin: ADMIN, auditor: AUDIT, syncer: SCIM, reviewer: REVIEW}

Reader = Annotated[Identity, Depends(reader)]
Reading = Annotated[Callable[[], Principal], Depends(reading)]
Auditing = Annotated[Callable[[], Principal], Depends(auditing)]
Reviewing = Annotated[Callable[[], Principal], Depends(reviewing)]
Writer = Annotated[Identity, Depends(writer)]
Admin = Annotated[Identity, Depends(admin)]
Auditor = Annotated[Identity, Depends(auditor)]
Syncer = Annotated[Identity, Depends(syncer)]
Reviewer = Annotated[Identity, Depends(reviewer)]
