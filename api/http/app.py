"""The FastAPI application: routes, problems, the web page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import forms, problems, streaming
from api.http.admission import Admission
from api.http.hosts import KnownHosts
from api.http.limits import BodyLimits
from api.http.parts import Parts
from api.http.recording import Recording
from api.http.routes import (
    absence,
    admin,
    allowing,
    answers,
    audit,
    chat,
    compare,
    conversations,
    documents,
    evaluations,
    facts,
    feedback,
    health,
    jobs,
    keys,
    listing,
    mcp,
    metrics,
    oidc,
    pages,
    query,
    recall,
    releases,
    reviews,
    running,
    scim,
    session,
    sign_offs,
)
from api.http.schemas.problems import Problem
from api.http.stopping import Stopping
from api.http.telemetry import REQUEST_ID, Requests, Silent

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_ABOUT = (
    f"Every response carries a {REQUEST_ID}: the one that was sent, where it is 8 to 64 letters, digits, dots, "
    "underscores and hyphens, else the trace id of a W3C `traceparent`, else a new one. Problems name it as "
    "`request_id`, but for those of status 404, and so do the service's log lines."
)


def create_app(parts: Parts | None, *, warm: Callable[[], object] | None = None) -> FastAPI:
    """The application over these parts; without any it can be described, not called. `warm` loads what is slow before
    the first request."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if warm is not None:
            await run_in_threadpool(warm)
        works = [asyncio.ensure_future(work()) for work in ((*parts.works, parts.running.run) if parts else ())]
        yield
        for one in works:
            one.cancel()
        await asyncio.gather(*works, return_exceptions=True)

    app = FastAPI(
        title="Footnote",
        version="0.1.0",
        summary="Answers over your own documents in which every sentence is cited, checked and allowed.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses={"default": {"model": Problem, "description": "What is wrong, and what to do"}},
    )
    app.state.parts = parts
    app.state.stopping = stopping = Stopping()
    problems.install(app)
    served = (
        query,
        running,
        chat,
        answers,
        allowing,
        listing,
        documents,
        pages,
        facts,
        jobs,
        session,
        keys,
        oidc,
        scim,
        health,
        metrics,
        audit,
        feedback,
        recall,
        absence,
        compare,
        sign_offs,
        reviews,
        conversations,
        evaluations,
        releases,
        admin,
        mcp,
    )
    for module in served:
        app.include_router(module.router)
    describe(app)
    page = static_folder()
    if page is not None:
        app.mount("/assets", StaticFiles(directory=page / "assets", check_dir=False), name="assets")
        app.mount("/docs", StaticFiles(directory=page / "docs", html=True, check_dir=False), name="docs")

        @app.get("/", include_in_schema=False)
        def index() -> FileResponse:
            return FileResponse(page / "index.html")

    app.add_middleware(Admission, routes=app.routes, limits=parts.limits if parts else BodyLimits(), stopping=stopping)
    if parts is not None:
        app.add_middleware(Recording, routes=app.routes)
    if parts is not None and parts.hosts is not None:
        app.add_middleware(KnownHosts, hosts=parts.hosts)
    app.add_middleware(SafetyHeaders)
    telemetry = parts.telemetry if parts else Silent()
    app.add_middleware(Requests, routes=app.routes, telemetry=telemetry)  # the last one is the outermost
    return app


def describe(app: FastAPI) -> None:
    """Completes the OpenAPI description: what FastAPI does not say of streams and of problems."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        spec = plain()
        streaming.describe(spec)
        problems.describe(spec)
        spec["info"]["description"] = _ABOUT
        for name, schema in spec["components"]["schemas"].items():
            if name.startswith("Body_"):  # as FastAPI calls the schema of a form
                forms.describe(schema)
        return spec

    app.openapi = openapi  # type: ignore[method-assign]


def stop(app: FastAPI) -> None:
    """In the event loop, once: what is being ingested ends soon, answers under way at the end of the time of grace."""
    app.state.stopping.begin()
    if app.state.parts is not None:
        app.state.parts.stop()


class SafetyHeaders:
    """Plain ASGI, so that a streamed answer is neither buffered nor kept alive after its reader has left."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
                if scope["path"].startswith(("/v1/", "/scim/", "/mcp")):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_safely if scope["type"] == "http" else send)


def static_folder() -> Path | None:
    """Where `make frontend` puts the built web page; None if it is not there."""
    folder = Path(__file__).parent / "static"
    return folder if (folder / "index.html").is_file() else None
