"""Problems as OpenAI's clients read them, on the routes that they call: the same object with a member `error`, and with
status 400 for whatever is wrong in a request."""

from __future__ import annotations

from api.http.schemas.problems import Problem, ProblemError

_ROUTES = ("/v1/chat/", "/v1/models")
_KINDS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


def spoken_at(path: str) -> bool:
    """Whether OpenAI's clients call this path."""
    return path.startswith(_ROUTES)


def compatible(problem: Problem, param: str | None = None) -> Problem:
    """`param`: the field that is at fault."""
    status = 400 if problem.status == 422 else problem.status
    return problem.model_copy(update={"status": status, "error": error_of(problem, param)})


def error_of(problem: Problem, param: str | None = None) -> ProblemError:
    kind = "server_error" if problem.status >= 500 else _KINDS.get(problem.status, "invalid_request_error")
    return ProblemError(message=problem.detail, type=kind, param=param, code=problem.code)
