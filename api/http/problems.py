"""Every error that a caller can meet, as RFC 9457 problem details."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.http.schemas.problems import Problem
from ingest.errors import FootnoteError

log = logging.getLogger("footnote")  # not structlog: its tracebacks print local variables, and with them documents

# Status and title by the error's code, or by that of the nearest class above it.
_PROBLEMS: dict[str, tuple[int, str]] = {
    "not_authenticated": (401, "Sign in first"),
    "not_allowed": (403, "Not allowed"),
    "not_found": (404, "Not found"),
    "index_unavailable": (503, "The index is not available"),
    "invalid_principal": (422, "Not a user or group that can be named here"),
    "retrieval_error": (422, "The question cannot be searched"),
    "unknown_language": (422, "Not a language"),
    "file_too_large": (413, "The file is too large"),
    "unsupported_format": (415, "This kind of file cannot be read"),
    "wrong_extension": (415, "The file is not what its name says"),
    "invalid_fact": (422, "Not a fact that can be stored"),
    "invalid_cursor": (422, "Not a place in this list"),
    "no_page_images": (415, "There are no pages to show"),
    "no_such_page": (404, "There is no such page"),
    "page_error": (422, "The page cannot be shown"),
    "ingest_error": (422, "The file cannot be read"),
    "audit_unavailable": (503, "The audit trail cannot be written"),
    "generator_timeout": (504, "The language model took too long"),
    "generation_error": (503, "No answer can be given now"),
    "disk_full": (507, "No disk space left"),
    "blob_missing": (503, "The original is not available"),
    "blob_damaged": (503, "The original is not available"),
    "adapter_refused": (503, "The adapter cannot be used"),
    "store_error": (503, "The database is not available"),
    "model_error": (503, "A model is missing"),
    "wrong_configuration": (503, "The service is not set up correctly"),
    "body_too_large": (413, "The request is too large"),
    "body_not_taken": (415, "This kind of request is not taken here"),
    "request_too_slow": (408, "The request came too slowly"),
    "unknown_host": (421, "This host is not served here"),
    "service_stopping": (503, "The service is stopping"),
    FootnoteError.code: (503, "This cannot be done now"),
}
# Of these the caller is not told the detail, which names files and variables of the service: it goes to the log.
_FOR_THE_OPERATOR = {"wrong_configuration"}
_LOGGED = "The service's log says what is wrong, for whoever runs it."
# Of commands and trainings alone: they cannot be met over HTTP, and here they are as unforeseen as any other exception.
_NOT_MET_HERE = {"usage", "data_changed", "training_refused"}


class NotFound(FootnoteError):
    """The thing does not exist, or the caller may not know that it does."""

    code = "not_found"

    def __init__(self, message: str = "There is nothing here that you may read.") -> None:
        super().__init__(message)


def problem_of(error: Exception) -> Problem:
    """The problem that an error is to the caller; what is not foreseen says nothing about the inside."""
    line = [kind.code for kind in type(error).__mro__ if issubclass(kind, FootnoteError)]
    if isinstance(error, FootnoteError) and _NOT_MET_HERE.isdisjoint(line):
        known = next(code for code in line if code in _PROBLEMS)
        (status, title), detail = _PROBLEMS[known], str(error)
        if known in _FOR_THE_OPERATOR:
            log.error("%s: %s", title, detail)
            detail = _LOGGED
        return Problem(title=title, status=status, detail=detail, code=error.code)
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
        FootnoteError: foreseen,
        Exception: foreseen,
        RequestValidationError: invalid,
        HTTPException: http,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _first(error: RequestValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body")
    return f"{place}: {first['msg']}." if place else f"{first['msg']}."
