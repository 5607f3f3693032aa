"""Every error that a caller can meet, as RFC 9457 problem details."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.http.auth import NotAllowed, NotAuthenticated
from api.http.schemas import Problem
from generation.errors import GenerationError, GeneratorTimeout
from infra.models.errors import DiskFull as CacheFull
from infra.models.errors import ModelError
from infra.postgres.errors import AdapterRefused, BlobDamaged, BlobMissing, DiskFull, StoreError
from ingest.errors import FileTooLarge, IngestError, UnsupportedFormat, WrongExtension
from retrieval.errors import IndexUnavailable, InvalidPrincipal, RetrievalError

log = logging.getLogger("footnote")  # not structlog: its tracebacks print local variables, and with them documents

# The first class that fits decides: status and title.
_PROBLEMS: tuple[tuple[type[Exception], int, str], ...] = (
    (NotAuthenticated, 401, "Sign in first"),
    (NotAllowed, 403, "Not allowed"),
    (IndexUnavailable, 503, "The index is not available"),
    (InvalidPrincipal, 422, "Not a user or group that can be named here"),
    (RetrievalError, 422, "The question cannot be searched"),
    (FileTooLarge, 413, "The file is too large"),
    (UnsupportedFormat, 415, "This kind of file cannot be read"),
    (WrongExtension, 415, "The file is not what its name says"),
    (IngestError, 422, "The file cannot be read"),
    (GeneratorTimeout, 504, "The language model took too long"),
    (GenerationError, 503, "No answer can be given now"),
    (DiskFull, 507, "No disk space left"),
    (CacheFull, 507, "No disk space left"),
    (BlobMissing, 503, "The original is not available"),
    (BlobDamaged, 503, "The original is not available"),
    (AdapterRefused, 503, "The adapter cannot be used"),
    (StoreError, 503, "The database is not available"),
    (ModelError, 503, "A model is missing"),
)
EXPECTED = tuple(kind for kind, _, _ in _PROBLEMS)


class NotFound(Exception):
    """The thing does not exist, or the caller may not know that it does."""

    code = "not_found"


def problem_of(error: Exception) -> Problem:
    """The problem that an error is to the caller; what is not foreseen says nothing about the inside."""
    for kind, status, title in _PROBLEMS:
        if isinstance(error, kind):
            return Problem(title=title, status=status, detail=str(error), code=getattr(error, "code", "error"))
    log.error("unforeseen error", exc_info=error)
    detail = "Something unforeseen went wrong. The service's log has the details."
    return Problem(title="Internal error", status=500, detail=detail, code="internal_error")


def response_of(problem: Problem) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    body = problem.model_dump(exclude_none=True)
    return JSONResponse(body, problem.status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Makes every error of the application a problem."""

    async def foreseen(request: Request, error: Exception) -> JSONResponse:
        return response_of(problem_of(error))

    async def missing(request: Request, error: Exception) -> JSONResponse:
        detail = str(error) or "There is nothing here that you may read."
        return response_of(Problem(title="Not found", status=404, detail=detail, code="not_found"))

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return response_of(Problem(title="Invalid request", status=422, detail=_first(error), code="invalid_request"))

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = "not_found" if error.status_code == 404 else "http_error"
        problem = Problem(title=str(error.detail), status=error.status_code, detail=str(error.detail), code=code)
        response = response_of(problem)
        response.headers.update(error.headers or {})
        return response

    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[JSONResponse]]] = {
        **dict.fromkeys(EXPECTED, foreseen),
        Exception: foreseen,
        NotFound: missing,
        RequestValidationError: invalid,
        HTTPException: http,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _first(error: RequestValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body")
    return f"{place}: {first['msg']}." if place else f"{first['msg']}."
