"""Where jobs are handed in: files are staged in the blob folder and queued."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from api.wiring.job_reports import failed_report, packed, titled
from infra.files.blobs import BlobStore
from infra.postgres.job_rows import BULK, INTERACTIVE, NewFile, Quota
from infra.postgres.jobs import PostgresJobs
from infra.settings import Settings
from ingest.errors import FootnoteError, IngestError
from ingest.jobs import JobRequest, Urgency
from ingest.pipeline import SourceFile, read_file
from ingest.types import Author

FEW_FILES, FEW_BYTES = 10, 2 << 20  # of a job that somebody waits for
_STAGED_AT_ONCE = 50


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

    def __init__(
        self,
        jobs: PostgresJobs,
        blobs: BlobStore,
        settings: Settings,
        attend: Callable[[], None],
        connector: Callable[[str], object],
    ) -> None:
        """`attend`: makes sure that somebody works on what is handed in. `connector`: raises `ConnectorRefused` unless
        there is one of that name."""
        self.jobs, self._blobs, self._attend, self._connector = jobs, blobs, attend, connector
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
        found = _resolved(folder)
        if found is None or not any(found.is_relative_to(allowed) for allowed in self._folders):
            raise FolderRefused(
                "This is no folder that may be ingested. Whoever runs the service names those in FOOTNOTE_FOLDERS."
            )
        told = replace(request, folder=str(found))
        job_id = self.jobs.open(author, told, title=found.name or str(found), queue=BULK, urgency=urgency)
        self._attend()
        return job_id

    def submit_connector(self, author: Author, name: str, urgency: Urgency) -> str:
        """A job that brings a connector in step. Raises `ConnectorRefused` where there is none."""
        self._connector(name)
        request = JobRequest(frozenset(), connector=name)
        job_id = self.jobs.open(author, request, title=f"connector {name}", queue=BULK, urgency=urgency)
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
            return NewFile(file.name, file.source, "", 0, packed(failed_report(file.source, error)))

    def _stage(self, file: Handed) -> NewFile:
        data = file.read()
        return NewFile(file.name, file.source, self._blobs.put(data), len(data))


def _resolved(folder: str) -> Path | None:
    """None for what is no folder, or cannot be one: with NUL in it, too long, or a link to itself."""
    try:
        found = Path(folder).resolve()
        return found if found.is_dir() else None
    except (OSError, ValueError, RuntimeError):
        return None
