"""Errors of retrieval.

RetrievalError
├── InvalidPrincipal    a user or group name that no credential could carry
├── InvalidQuery        empty, too long, or nothing but control characters
├── TooLongToCompare    a text that is longer than two texts are compared
└── IndexUnavailable    the index cannot be opened or rebuilt
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
