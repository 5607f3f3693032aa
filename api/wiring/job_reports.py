"""What became of a job's files: packed for the database, told as they end."""

from __future__ import annotations

import logging
import posixpath
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
_TITLE_CHARS = 60
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
    """Several files by the folder that all lie in, else by the first one; `names` may have folders before them."""
    if len(names) < 2:
        return _cut(_last(names[0])) if names else "nothing"
    folder = posixpath.commonpath([posixpath.dirname(name) for name in names])
    return _cut(_last(folder)) or f"{_cut(_last(names[0]))} and {len(names) - 1} more"


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _cut(name: str) -> str:
    return name if len(name) <= _TITLE_CHARS else f"{name[: _TITLE_CHARS - 1].rstrip()}…"


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
