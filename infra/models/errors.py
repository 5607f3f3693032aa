"""Errors of the model store.

ModelError
├── UnknownModel       no model, file or profile of that name in the manifest
├── ModelNotFetched    known, but not in the cache (or only in part)
├── CorruptModel       bytes that are not what the manifest pins, in the cache or from a source
├── NoNetwork          a source could not be reached
└── SourceRefused      a source was reached and does not give the file

Every message says what is wrong and what to do, for a person who sees nothing else.
"""

from __future__ import annotations

from ingest.errors import FootnoteError


class ModelError(FootnoteError):
    """Something about model files that a user can mend. `code` is stable and goes into reports."""

    code = "model_error"


class UnknownModel(ModelError):
    code = "unknown_model"


class ModelNotFetched(ModelError):
    code = "model_not_fetched"


class CorruptModel(ModelError):
    code = "corrupt_model"


class NoNetwork(ModelError):
    code = "no_network"


class SourceRefused(ModelError):
    code = "source_refused"
