"""Errors of retrieval.

RetrievalError
├── InvalidPrincipal    a user or group name that no credential could carry
├── InvalidQuery        empty, too long, or nothing but control characters
├── TooLongToCompare    a text that is longer than two texts are compared
└── IndexUnavailable    the index cannot be opened or rebuilt
    ├── HostLost        a machine that holds a part of it, or the way there, is gone
    └── SegmentMissing  a part of it is not where it should be, or damaged
"""

from __future__ import annotations

from ingest.errors import FootnoteError


class RetrievalError(FootnoteError):
    """A search that cannot be carried out. `code` is stable and goes into problem+json."""

    code = "retrieval_error"


class InvalidPrincipal(RetrievalError):
    code = "invalid_principal"


class InvalidQuery(RetrievalError):
    code = "invalid_query"


class TooLongToCompare(RetrievalError):
    code = "too_long_to_compare"


class IndexUnavailable(RetrievalError):
    code = "index_unavailable"


class HostLost(IndexUnavailable):
    code = "index_host_lost"


class SegmentMissing(IndexUnavailable):
    """`names`: of the segments that no machine can open."""

    code = "index_segment_missing"

    def __init__(self, message: str, names: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.names = names

    def __reduce__(self) -> tuple[type[SegmentMissing], tuple[str, tuple[str, ...]]]:
        return type(self), (str(self), self.names)
