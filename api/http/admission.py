"""Who asks is checked from the headers alone, then length and type of what they send; then the route reads it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fastapi import params
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.deps import SCOPES, identified, identity
from api.http.limits import NOTHING, SIGN_IN_BYTES, BodyLimits, Exchange, Taken, form, job, json_body
from api.http.problems import NotFound
from api.http.stopping import Stopping, stopped
from ingest.errors import FootnoteError


class InvalidRequest(FootnoteError):
    """What no route can take."""

    code = "invalid_request"


@dataclass(frozen=True, slots=True)
class Demands:
    """What a route asks of a request: a credential with these scopes, and a body such as it takes."""

    credential: bool
    scopes: tuple[str, ...]
    taken: Taken


class Admission:
    """Plain ASGI. What a route demands is read from its dependencies and its body; what is no route of ours gets no
    body to read. Routes check the credential once more when the body is there."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], limits: BodyLimits, stopping: Stopping) -> None:
        self._app = app
        self._routes = [(route, demands(route, limits)) for route in routes if isinstance(route, APIRoute)]
        self._timeout_s = limits.timeout_s
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        demanded = self._demanded(scope)
        demanded = replace(demanded, taken=demanded.taken.of(Headers(scope=scope)))
        exchange = Exchange(scope, receive, send, demanded.taken, self._timeout_s)
        try:
            await _admit(scope, demanded)
        except FootnoteError as error:
            await exchange.refuse(error)
            return
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except asyncio.CancelledError:
            if exchange.started or not self._stopping.begun:
                raise
            await exchange.refuse(stopped(), linger=False)

    def _demanded(self, scope: Scope) -> Demands:
        found = (demands for route, demands in self._routes if route.matches(scope)[0] is Match.FULL)
        return next(found, Demands(False, (), NOTHING))


def demands(route: APIRoute, limits: BodyLimits) -> Demands:
    calls = {dependant.call for dependant in _below(route.dependant)}
    credential = identity in calls
    scopes = tuple(scope for call, scope in SCOPES.items() if call in calls)
    return Demands(credential, scopes, _taken(route, limits, credential))


def _taken(route: APIRoute, limits: BodyLimits, credential: bool) -> Taken:
    if route.openapi_extra and "requestBody" in route.openapi_extra:  # it reads files or JSON itself
        return job(limits)
    if route.body_field is None:
        return NOTHING
    if isinstance(route.body_field.field_info, params.Form):
        return form(limits)
    return json_body(limits.json_bytes if credential else min(SIGN_IN_BYTES, limits.json_bytes))


def _below(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for needed in dependant.dependencies:
        yield from _below(needed)


async def _admit(scope: Scope, demanded: Demands) -> None:
    """Raises `NotAuthenticated`, `CrossSite`, `NotAllowed`, what `Taken.check` raises, and for NUL, which PostgreSQL
    stores nowhere, `NotFound` in a path and `InvalidRequest` in a query."""
    headers = Headers(scope=scope)
    if demanded.credential:
        authenticator = scope["app"].state.parts.authenticator
        caller = await run_in_threadpool(identified, HTTPConnection(scope), authenticator)
        for needed in demanded.scopes:
            caller.require(needed)
    demanded.taken.check(headers)
    if "\0" in scope["path"]:
        raise NotFound
    if b"%00" in scope["query_string"] or b"\0" in scope["query_string"]:
        raise InvalidRequest("The address holds a NUL character (%00). Leave it out.")
