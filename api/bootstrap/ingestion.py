"""Ingestion: the index, parsers, jobs, connectors."""

from __future__ import annotations

from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING

from api.bootstrap.models import Models
from api.wiring import (
    searching,
    working,
)
from api.wiring.connecting import Connecting, DocumentLibrary
from api.wiring.erasing.retaining import Retaining
from api.wiring.indexes import BackgroundFollowing, Beside, Needed, usual
from api.wiring.job_work import JobWork
from api.wiring.jobs import JobDesk
from api.wiring.naming import BackgroundNaming
from api.wiring.publishing import BackgroundPublisher, BackgroundPurge, publish
from api.wiring.recall.marking import BackgroundMarking
from api.wiring.watching import BackgroundSync
from ingest.chunkers import Chunkers
from ingest.pipeline import IngestPipeline
from ingest.reading.isolation import MOST_PARSERS, IsolatedParser, ParserPool
from retrieval.index.access import AccessIndex

if TYPE_CHECKING:
    from api.wiring.working import Workers


class Ingestion(Models):
    # Ingestion and search

    @cached_property
    def index(self) -> AccessIndex:
        return searching.index(self.settings, self.catalog, self.pool, self.embedder.dimension)

    @cached_property
    def publisher(self) -> BackgroundPublisher:
        publisher = BackgroundPublisher(self.index)
        self._stack.callback(publisher.stop)
        return publisher

    @cached_property
    def purge(self) -> BackgroundPurge:
        purge = BackgroundPurge(self._purge)
        self._stack.callback(purge.stop)
        return purge

    def _purge(self) -> None:
        self.documents.purge()
        self.documents.sweep(self.jobs.purge(self.settings.job_days))
        self.budgets.forget()
        Retaining(self).run_if_due()

    @cached_property
    def naming(self) -> BackgroundNaming:
        naming = BackgroundNaming(self.documents)
        self._stack.callback(naming.stop)
        return naming

    @cached_property
    def marker(self) -> BackgroundMarking:
        marker = BackgroundMarking(self.marking)
        self._stack.callback(marker.stop)
        return marker

    @cached_property
    def parser(self) -> ParserPool:
        parsers = [IsolatedParser(ocr=self.settings.ocr) for _ in range(self._processes)]
        return self._stack.enter_context(closing(ParserPool(parsers)))

    def publish(self) -> None:
        """Writes new rows of the index to disk."""
        publish(self.index)

    @property
    def _parsers(self) -> int:
        return min(self.settings.threads, MOST_PARSERS)

    @property
    def _processes(self) -> int:
        """That parse: one more than one person may keep busy."""
        return max(self._parsers, min(self.settings.workers, MOST_PARSERS)) + 1

    @cached_property
    def pipeline(self) -> IngestPipeline:
        return IngestPipeline(
            parser=self.parser,
            chunkers=Chunkers(usual(self.settings)),
            embedder=self.embedder,
            store=self.documents,
            publish=self.publish,
            max_file_bytes=self.settings.max_upload_bytes,
            rereading=self.rereading,
            parsers=self._parsers,
            followed=self.beside.follow,
            ahead=self.beside.ahead,
            timed=self.telemetry.stage,
        )

    @cached_property
    def beside(self) -> Beside:
        """The indexes beside, which releases may be answered from."""
        needed = Needed(self.embedder_named, self.pinned, lambda data, name: self.parser.parse(data, name))
        beside = Beside(self, self.settings, needed)
        self._stack.callback(beside.stop)
        return beside

    @cached_property
    def following(self) -> BackgroundFollowing:
        following = BackgroundFollowing(self.beside)
        self._stack.callback(following.stop)
        return following

    # Jobs

    @cached_property
    def desk(self) -> JobDesk:
        return JobDesk(self.jobs, self.blobs, self.settings, self._attend, self.connectors.get, self.documents.sweep)

    @cached_property
    def workers(self) -> Workers:
        """Those of a service; `_attend` starts them."""
        return self.workers_for(None, max(self.settings.workers, 1))

    def workers_for(self, job_id: str | None, slots: int) -> Workers:
        """Workers of this process, to be started: for that job alone, or for all."""
        pipeline = self.pipeline  # made before them, so that it is closed after them
        each = min(slots, self._processes - 1) if job_id is None else slots
        work = JobWork(
            self.jobs,
            self.desk,
            self.blobs,
            pipeline,
            self.people.standing,
            self.connecting.in_step,
            each,
            ended=self.telemetry.file,
            timed=self.telemetry.stage,
        )
        made = working.workers(self.database_url, work, self.jobs, slots=slots, job_id=job_id)
        self._stack.callback(made.stop)
        return made

    @property
    def slots(self) -> int:
        """How many files a command works on at once."""
        return self._parsers

    def _attend(self) -> None:
        if self.settings.workers:
            self.workers.start()

    def stop_ingesting(self) -> None:
        """For good; files under way are not stored, and wait in their jobs."""
        self.beside.stop()
        if "workers" in self.__dict__:
            self.workers.end()
        self.pipeline.stop()
        self.parser.close()

    @cached_property
    def connecting(self) -> Connecting:
        library = DocumentLibrary(self.pool, self.documents, trail=self.audit)
        return Connecting(self.connectors, library, self, self.settings.max_upload_bytes)

    @cached_property
    def watcher(self) -> BackgroundSync:
        watcher = BackgroundSync(self.connectors, self.connecting.sync)
        self._stack.callback(watcher.stop)
        return watcher
