"""What may be told of an error in a log line or a trace: where it arose and what kind it is. Its message only where
that is about the service itself, for others name files, quote documents or repeat what was asked."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from traceback import walk_tb
from types import TracebackType
from typing import Any

from ingest.errors import FootnoteError

# Codes of errors whose messages speak of the service's set-up, of models and of servers, never of documents.
_OF_THE_SERVICE = frozenset(
    {
        "adapter_refused",
        "audit_broken",
        "audit_unavailable",
        "database_unavailable",
        "disk_full",
        "embedder_mismatch",
        "generator_timeout",
        "generator_unavailable",
        "identity_provider_unavailable",
        "index_unavailable",
        "index_host_lost",
        "index_segment_missing",
        "migration_failed",
        "model_error",
        "release_refused",
        "segments_changed",
        "service_stopping",
        "sync_running",
        "wrong_configuration",
        "wrong_mapping",
    }
)
_CONNECTIONS = {"psycopg", "psycopg_pool"}  # without an SQLSTATE: of a connection that was not to be had
_MOST_FRAMES, _MOST_ERRORS = 40, 8


def told(error: BaseException) -> str:
    """One line: a code or type and, where it is of the service alone, the message."""
    if state := next(filter(None, (getattr(one, "sqlstate", None) for one in _chain(error))), None):
        return f"{_kind(error)}: SQLSTATE {state}"  # PostgreSQL's own words repeat values
    if isinstance(error, OSError):
        number = errno.errorcode.get(error.errno or 0, "")
        return f"{_kind(error)}: {number}" if number else _kind(error)  # without the file's name
    if isinstance(error, FootnoteError) and _speaks_of_the_service(error):
        return f"{error.code}: {error}"
    return _kind(error)


def raised(error: BaseException) -> list[dict[str, Any]]:
    """The error and what it came from, outermost first: what may be told of each, and the places that it went through,
    innermost last, as module:line function. No messages, no values."""
    return [
        {"error": told(one), "type": type(one).__qualname__, "at": _places(one.__traceback__)} for one in _chain(error)
    ]


def _kind(error: BaseException) -> str:
    return error.code if isinstance(error, FootnoteError) else type(error).__qualname__


def _speaks_of_the_service(error: FootnoteError) -> bool:
    """Whether its message, and those that it may have been made from, are of the service."""
    codes = {kind.code for kind in type(error).__mro__ if issubclass(kind, FootnoteError)}
    return not _OF_THE_SERVICE.isdisjoint(codes) and _repeats_nothing(error.__cause__)


def _repeats_nothing(cause: BaseException | None) -> bool:
    if isinstance(cause, FootnoteError):
        return _speaks_of_the_service(cause)
    return cause is None or isinstance(cause, OSError) or type(cause).__module__.partition(".")[0] in _CONNECTIONS


def _chain(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < _MOST_ERRORS:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
        if one.__cause__ is not None:
            waiting.append(one.__cause__)
        elif one.__context__ is not None and not one.__suppress_context__:
            waiting.append(one.__context__)


def _places(trace: TracebackType | None) -> list[str]:
    frames = [f"{frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}" for frame, line in walk_tb(trace)]
    return frames[-_MOST_FRAMES:]
