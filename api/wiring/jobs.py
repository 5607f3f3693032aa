"""Jobs: what is handed in is staged and queued; a worker takes one file after the other through the pipeline."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from infra.files.blobs import BlobStore
from infra.jobs.lanes import Again
from infra.postgres.errors import DatabaseUnavailable
from infra.postgres.job_rows import BULK, INTERACTIVE, Begun, NewFile, Quota
from infra.postgres.jobs import PostgresJobs
from infra.postgres.people import Standing
from infra.settings import Settings
from ingest.errors import DiskFull, FootnoteError, IngestError, NotAllowed, ServiceStopping, UnreadableFile
from ingest.jobs import JobRequest, Urgency
from ingest.pipeline import IngestPipeline, SourceFile, read_file, source_files
from ingest.protocols import Outcome
from ingest.storing import FileReport
from ingest.types import Author, Chunking, Coverage, FileWarning, WarningKind, document_id
from retrieval.types import Principal

log = logging.getLogger("footnote")

FEW_FILES, FEW_BYTES = 10, 2 << 20  # of a job that somebody waits for
_MOST_LOST = 5  # processes that may die while they have a file in hand
_MOST_TRIES = 8
_STAGED_AT_ONCE = 50
_LOOK_S = 0.2
_FULL_S = 30.0  # until a folder is tried again for which there was no room


class FolderRefused(FootnoteError):
    """Not one of the folders that an operator allowed."""

    code = "folder_refused"


class Handed(Protocol):
    """A file that was handed in, read when it is its turn."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    def read(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of this machine."""

    file: SourceFile
    most: int

    @property
    def name(self) -> str:
        return self.file.source.rsplit("/", 1)[-1]

    @property
    def source(self) -> str:
        return self.file.source

    def read(self) -> bytes:
        """Raises `IngestError`."""
        return read_file(self.file.path, self.most)


class JobDesk:
    """Where jobs are handed in."""

    def __init__(self, jobs: PostgresJobs, blobs: BlobStore, settings: Settings, attend: Callable[[], None]) -> None:
        """`attend`: makes sure that somebody works on what is handed in."""
        self.jobs, self._blobs, self._attend = jobs, blobs, attend
        self.max_files, self.max_bytes = settings.max_job_files, settings.max_job_bytes
        self.max_file_bytes = settings.max_upload_bytes
        self._quota = Quota(settings.max_waiting_files, settings.max_waiting_bytes)
        self._folders = tuple(folder.resolve() for folder in settings.folders)

    def submit(
        self,
        author: Author,
        request: JobRequest,
        files: Sequence[Handed],
        *,
        urgency: Urgency = Urgency.NORMAL,
        key: str = "",
    ) -> str:
        """The job's id; raises what `PostgresJobs.submit` raises, and `DiskFull`."""
        staged = [self._stage(file) for file in files]
        few = len(staged) <= FEW_FILES and sum(file.bytes for file in staged) <= FEW_BYTES
        job_id = self.jobs.submit(
            author,
            request,
            staged,
            title=titled([file.name for file in staged]),
            queue=INTERACTIVE if few else BULK,
            urgency=urgency,
            key=key,
            quota=None if author.operator else self._quota,
        )
        self._keep(files, staged)
        self._attend()
        return job_id

    def submit_folder(self, author: Author, request: JobRequest, folder: str, urgency: Urgency) -> str:
        """A job of all files of a folder, found by the worker that begins it. Raises `FolderRefused`."""
        found = Path(folder).resolve()
        if not found.is_dir() or not any(found.is_relative_to(allowed) for allowed in self._folders):
            raise FolderRefused(
                "This is no folder that may be ingested. Whoever runs the service names those in FOOTNOTE_FOLDERS."
            )
        told = replace(request, folder=str(found))
        job_id = self.jobs.open(author, told, title=found.name or str(found), queue=BULK, urgency=urgency)
        self._attend()
        return job_id

    def local(self, file: SourceFile) -> LocalFile:
        return LocalFile(file, self.max_file_bytes)

    def hand_in(self, job_id: str, files: Iterable[Handed]) -> Iterator[int]:
        """Adds files to an open job as they are read; how many at a time. Ends early where the job was cancelled."""
        waiting = iter(files)
        while batch := list(islice(waiting, _STAGED_AT_ONCE)):
            staged = [self._staged_or_told(file) for file in batch]
            if not self.jobs.add(job_id, staged):
                return
            self._keep(batch, staged)
            yield len(batch)

    def _keep(self, files: Sequence[Handed], staged: Sequence[NewFile]) -> None:
        """Stages once more what was swept as unused before it was queued."""
        for file, new in zip(files, staged, strict=True):
            if new.report is None and not self._blobs.path(new.content_sha256).exists():
                self._stage(file)

    def _staged_or_told(self, file: Handed) -> NewFile:
        try:
            return self._stage(file)
        except IngestError as error:
            return NewFile(file.name, file.source, "", 0, packed(_failed(file.source, error)))

    def _stage(self, file: Handed) -> NewFile:
        data = file.read()
        return NewFile(file.name, file.source, self._blobs.put(data), len(data))


class JobWork:
    """One file's turn, in a worker's thread."""

    def __init__(
        self,
        jobs: PostgresJobs,
        desk: JobDesk,
        blobs: BlobStore,
        pipeline: IngestPipeline,
        standing: Callable[[str], Standing | None],
    ) -> None:
        """`standing`: of a person whom the identity provider has synced."""
        self._jobs, self._desk, self._blobs, self._pipeline = jobs, desk, blobs, pipeline
        self._standing = standing

    def __call__(self, job_id: str, number: int) -> None:
        """Raises `Again` where it could not be done now."""
        try:
            if number == 0:
                self._folder(job_id)
            else:
                self._file(job_id, number)
        except DatabaseUnavailable as error:
            raise Again(2.0) from error

    def _file(self, job_id: str, number: int) -> None:
        begun = self._jobs.begin(job_id, number)
        if begun is None:
            return
        try:
            report = self._ingested(begun)
        except ServiceStopping as error:
            self._jobs.hand_back(job_id, number, begun.attempt)
            raise Again from error
        except (IngestError, NotAllowed) as error:
            report = _failed(begun.source, error)
        except (FootnoteError, OSError) as error:  # of this machine, not of the file
            if begun.attempt < _MOST_TRIES:
                self._jobs.hand_back(job_id, number, begun.attempt)
                raise Again(min(2.0**begun.attempt, 60.0)) from error
            report = _failed(begun.source, error)
        except Exception:
            log.exception("A file of job %s could not be ingested.", job_id)
            report = FileReport(
                begun.source,
                Outcome.FAILED,
                document_id(begun.source),
                code="internal_error",
                reason="Something unforeseen went wrong. The service's log has the details.",
            )
        self._jobs.end(job_id, number, begun.attempt, packed(report), failed=report.outcome is Outcome.FAILED)

    def _ingested(self, begun: Begun) -> FileReport:
        if begun.lost > _MOST_LOST:
            raise UnreadableFile(
                f"{begun.name}: the service died {_MOST_LOST} times while it read this file. Save it anew, or split it."
            )
        request, author = begun.request, self._as_of_now(begun)
        report = self._pipeline.ingest(
            self._blobs.get(begun.content_sha256),
            begun.name,
            begun.source,
            request.allow,
            request.date,
            author=author,
            manage=request.manage,
            chunking=Chunking.of(request.chunking) if request.chunking else None,
            language=request.language,
        )
        if report.outcome is Outcome.UNCHANGED and report.version > begun.before:
            return self._ours(report, begun)
        return report

    def _as_of_now(self, begun: Begun) -> Author:
        """Who handed the file in, with the groups of now where these are synced. Raises `NotAllowed` for who may no
        longer do it."""
        author = begun.author
        person = self._standing(author.user) if author.user else None
        if person is None:
            return author
        if not person.active:
            raise NotAllowed("Whoever handed the file in has no account here any more.")
        tokens = Principal(author.user or "", person.groups).tokens
        if left := sorted((begun.request.allow | (begun.request.manage or frozenset())) - tokens):
            raise NotAllowed(f"Whoever handed the file in is not in {', '.join(left)} any more.")
        return replace(author, tokens=tokens)

    def _ours(self, report: FileReport, begun: Begun) -> FileReport:
        """Of a version that this very file became before its worker died."""
        found = self._jobs.stored_report(report.document_id)
        outcome = Outcome.REPLACED if begun.before else Outcome.ADDED
        if found is None:
            return replace(report, outcome=outcome)
        return replace(
            report,
            outcome=outcome,
            pages=found.pages,
            chunks=found.chunks,
            warnings=found.warnings,
            coverage=found.coverage,
            language=found.language,
        )

    def _folder(self, job_id: str) -> None:
        """Finds the files of a folder's job; killed in the middle, it goes on where it was."""
        request = self._jobs.request(job_id)
        if request is None:
            return
        there = self._jobs.sources(job_id)
        folder = Path(request.folder)
        try:
            found = source_files([folder], prefix=f"folder/{folder.name}")
            waiting = [self._desk.local(file) for file in found if file.source not in there]
            for _ in self._desk.hand_in(job_id, waiting):
                pass
        except (DiskFull, OSError) as error:
            raise Again(_FULL_S) from error
        self._jobs.seal(job_id)


def packed(report: FileReport) -> dict[str, Any]:
    """As JSON can hold it."""
    return asdict(report) | {"children": [packed(child) for child in report.children]}


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


def _failed(source: str, error: Exception) -> FileReport:
    code = error.code if isinstance(error, FootnoteError) else "os_error"
    return FileReport(source, Outcome.FAILED, document_id(source), code=code, reason=str(error))
