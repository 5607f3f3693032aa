"""The words in which jobs are spoken of: what is asked of one, and how it and its files stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


class FileState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Urgency(StrEnum):
    """`high` comes before all others, `low` after them."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What is done with each file, as `IngestPipeline.ingest` takes it. `folder`: whose files they are, where a worker
    finds them, as documents under the name `prefix`; or `connector`: what is brought in step, in the place of files.
    `request_id`: of the request that handed it in, for log lines."""

    allow: frozenset[str]
    manage: frozenset[str] | None = None
    date: str | None = None
    chunking: str = ""
    language: str = ""
    folder: str = ""
    prefix: str = ""
    connector: str = ""
    request_id: str = ""

    @property
    def kind(self) -> str:
        """`folder` and `connector` have a turn of their own."""
        return "folder" if self.folder else "connector" if self.connector else "ingest"

    def packed(self) -> dict[str, object]:
        """As JSON can hold it."""
        manage = None if self.manage is None else sorted(self.manage)
        return asdict(self) | {"allow": sorted(self.allow), "manage": manage}

    @classmethod
    def unpacked(cls, row: Mapping[str, Any]) -> JobRequest:
        manage = None if row["manage"] is None else frozenset(row["manage"])
        return cls(**{**row, "allow": frozenset(row["allow"]), "manage": manage})
