"""A worker takes one file of a job after the other through the pipeline."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path

from structlog.contextvars import bound_contextvars

from api.wiring.job_reports import failed_report, packed
from api.wiring.jobs import JobDesk
from infra.files.blobs import BlobStore
from infra.jobs.lanes import Again, Shares
from infra.postgres.errors import ConnectorRefused, DatabaseUnavailable
from infra.postgres.job_rows import Begun, NewFile
from infra.postgres.jobs import PostgresJobs
from infra.postgres.people import Standing
from infra.settings import SettingsError
from ingest.errors import DiskFull, FootnoteError, IngestError, NotAllowed, ServiceStopping, UnreadableFile
from ingest.jobs import JobRequest
from ingest.local_files import source_files
from ingest.pipeline import IngestPipeline
from ingest.protocols import Outcome
from ingest.storing import FileReport, Timed
from ingest.syncing.mapping import MappingError
from ingest.syncing.protocols import SourceUnavailable, SyncRunning
from ingest.syncing.types import ItemReport, Step
from ingest.types import SHUT, Author, Chunking
from retrieval.types import Principal

log = logging.getLogger("footnote")

_MOST_LOST = 5  # processes that may die while they have a file in hand
_MOST_TRIES = 8
_FULL_S = 30.0  # until a folder is tried again for which there was no room
_AWAY_S = 2.0  # until the database is asked again
_LOOK_S = 1.0  # until a job is looked at again while its connector is brought in step
_BUSY_S = 5.0  # until a connector is, with which somebody else is busy


class JobWork:
    """One file's turn, in a worker's thread."""

    def __init__(
        self,
        jobs: PostgresJobs,
        desk: JobDesk,
        blobs: BlobStore,
        pipeline: IngestPipeline,
        standing: Callable[[str], Standing | None],
        in_step: Callable[[str], Generator[ItemReport, None, None]],
        each: int,
        ended: Callable[[FileReport], object] = lambda report: None,
        timed: Timed = nullcontext,
    ) -> None:
        """`standing`: of a person whom the identity provider has synced. `in_step`: brings a connector in step, and
        raises `SyncRunning` while somebody else does. `each`: as `Shares` has it. `ended` is told what became of each
        file, `timed` is around its turn."""
        self._jobs, self._desk, self._blobs, self._pipeline = jobs, desk, blobs, pipeline
        self._standing, self._in_step, self._shares = standing, in_step, Shares(each)
        self._ended, self._timed = ended, timed

    def __call__(self, job_id: str, number: int) -> None:
        """Raises `Again` where it could not be done now."""
        try:
            if number == 0:
                self._whole(job_id)
            else:
                with self._shares.held(self._jobs.owner(job_id)):
                    self._file(job_id, number)
        except DatabaseUnavailable as error:
            raise Again(_AWAY_S) from error

    def _file(self, job_id: str, number: int) -> None:
        begun = self._jobs.begin(job_id, number)
        if begun is None:
            return
        with bound_contextvars(request_id=begun.request.request_id):
            self._begun(job_id, number, begun)

    def _begun(self, job_id: str, number: int, begun: Begun) -> None:
        try:
            with self._timed("ingest.file"):
                report = self._ingested(begun)
        except ServiceStopping as error:
            self._jobs.hand_back(job_id, number, begun.attempt)
            raise Again from error
        except (IngestError, NotAllowed) as error:
            report = failed_report(begun.source, error)
        except (FootnoteError, OSError) as error:  # of this machine, not of the file
            if begun.tries < _MOST_TRIES:
                self._jobs.hand_back(job_id, number, begun.attempt)
                raise Again(min(2.0**begun.tries, 60.0)) from error
            report = failed_report(begun.source, error)
        except Exception:
            log.exception("A file could not be ingested.", extra={"job": job_id, "number": number})
            report = failed_report(begun.source, None)
        self._jobs.end(job_id, number, begun.attempt, packed(report), failed=report.outcome is Outcome.FAILED)
        self._ended(report)
        told = {"job": job_id, "number": number, "outcome": str(report.outcome), "seconds": report.seconds}
        log.info("A file of a job has ended.", extra=told | ({"code": report.code} if report.code else {}))

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
        return replace(author, tokens=tokens & author.tokens | {SHUT + token for token in tokens - author.tokens})

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

    def _whole(self, job_id: str) -> None:
        """The turn of a folder or a connector; killed in the middle, it goes on where it was."""
        request = self._jobs.request(job_id)
        if request is None:
            return
        with bound_contextvars(request_id=request.request_id):
            self._begin_whole(job_id, request)

    def _begin_whole(self, job_id: str, request: JobRequest) -> None:
        try:
            if request.folder:
                self._folder(job_id, Path(request.folder), request.prefix)
            else:
                self._jobs.add(job_id, [self._connector(job_id, request.connector)])
        except SyncRunning as error:
            raise Again(_BUSY_S) from error
        except (DiskFull, DatabaseUnavailable, ServiceStopping) as error:
            raise Again(_FULL_S) from error
        except (FootnoteError, OSError) as error:
            self._jobs.add(job_id, [_unread(request.prefix or request.connector, error)])
        except Exception:
            log.exception("A job could not be begun.", extra={"job": job_id})
            self._jobs.add(job_id, [_unread(request.prefix or request.connector, None)])
        self._jobs.seal(job_id)

    def _folder(self, job_id: str, folder: Path, prefix: str) -> None:
        """Hands its files in. Raises `FolderRefused` where it may not be ingested any more."""
        self._desk.prefix_of(folder)
        there = self._jobs.sources(job_id)
        found = source_files([folder], prefix=prefix)
        waiting = [self._desk.local(file) for file in found if file.source not in there]
        for _ in self._desk.hand_in(job_id, waiting):
            pass

    def _connector(self, job_id: str, name: str) -> NewFile:
        """Whether all went well, and no more: whoever asks may not know what is in there."""
        source = f"connector/{name}"
        try:
            reports = list(self._until_cancelled(job_id, self._in_step(name)))
        except (SourceUnavailable, MappingError, SettingsError, ConnectorRefused) as error:
            log.warning("The connector could not be brought in step: %s", error, extra={"connector": name})
            return _unread(source, _not_well(name))
        if any(report.step is Step.FAILED for report in reports):
            return _unread(source, _not_well(name))
        outcome = Outcome.REPLACED if reports else Outcome.UNCHANGED
        return NewFile(name, source, "", 0, packed(FileReport(source, outcome)))

    def _until_cancelled(self, job_id: str, reports: Generator[ItemReport, None, None]) -> Iterator[ItemReport]:
        """The job is looked at now and then: a sync may take hours."""
        with closing(reports):
            looked = time.monotonic()
            for report in reports:
                yield report
                if time.monotonic() - looked >= _LOOK_S:
                    if self._jobs.request(job_id) is None:
                        return
                    looked = time.monotonic()


def _not_well(name: str) -> IngestError:
    return UnreadableFile(f"Not all of {name} is in step. `footnote connectors show {name}` tells the operator why.")


def _unread(source: str, error: Exception | None) -> NewFile:
    return NewFile(source.rsplit("/", 1)[-1], source, "", 0, packed(failed_report(source, error)))
