"""Errors of generation.

GenerationError
├── GeneratorUnavailable   the LLM server is not there, or died
├── GeneratorTimeout       it did not answer in time
├── GeneratorRejected      it refused the request (too long, bad parameter)
├── UnreadableModel        a model file cannot be loaded for training or unpacking
├── NoPermittedTier        no tier of the router may read what was found
├── AuditUnavailable       the record could not be made durable, so nothing may ship
│   └── AuditUnsealed      it is durable, but the head file does not name it yet
├── InvalidFeedback        what is said of an answer names no sentence or passage that there is
├── NotAskedAgain          who asked may not ask any more, or what was asked is gone
├── TooManyDocuments       more than one proof of absence looks through
├── NotMeasured            its bounds were chosen for other models
└── UnresolvedCitation     a quote is not what the text holds; never shipped
"""

from __future__ import annotations

from ingest.errors import FootnoteError


class GenerationError(FootnoteError):
    """An answer that cannot be given. `code` is stable and goes into problem+json."""

    code = "generation_error"


class GeneratorUnavailable(GenerationError):
    code = "generator_unavailable"


class GeneratorTimeout(GenerationError):
    code = "generator_timeout"


class GeneratorRejected(GenerationError):
    """`unserved`: it has no such model or adapter, or not any more; another server may."""

    code = "generator_rejected"

    def __init__(self, message: str = "", *, unserved: bool = False) -> None:
        super().__init__(message)
        self.unserved = unserved


class UnreadableModel(GenerationError):
    code = "unreadable_model"


class NoPermittedTier(GenerationError):
    code = "no_permitted_tier"


class AuditUnavailable(GenerationError):
    code = "audit_unavailable"


class AuditUnsealed(AuditUnavailable):
    """The row is in the trail, as `row_id`, and must not be written again; the next one seals both."""

    code = "audit_unsealed"

    def __init__(self, message: str = "", *, row_id: str = "") -> None:
        super().__init__(message)
        self.row_id = row_id


class UnresolvedCitation(GenerationError):
    code = "unresolved_citation"


class InvalidFeedback(GenerationError):
    code = "invalid_feedback"


class NotAskedAgain(GenerationError):
    code = "not_asked_again"


class TooManyDocuments(GenerationError):
    code = "too_many_documents"


class NotMeasured(GenerationError):
    code = "not_measured"
