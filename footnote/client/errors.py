"""What can go wrong.

FootnoteClientError
  NotSetUp            no address, or one that cannot be used
  ConnectionFailed    no service answers, or the connection broke
    TookTooLong
  UnexpectedReply     what answers is not a Footnote service that this client understands
  FootnoteProblem     the service says what is wrong and what to do (RFC 9457)
    NotAuthenticated 401, NotAllowed 403, NotFound 404, TooLarge 413, Invalid 422, TooMuch 429, Unavailable 503
"""

from __future__ import annotations

import json
from typing import Any


class FootnoteClientError(Exception):
    """All that this client raises of its own."""


class NotSetUp(FootnoteClientError):
    """The address or the key of the service is missing or cannot be used."""


class ConnectionFailed(FootnoteClientError):
    """No service answers, or the connection broke."""


class TookTooLong(ConnectionFailed):
    """Nothing came for longer than `timeout` seconds."""


class UnexpectedReply(FootnoteClientError):
    """What came is not what a Footnote service of about this version says."""


class ChangedMeanwhile(FootnoteClientError):
    """A file became shorter while it was sent."""


class FootnoteProblem(FootnoteClientError):
    """The service's own words: `code` is stable, `detail` says what is wrong and what to do."""

    def __init__(self, status: int, code: str, title: str, detail: str) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.status, self.code, self.title, self.detail)


class NotAuthenticated(FootnoteProblem):
    """401: the key is missing, unknown, or has ended."""


class NotAllowed(FootnoteProblem):
    """403: the key's scopes do not reach so far."""


class NotFound(FootnoteProblem):
    """404: it does not exist, or not for whom the key speaks for."""


class TooLarge(FootnoteProblem):
    """413: more than the service takes at once."""


class Invalid(FootnoteProblem):
    """422: the request cannot be carried out as it is."""


class TooMuch(FootnoteProblem):
    """429: too much is waiting already."""


class Unavailable(FootnoteProblem):
    """503: not now."""


_KINDS: dict[int, type[FootnoteProblem]] = {
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    413: TooLarge,
    422: Invalid,
    429: TooMuch,
    503: Unavailable,
}


def problem_of(status: int, reason: str, body: bytes) -> FootnoteProblem:
    """The error that a reply tells of; also one that something between here and the service wrote."""
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if isinstance(told, dict) and "title" in told:
        return problem_from(told, status)
    said = body[:300].decode("utf-8", "replace").strip()
    return _KINDS.get(status, FootnoteProblem)(status, "", f"{status} {reason}".strip(), said)


def problem_from(told: Any, status: int = 0) -> FootnoteProblem:
    """Of problem details; `status` where they have none."""
    if not isinstance(told, dict):
        return FootnoteProblem(status, "", "The service told of an error", str(told)[:300])
    number = told["status"] if isinstance(told.get("status"), int) else status
    words = (str(told.get(name) or "") for name in ("code", "title", "detail"))
    return _KINDS.get(number, FootnoteProblem)(number, *words)
