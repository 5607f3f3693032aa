"""Errors of the store.

StoreError
├── DatabaseUnavailable   PostgreSQL is not there, too old, or went away in the middle
├── MigrationFailed       the schema cannot be brought to what this program needs
├── DocumentMissing       no document has this id
├── EmbedderMismatch      the stored vectors come from another embedder
├── SegmentsChanged       another process has replaced the index segments
├── AdapterRefused        no adapter has this name, another one has it, or there is nothing to go back to
├── AuditBroken           the audit trail was tampered with, or does not belong to its head file
├── JobMissing            there is no such job, or it is another's
├── JobFinished           the job has ended
├── ReviewMissing         there is no such review, or it is another's and not shared
├── QuotaExceeded         an owner has too much waiting
├── IdempotencyConflict   something else was handed in under the same key
├── NameTaken             somebody or a group is called so already
├── UnknownMember         a group is to hold somebody who is not there
├── StillRead             rows that are to be erased are still seen by a transaction
├── ErasureRefused        what is asked for cannot be erased, or not yet
├── HeldBack              a legal hold keeps it
├── ShareIncomplete       a turn is to be shared without the one that it goes on from
├── EvaluationMissing     no run of the evaluation has this id, or several have
└── EvaluationRuns        another process evaluates

BudgetSpent               a person or group has used what a day gives them

Every message says what is wrong and what to do.
"""

from __future__ import annotations

from ingest.errors import FootnoteError, NotNow


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


class ReleaseRefused(StoreError):
    code = "release_refused"


class AuditBroken(StoreError):
    code = "audit_broken"


class JobMissing(StoreError):
    code = "job_missing"


class JobFinished(StoreError):
    code = "job_finished"


class ReviewMissing(StoreError):
    code = "review_missing"


class QuotaExceeded(StoreError):
    code = "quota_exceeded"


class IdempotencyConflict(StoreError):
    code = "idempotency_conflict"


class NameTaken(StoreError):
    code = "name_taken"


class UnknownMember(StoreError):
    code = "unknown_member"


class ConnectorRefused(StoreError):
    code = "connector_refused"


class CollectionRefused(StoreError):
    code = "collection_refused"


class StillRead(StoreError):
    code = "still_read"


class ErasureRefused(StoreError):
    code = "erasure_refused"


class HeldBack(StoreError):
    code = "held_back"


class ShareIncomplete(StoreError):
    code = "share_incomplete"


class EvaluationMissing(StoreError):
    code = "evaluation_missing"


class EvaluationRuns(StoreError):
    code = "evaluation_runs"


class BudgetSpent(NotNow):
    code = "budget_spent"
