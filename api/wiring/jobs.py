"""Where jobs are handed in: files are staged in the blob folder and queued."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from structlog.contextvars import get_contextvars

from api.wiring.job_reports import failed_report, packed, titled
from infra.files.blobs import BlobStore
from infra.postgres.job_rows import BULK, INTERACTIVE, NewFile, Quota
from infra.postgres.jobs import PostgresJobs
from infra.settings import Settings
from ingest.errors import FootnoteError, IngestError
from ingest.jobs import JobRequest, Urgency
from ingest.local_files import SourceFile, read_file
from ingest.types import Author

FEW_FILES, FEW_BYTES = 10, 2 << 20  # of a job that somebody waits for
_STAGED_AT_ONCE, _STAGED_FOR_S = 50, 5.0
_NO_FOLDER = "This is no folder that may be ingested. Whoever runs the service names those in FOOTNOTE_FOLDERS."


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
        return read_file(self.file, self.most)


class JobDesk:
    """Where jobs are handed in."""

    def __init__(
        self,
        jobs: PostgresJobs,
        blobs: BlobStore,
        settings: Settings,
        attend: Callable[[], None],
        connector: Callable[[str], object],
        sweep: Callable[[Iterable[str]], object],
    ) -> None:
        """`attend`: makes sure that somebody works on what is handed in. `connector`: raises `ConnectorRefused` unless
        there is one of that name. `sweep`: removes those of these originals that nobody needs."""
        self.jobs, self._blobs, self._attend = jobs, blobs, attend
        self._connector, self._sweep = connector, sweep
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
        if not author.operator:
            self._sweep(self.jobs.give_up(author.user or "", self._quota.bytes))
        staged: list[NewFile] = []
        request = _ours(request)
        try:
            staged.extend(self._stage(file) for file in files)
            few = len(staged) <= FEW_FILES and sum(file.bytes for file in staged) <= FEW_BYTES
            job = self.jobs.submit(
                author,
                request,
                staged,
                title=titled([file.source.removeprefix(f"upload/{author.user}/") for file in staged]),
                queue=INTERACTIVE if few else BULK,
                urgency=urgency,
                key=key,
                quota=None if author.operator else self._quota,
            )
        except FootnoteError:
            self._sweep([file.content_sha256 for file in staged])
            raise
        if job.new:
            self._keep(files, staged)
        else:
            self._sweep([file.content_sha256 for file in staged])  # staged for nothing
        self._attend()
        return job.id

    def retry(self, author: Author, job_id: str) -> int:
        """What failed or was cancelled is done again; how many files. Raises what `PostgresJobs.retry` raises."""
        count = self.jobs.retry(job_id, author.user, None if author.operator else self._quota)
        self._attend()
        return count

    def submit_folder(self, author: Author, request: JobRequest, folder: str, urgency: Urgency, key: str) -> str:
        """A job of all files of a folder, found by the worker that begins it. Raises `FolderRefused`."""
        found = _resolved(folder)
        told = replace(_ours(request), folder=str(found), prefix=self.prefix_of(found))
        title = found.name or str(found)
        job_id = self.jobs.open(author, told, title=title, queue=BULK, urgency=urgency, key=key)
        self._attend()
        return job_id

    def prefix_of(self, folder: Path) -> str:
        """What its documents are named under: the allowed folder's name, and its place in there. Raises
        `FolderRefused` unless it is an allowed folder, or lies in one."""
        for allowed in self._folders:
            if folder.is_dir() and folder.resolve() == folder and folder.is_relative_to(allowed):
                return "/".join(("folder", allowed.name, *folder.relative_to(allowed).parts))
        raise FolderRefused(_NO_FOLDER)

    def submit_connector(self, author: Author, name: str, urgency: Urgency, key: str) -> str:
        """A job that brings a connector in step. Raises `ConnectorRefused` where there is none."""
        self._connector(name)
        request = _ours(JobRequest(frozenset(), connector=name))
        job_id = self.jobs.open(author, request, title=f"connector {name}", queue=BULK, urgency=urgency, key=key)
        self._attend()
        return job_id

    def local(self, file: SourceFile) -> LocalFile:
        return LocalFile(file, self.max_file_bytes)

    def hand_in(self, job_id: str, files: Iterable[Handed]) -> Iterator[int]:
        """Adds files to an open job as they are read; how many at a time. Ends early where the job was cancelled."""
        batch: list[Handed] = []
        staged: list[NewFile] = []
        began = time.monotonic()
        for file in files:
            batch.append(file)
            staged.append(self._staged_or_told(file))
            if len(batch) == _STAGED_AT_ONCE or time.monotonic() - began > _STAGED_FOR_S:
                if not self._added(job_id, batch, staged):
                    return
                yield len(batch)
                batch, staged, began = [], [], time.monotonic()
        if batch and self._added(job_id, batch, staged):
            yield len(batch)

    def _added(self, job_id: str, batch: Sequence[Handed], staged: Sequence[NewFile]) -> bool:
        if not self.jobs.add(job_id, staged):
            self._sweep([file.content_sha256 for file in staged if file.content_sha256])
            return False
        self._keep(batch, staged)
        return True

    def _keep(self, files: Sequence[Handed], staged: Sequence[NewFile]) -> None:
        """Stages once more what was swept as unused before it was queued."""
        for file, new in zip(files, staged, strict=True):
            if new.report is None and not self._blobs.path(new.content_sha256).exists():
                self._stage(file)

    def _staged_or_told(self, file: Handed) -> NewFile:
        try:
            return self._stage(file)
        except IngestError as error:
            return NewFile(file.name, file.source, "", 0, packed(failed_report(file.source, error)))

    def _stage(self, file: Handed) -> NewFile:
        data = file.read()
        return NewFile(file.name, file.source, self._blobs.put(data), len(data))


def _ours(request: JobRequest) -> JobRequest:
    """With the id of the HTTP request that hands it in."""
    return replace(request, request_id=str(get_contextvars().get("request_id", "")))


def _resolved(folder: str) -> Path:
    """Raises `FolderRefused` for what is no path."""
    try:
        return Path(folder).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise FolderRefused(_NO_FOLDER) from error
