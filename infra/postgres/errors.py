"""Errors of the store.

StoreError
├── DatabaseUnavailable   PostgreSQL is not there, too old, or went away in the middle
├── MigrationFailed       the schema cannot be brought to what this program needs
├── DocumentMissing       no document has this id
├── EmbedderMismatch      the stored vectors come from another embedder
├── SegmentsChanged       another process has replaced the index segments
├── AdapterRefused        no adapter has this name, another one has it, or there is nothing to go back to
└── AuditBroken           the audit trail was tampered with, or does not belong to its head file

Every message says what is wrong and what to do.
"""

from __future__ import annotations

from ingest.errors import FootnoteError


class StoreError(FootnoteError):
    """What the store cannot do. `code` is stable and goes into problem+json."""

    code = "store_error"


class DatabaseUnavailable(StoreError):
    code = "database_unavailable"


class MigrationFailed(StoreError):
    code = "migration_failed"


class DocumentMissing(StoreError):
    code = "document_missing"


class EmbedderMismatch(StoreError):
    code = "embedder_mismatch"


class SegmentsChanged(StoreError):
    code = "segments_changed"


class AdapterRefused(StoreError):
    code = "adapter_refused"


class AuditBroken(StoreError):
    code = "audit_broken"


class ConnectorRefused(StoreError):
    code = "connector_refused"


class CollectionRefused(StoreError):
    code = "collection_refused"
