"""What became of a job's files: packed for the database, told as they end."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from infra.postgres.jobs import PostgresJobs
from ingest.errors import FootnoteError
from ingest.protocols import Outcome
from ingest.storing import FileReport
from ingest.types import Coverage, FileWarning, WarningKind, document_id

log = logging.getLogger("footnote")

_LOOK_S = 0.2
_INSIDE = {"wrong_configuration"}


def packed(report: FileReport) -> dict[str, Any]:
    """As JSON can hold it."""
    plain: dict[str, Any] = _plain(asdict(report) | {"children": [packed(child) for child in report.children]})
    return plain


def unpacked(report: Mapping[str, Any]) -> FileReport:
    """What was packed."""
    return FileReport(
        **{
            **report,
            "outcome": Outcome(report["outcome"]),
            "warnings": tuple(FileWarning(**{**one, "kind": WarningKind(one["kind"])}) for one in report["warnings"]),
            "coverage": Coverage(**report["coverage"]),
            "children": tuple(unpacked(child) for child in report["children"]),
        }
    )


def followed(jobs: PostgresJobs, job_id: str, owner: str | None = None) -> Iterator[FileReport]:
    """Of each file as it ends, until the job has ended. Files that were cancelled have no report."""
    since = 0, 0
    while True:
        job = jobs.find(job_id, owner)
        while files := jobs.changed(job_id, since):
            since = files[-1].event, files[-1].number
            yield from (unpacked(file.report) for file in files if file.report is not None)
        if job.finished_at is not None:
            return
        time.sleep(_LOOK_S)


def titled(names: Sequence[str]) -> str:
    first = names[0].rsplit("/", 1)[-1] if names else "nothing"
    return first if len(names) < 2 else f"{first} and {len(names) - 1} more"


def failed_report(source: str, error: Exception | None) -> FileReport:
    """Why a file failed, for whoever handed it in: what is of the service's inside goes to its log. None: the
    unforeseen, which is logged already."""
    if error is None:
        code, reason = "internal_error", "Something unforeseen went wrong. The service's log has the details."
    elif isinstance(error, FootnoteError) and error.code not in _INSIDE:
        code, reason = error.code, str(error)
    else:
        log.error("A file could not be ingested: %s", error)
        code, reason = "not_now", "The service could not do this. Its log says why, for whoever runs it."
    return FileReport(source, Outcome.FAILED, document_id(source), code=code, reason=reason)


def _plain(value: Any) -> Any:
    """Without what PostgreSQL's JSON does not hold: NUL and lone surrogates."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
