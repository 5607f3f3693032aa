"""What goes wrong, and how the service is."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Health(BaseModel):
    status: str
    checks: dict[str, str] = {}


class ProblemError(BaseModel):
    """What OpenAI's clients read of an error; `param`: the field of the request that is at fault."""

    message: str
    type: str
    param: str | None = None
    code: str


class Problem(BaseModel):
    """RFC 9457 problem details; `code` is stable, `detail` says what is wrong and what to do. `retry_after`: with
    every 429 and 503, as the header Retry-After, in seconds. `error`: on the routes of OpenAI's protocol alone."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None
    retry_after: int | None = None
    request_id: str | None = Field(
        default=None, description="As in the header X-Request-Id and the service's log; not with status 404"
    )
    error: ProblemError | None = None


# What a request with a body may meet before its route.
REFUSED: dict[int | str, dict[str, Any]] = {
    408: {"model": Problem, "description": "The request came too slowly"},
    413: {"model": Problem, "description": "The request is too large"},
    415: {"model": Problem, "description": "The request is of another content type"},
}
# What a request may meet where only so much goes on at once.
NOT_NOW: dict[int | str, dict[str, Any]] = {
    status: {
        "model": Problem,
        "description": description,
        "headers": {"Retry-After": {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}}},
    }
    for status, description in (
        (429, "The caller has too much waiting, or a budget is spent"),
        (503, "Too many wait, or a part of the service is not available"),
    )
}
