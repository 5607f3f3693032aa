"""Every error that a caller can meet, as RFC 9457 problem details."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match, Route
from starlette.types import Scope

from api.http.compatible import compatible, spoken_at
from api.http.schemas.problems import Problem
from api.http.scim.errors import SCIM_MEDIA_TYPE, scim_error
from api.http.telemetry import REQUEST_ID, request_id
from ingest.errors import FootnoteError, NotNow

MEDIA_TYPE = "application/problem+json"  # RFC 9457, section 6.1
log = logging.getLogger("footnote")  # what becomes of its lines: infra/telemetry/logs.py, without words of documents

# Status and title by the error's code, or by that of the nearest class above it.
_PROBLEMS: dict[str, tuple[int, str]] = {
    "not_authenticated": (401, "Sign in first"),
    "not_allowed": (403, "Not allowed"),
    "not_found": (404, "Not found"),
    "model_not_found": (404, "No such model"),
    "index_unavailable": (503, "The index is not available"),
    "invalid_principal": (422, "Not a user or group that can be named here"),
    "too_long_to_compare": (422, "Too long to compare"),
    "retrieval_error": (422, "The question cannot be searched"),
    "unknown_language": (422, "Not a language"),
    "file_too_large": (413, "The file is too large"),
    "unsupported_format": (415, "This kind of file cannot be read"),
    "wrong_extension": (415, "The file is not what its name says"),
    "invalid_fact": (422, "Not a fact that can be stored"),
    "invalid_request": (422, "Invalid request"),
    "invalid_cursor": (422, "Not a place in this list"),
    "no_page_images": (415, "There are no pages to show"),
    "no_such_page": (404, "There is no such page"),
    "page_error": (422, "The page cannot be shown"),
    "ingest_error": (422, "The file cannot be read"),
    "audit_unavailable": (503, "The audit trail cannot be written"),
    "generator_timeout": (504, "The language model took too long"),
    "too_many_documents": (422, "Too many documents"),
    "not_measured": (503, "Absence cannot be told here"),
    "generation_error": (503, "No answer can be given now"),
    "disk_full": (507, "No disk space left"),
    "blob_missing": (503, "The original is not available"),
    "blob_damaged": (503, "The original is not available"),
    "adapter_refused": (503, "The adapter cannot be used"),
    "release_refused": (409, "Not as a release stands"),
    "held_back": (409, "A legal hold keeps it"),
    "store_error": (503, "The database is not available"),
    "model_error": (503, "A model is missing"),
    "vault_error": (503, "The audit trail cannot be opened"),
    "wrong_configuration": (503, "The service is not set up correctly"),
    "body_too_large": (413, "The request is too large"),
    "body_not_taken": (415, "This kind of request is not taken here"),
    "request_too_slow": (408, "The request came too slowly"),
    "unknown_host": (421, "This host is not served here"),
    "job_missing": (404, "Not found"),
    "connector_refused": (404, "Not a connector"),
    "job_finished": (409, "The job has ended"),
    "quota_exceeded": (429, "Too much is waiting"),
    "idempotency_conflict": (422, "The idempotency key was used before"),
    "folder_refused": (403, "Not a folder that may be ingested"),
    "invalid_form": (422, "Not a form that can be taken"),
    "invalid_job": (422, "Not a job"),
    "invalid_name": (422, "Not a name for a file"),
    "file_cancelled": (409, "The upload was cancelled"),
    "service_stopping": (503, "The service is stopping"),
    "service_busy": (503, "The service is busy"),
    "too_many_waiting": (429, "You have too much waiting"),
    "too_many_running": (429, "You have too many answers under way"),
    "no_room_to_run": (503, "The service is busy"),
    "answer_stopped": (409, "The answer was stopped"),
    "strictness_not_offered": (422, "Not offered here"),
    "answer_closed": (409, "Ask the question again"),
    "budget_spent": (429, "The budget of the day is spent"),
    "too_many_bad_credentials": (429, "Too many credentials that do not count"),
    "cross_site": (403, "Asked by another page"),
    "sign_in_failed": (401, "The sign-in did not complete"),
    "sign_in_refused": (401, "The sign-in was refused"),
    "identity_provider_unavailable": (503, "The identity provider is not available"),
    "name_taken": (409, "The name is taken"),
    "unknown_member": (400, "Nobody to add to the group"),
    "scim_error": (400, "The request cannot be carried out"),
    "invalid_feedback": (422, "Not feedback that can be taken"),
    "not_asked_again": (409, "It cannot be asked again"),
    "share_incomplete": (422, "It cannot be shared alone"),
    "witness_error": (503, "The audit trail and its checkpoints differ"),
    "review_missing": (404, "Not found"),
    "invalid_review": (422, "Not a review"),
    FootnoteError.code: (503, "This cannot be done now"),
}
# Seconds after which it may be otherwise, of what cannot tell better than that (`NotNow` can): where a part of the
# service comes back by itself it is soon, where somebody has to do something it is not.
_AFTER_S = {
    "service_stopping": 5,
    "store_error": 5,
    "index_unavailable": 10,
    "audit_unavailable": 10,
    "generation_error": 10,
    "quota_exceeded": 60,
}
_MENDED_S = 30
# Of these the caller is not told the detail, which names files and variables of the service: it goes to the log.
_FOR_THE_OPERATOR = {"wrong_configuration", "vault_error"}
_LOGGED = "The service's log says what is wrong, for whoever runs it."
# Of commands and trainings alone: they cannot be met over HTTP, and here they are as unforeseen as any other exception.
_NOT_MET_HERE = {"usage", "data_changed", "training_refused", "backup_refused", "backup_damaged"}


class NotFound(FootnoteError):
    """The thing does not exist, or the caller may not know that it does."""

    code = "not_found"

    def __init__(self, message: str = "There is nothing here that you may read.") -> None:
        super().__init__(message)


class ModelNotFound(NotFound):
    """No model of that name is offered to OpenAI's clients."""

    code = "model_not_found"


def problem_of(error: Exception) -> Problem:
    """The problem that an error is to the caller; what is not foreseen says nothing about the inside."""
    line = [kind.code for kind in type(error).__mro__ if issubclass(kind, FootnoteError)]
    if isinstance(error, FootnoteError) and _NOT_MET_HERE.isdisjoint(line):
        known = next(code for code in line if code in _PROBLEMS)
        (status, title), detail = _PROBLEMS[known], str(error)
        if known in _FOR_THE_OPERATOR:
            log.error("%s: %s", title, error)
            detail = _LOGGED
        after = error.retry_after if isinstance(error, NotNow) else _after(status, known)
        return _asked_for(Problem(title=title, status=status, detail=detail, code=error.code, retry_after=after))
    log.error("unforeseen error", exc_info=error)
    detail = "Something unforeseen went wrong. The service's log has the details."
    return _asked_for(Problem(title="Internal error", status=500, detail=detail, code="internal_error"))


def _after(status: int, known: str) -> int | None:
    return _AFTER_S.get(known, _MENDED_S) if status in {429, 503} else None


def _asked_for(problem: Problem) -> Problem:
    """With the id of the request that met it; but what is hidden and what is missing are told in the same bytes."""
    return problem if problem.status == 404 else problem.model_copy(update={"request_id": request_id() or None})


def response_of(problem: Problem, path: str = "", param: str | None = None) -> JSONResponse:
    """`path` was asked for, and below /scim/ an error has the shape of SCIM; `param`: the field that is at fault."""
    if spoken_at(path):
        problem = compatible(problem, param)
    problem = _asked_for(problem)
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if own := request_id():  # an unforeseen one is answered from outside of all that sets headers
        headers[REQUEST_ID] = own
    if path.startswith("/scim/"):
        body, status = scim_error(problem)
        return JSONResponse(body, status, headers, media_type=SCIM_MEDIA_TYPE)
    body = problem.model_dump(exclude_none=True)
    return JSONResponse(body, problem.status, headers, media_type=MEDIA_TYPE)


def describe(spec: dict[str, Any]) -> None:
    """Gives problems their media type in the OpenAPI description; FastAPI describes every model as plain JSON."""
    operations = (operation for item in spec["paths"].values() for operation in item.values())
    for response in (response for operation in operations for response in operation["responses"].values()):
        content = response.get("content", {})
        plain = content.get("application/json", {})
        if plain.get("schema", {}).get("$ref") == "#/components/schemas/Problem":
            content[MEDIA_TYPE] = content.pop("application/json")


def install(app: FastAPI) -> None:
    """Makes every error of the application a problem."""

    async def foreseen(request: Request, error: Exception) -> JSONResponse:
        return response_of(problem_of(error), request.url.path, getattr(error, "field", None))

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        place, detail = _first(error)
        problem = Problem(title="Invalid request", status=422, detail=detail, code="invalid_request")
        return response_of(problem, request.url.path, place or None)

    async def gone(request: Request, error: Exception) -> Response:
        return Response(status_code=400)  # nobody is there to read it

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code, detail, headers = "http_error", str(error.detail), dict(error.headers or {})
        if error.status_code == 404:
            code = "not_found"
        if error.status_code == 405:  # the framework names the methods of one route, not those of the path
            headers["Allow"] = ", ".join(_methods(app, request.scope))
            detail = f"Here you can {headers['Allow']}."
        problem = Problem(title=str(error.detail), status=error.status_code, detail=detail, code=code)
        response = response_of(problem, request.url.path)
        response.headers.update(headers)
        return response

    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        FootnoteError: foreseen,
        Exception: foreseen,
        RequestValidationError: invalid,
        HTTPException: http,
        ClientDisconnect: gone,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _methods(app: FastAPI, scope: Scope) -> list[str]:
    """What can be asked at this path."""
    return sorted(
        {
            method
            for route in app.routes
            if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE
            for method in route.methods or ()
        }
    )


def _first(error: RequestValidationError) -> tuple[str, str]:
    """Where the first fault is, and what it is."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body")
    said = "there is no such field here: leave it out" if first["type"] == "extra_forbidden" else first["msg"]
    said = said.removeprefix("Value error, ").removesuffix(".")
    return place, f"{place}: {said}." if place else f"{said}."
