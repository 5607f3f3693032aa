"""Files in, documents out; one bad file never stops the rest."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace

from ingest.errors import IngestError, NotAllowed
from ingest.local_files import MAX_FILE_BYTES, SourceFile, read_file, spelled
from ingest.protocols import NAME_TAKEN, Chunkers, DocumentStore, Embedder, Outcome, Rereading
from ingest.rereading import RereadReport
from ingest.storing import FileParser, FileReport, Label, Storing, Timed
from ingest.types import OPERATOR, Author, Chunk, Chunking, Document, ParsedFile, document_id
from ingest.unpacking import Unpacker, Within


@dataclass(frozen=True, slots=True)
class _Begun:
    """A file's bytes and, where they were parsed already, what they hold."""

    data: bytes
    parsed: ParsedFile | None = None


class IngestPipeline:
    """Idempotent: a file whose bytes and label are already stored costs one look-up."""

    def __init__(
        self,
        *,
        parser: FileParser,
        chunkers: Chunkers,
        embedder: Embedder,
        store: DocumentStore,
        publish: Callable[[], None],
        max_file_bytes: int = MAX_FILE_BYTES,
        rereading: Rereading | None = None,
        parsers: int = 1,
        followed: Callable[[Sequence[str]], object] = lambda ids: None,
        ahead: Callable[[Document, Sequence[Chunk], Chunking], object] = lambda *_: None,
        timed: Timed = nullcontext,
    ) -> None:
        """`parsers`: how many files of a run are parsed at once, ahead of the one that is embedded and stored.
        `followed`: brings other indexes in step with these documents, before they count as done; `ahead`: with a new
        version of one before it is stored."""
        self._files = Storing(parser, chunkers, embedder, store, timed, ahead)
        self._unpacker = Unpacker(self._files, max_file_bytes)
        self._publish = publish
        self._max_file_bytes = max_file_bytes
        self._parsers = parsers
        self._followed = followed
        if rereading is not None:
            self._files.rereads(rereading, self._unpacker.found_inside)

    def stop(self) -> None:
        """From any thread: what is being ingested raises `ServiceStopping` soon, and so does all that comes later. What
        is being stored by then is stored."""
        self._files.stop()

    def run(
        self,
        files: Iterable[SourceFile],
        allow: frozenset[str],
        date: str | None = None,
        *,
        manage: frozenset[str] | None = None,
        chunking: Chunking | None = None,
        language: str = "",
    ) -> Iterator[FileReport]:
        """Ingests the files in order for the operator, one report each, and publishes the index at the end.

        Each file is durable and searchable once its report is out; stop at any moment and run again. While one is
        embedded and stored, the next ones are parsed.
        """
        try:
            for file, begun in self._begun(files):
                yield self._file(file, begun, allow, date, manage, chunking, language)
        finally:
            self._publish()

    def _begun(self, files: Iterable[SourceFile]) -> Iterator[tuple[SourceFile, Future[_Begun]]]:
        """The files in order; while one is at hand the next ones are read and parsed."""
        waiting: deque[tuple[SourceFile, Future[_Begun]]] = deque()
        with ThreadPoolExecutor(self._parsers, thread_name_prefix="parse") as pool:
            try:
                for file in files:
                    waiting.append((file, pool.submit(self._begin, file)))
                    if len(waiting) > self._parsers:
                        yield waiting.popleft()
                while waiting:
                    yield waiting.popleft()
            finally:
                for _, begun in waiting:
                    begun.cancel()

    def _begin(self, file: SourceFile) -> _Begun:
        """Raises `IngestError` or `ServiceStopping`."""
        data = read_file(file, self._max_file_bytes)
        stored = self._files.store.find(file.source)
        if stored is not None and stored.content_sha256 == hashlib.sha256(data).hexdigest():
            return _Begun(data)  # nothing to parse, as a rule
        return _Begun(data, self._files.parsed(data, spelled(file.path.name)))

    def ingest(
        self,
        data: bytes,
        name: str,
        source: str,
        allow: Label,
        date: str | None = None,
        *,
        author: Author = OPERATOR,
        manage: frozenset[str] | None = None,
        chunking: Chunking | None = None,
        language: str = "",
    ) -> FileReport:
        """Ingests one file's bytes as the newest version of `source`; raises `IngestError`, `NotAllowed` or
        `ServiceStopping`.

        `date`: YYYY-MM-DD from which the version holds; without one it holds from the day that it is added, the first
        one since ever. A new document belongs to its author; `manage` names who may change it besides, None leaves
        that as it is. `allow` may be a function, which is asked in the moment of storing. `chunking`: how it and the
        files in it are chunked; None: as before, or as usual. `language`: of its words, as a person says (BCP 47); "":
        as they look.
        """
        return self._searchable(
            _Begun(data), name, source, allow, date, author=author, manage=manage, chunking=chunking, language=language
        )

    def _searchable(
        self,
        begun: _Begun,
        name: str,
        source: str,
        allow: Label,
        date: str | None,
        *,
        author: Author = OPERATOR,
        manage: frozenset[str] | None,
        chunking: Chunking | None,
        language: str = "",
    ) -> FileReport:
        """By every index."""
        report = self._ingested(
            begun, name, source, allow, date, author=author, manage=manage, chunking=chunking, language=language
        )
        self._followed([one.document_id for one in report.all() if one.document_id])
        return report

    def _ingested(
        self,
        begun: _Begun,
        name: str,
        source: str,
        allow: Label,
        date: str | None,
        *,
        author: Author,
        manage: frozenset[str] | None,
        chunking: Chunking | None,
        language: str,
    ) -> FileReport:
        started = time.perf_counter()
        data = begun.data
        digest = hashlib.sha256(data).hexdigest()
        stored = self._files.store.find(source)
        if stored is not None and not stored.may_replace(author):
            raise NotAllowed(NAME_TAKEN)
        if stored is not None and stored.content_sha256 == digest:
            again = self._files.reread(stored, author, chunking)
            if again is not None or chunking in (None, stored.chunking):
                report = self._files.known(stored, source, allow, started, author, manage, again)
                if language and language != stored.language:
                    self._files.store.set_language(stored.document_id, language, author=author)
                report = replace(report, language=language or stored.language)
                if not stored.pending and (chunking is None or not stored.parts):
                    return report
                parts = (begun.parsed or self._files.parsed(data, name)).parts
                within = Within(stored.document_id, date, author, chunking)
                return replace(report, children=self._unpacker.inner(parts, source, within))
        parsed = begun.parsed or self._files.parsed(data, name)
        report = self._files.stored(
            parsed,
            data,
            name,
            source,
            stored,
            allow,
            date,
            author=author,
            manage=manage,
            chunking=chunking,
            language=language,
        )
        if parsed.parts or (stored is not None and (stored.pending or stored.parts)):
            within = Within(report.document_id, date, author, chunking)
            children = self._unpacker.inner(parsed.parts, source, within)
            report = replace(report, children=children)
        return replace(report, seconds=round(time.perf_counter() - started, 3))

    def reread(self, documents: Iterable[str], chunking: Chunking | None = None) -> Iterator[RereadReport]:
        """Reads the originals of these documents again where they were read by older rules or are to be chunked
        otherwise, one report each, and publishes the index at the end. Each document is done once its report is out;
        stop at any moment and run again.
        """
        assert self._files.rereader is not None
        try:
            for id_ in documents:
                try:
                    report = self._files.rereader.document(id_, OPERATOR, chunking, inside=True)
                    self._followed([id_])
                    yield report
                except IngestError as error:
                    yield RereadReport(
                        id_, self._files.rereader.store.readings(id_)[0], code=error.code, reason=str(error)
                    )
        finally:
            self._publish()

    def _file(
        self,
        file: SourceFile,
        begun: Future[_Begun],
        allow: frozenset[str],
        date: str | None,
        manage: frozenset[str] | None,
        chunking: Chunking | None,
        language: str,
    ) -> FileReport:
        try:
            name = spelled(file.path.name)
            return self._searchable(
                begun.result(), name, file.source, allow, date, manage=manage, chunking=chunking, language=language
            )
        except IngestError as error:
            return FileReport(file.source, Outcome.FAILED, document_id(file.source), code=error.code, reason=str(error))
