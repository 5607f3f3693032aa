"""Files in, documents out: read, parse, chunk, embed, store; one bad file never stops the rest."""

from __future__ import annotations

import hashlib
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.chunking import Chunker, assemble
from ingest.errors import EmptyFile, FileTooLarge, IngestError, NotAllowed, ServiceStopping, UnreadableFile
from ingest.protocols import NAME_TAKEN, DocumentStore, Embedder, Outcome, Rereading, Stored
from ingest.rereading import Rereader, RereadReport
from ingest.types import OPERATOR, PARSER_RULES, Author, Chunk, Coverage, FileWarning, ParsedFile, Part, document_id

MAX_FILE_BYTES = 256 << 20
MAX_PART_DEPTH = 2  # files in files
MAX_PARTS, MAX_PART_BYTES = 5_000, 1 << 30  # out of one file, at all depths together
_AT_ONCE = 32  # chunks that are embedded before the next look at whether to stop: well under a second


class FileParser(Protocol):
    def parse(self, data: bytes, name: str) -> ParsedFile: ...


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to ingest and the stable name of the document that it is a version of."""

    path: Path
    source: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. `code` and `reason` say why it failed, for a person. `warnings`: what of it could not be
    read, or not surely; `coverage`: how its pages were read, all 0 where they are not told apart. `language`:
    of most of its words (BCP 47), "und" where none can be told."""

    source: str
    outcome: Outcome
    document_id: str = ""
    version: int = 0
    pages: int = 0
    chunks: int = 0
    seconds: float = 0.0
    code: str = ""
    reason: str = ""
    warnings: tuple[FileWarning, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    language: str = ""
    children: tuple[FileReport, ...] = ()  # of the files in it

    @property
    def failed(self) -> bool:
        """Whether the file or one in it failed."""
        return any(report.outcome is Outcome.FAILED for report in self.all())

    def all(self) -> Iterator[FileReport]:
        """This report and those of the files in the file, outer ones first."""
        yield self
        for child in self.children:
            yield from child.all()


@dataclass(frozen=True, slots=True)
class _Begun:
    """A file's bytes and, where they were parsed already, what they hold."""

    data: bytes
    parsed: ParsedFile | None = None


@dataclass(slots=True)
class _Unpacking:
    """The files in one file: what is known of the outermost, and what has come out of it so far."""

    root: str
    allow: frozenset[str]
    date: str | None
    author: Author
    files: int = 0
    size: int = 0
    kept: set[str] = field(default_factory=set)
    untouched: set[str] = field(default_factory=set)


class IngestPipeline:
    """Idempotent: a file whose bytes and label are already stored costs one look-up."""

    def __init__(
        self,
        *,
        parser: FileParser,
        chunker: Chunker,
        embedder: Embedder,
        store: DocumentStore,
        publish: Callable[[], None],
        max_file_bytes: int = MAX_FILE_BYTES,
        rereading: Rereading | None = None,
        parsers: int = 1,
    ) -> None:
        """`parsers`: how many files of a run are parsed at once, ahead of the one that is embedded and stored."""
        self._parser = parser
        self._chunker = chunker
        self._embedder = embedder
        self._store = store
        self._publish = publish
        self._max_file_bytes = max_file_bytes
        self._parsers = parsers
        self._stopped = threading.Event()
        self._rereader = (
            Rereader(rereading, self._parsed, chunker, self._embedded, self._found_inside) if rereading else None
        )

    def stop(self) -> None:
        """From any thread: what is being ingested raises `ServiceStopping` soon, and so does all that comes later. What
        is being stored by then is stored."""
        self._stopped.set()

    def run(
        self,
        files: Iterable[SourceFile],
        allow: frozenset[str],
        date: str | None = None,
        *,
        manage: frozenset[str] | None = None,
        language: str = "",
    ) -> Iterator[FileReport]:
        """Ingests the files in order for the operator, one report each, and publishes the index at the end.

        Each file is durable and searchable once its report is out; stop at any moment and run again. While one is
        embedded and stored, the next ones are parsed.
        """
        try:
            for file, begun in self._begun(files):
                yield self._file(file, begun, allow, date, manage, language)
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
        data = self._read(file.path)
        stored = self._store.find(file.source)
        if stored is not None and stored.content_sha256 == hashlib.sha256(data).hexdigest():
            return _Begun(data)  # nothing to parse, as a rule
        return _Begun(data, self._parsed(data, _spelled(file.path.name)))

    def ingest(
        self,
        data: bytes,
        name: str,
        source: str,
        allow: frozenset[str],
        date: str | None = None,
        *,
        author: Author = OPERATOR,
        manage: frozenset[str] | None = None,
        language: str = "",
    ) -> FileReport:
        """Ingests one file's bytes as the newest version of `source`; raises `IngestError`, `NotAllowed` or
        `ServiceStopping`.

        `date`: YYYY-MM-DD from which the version holds; without one it holds from the day that it is added, the first
        one since ever. A new document belongs to its author; `manage` names who may change it besides, None leaves
        that as it is. `language`: of its words, as a person says (BCP 47); "": as they look.
        """
        return self._ingested(_Begun(data), name, source, allow, date, author=author, manage=manage, language=language)

    def _ingested(
        self,
        begun: _Begun,
        name: str,
        source: str,
        allow: frozenset[str],
        date: str | None,
        *,
        author: Author = OPERATOR,
        manage: frozenset[str] | None,
        language: str = "",
    ) -> FileReport:
        started = time.perf_counter()
        data = begun.data
        digest = hashlib.sha256(data).hexdigest()
        stored = self._store.find(source)
        if stored is not None and not stored.may_replace(author):
            raise NotAllowed(NAME_TAKEN)
        if stored is not None and stored.content_sha256 == digest:
            again = self._reread(stored, author)
            if not stored.pending:
                report = self._known(stored, source, allow, started, author, manage, again)
                if language and language != stored.language:
                    self._store.set_language(stored.document_id, language, author=author)
                return replace(report, language=language or stored.language)
        parsed = begun.parsed or self._parsed(data, name)
        report = self._stored(
            parsed, data, name, source, stored, allow, date, author=author, manage=manage, language=language
        )
        if parsed.parts or (stored is not None and (stored.pending or stored.parts)):
            children = self._inner(parsed.parts, source, _Unpacking(report.document_id, allow, date, author))
            report = replace(report, children=children)
        return replace(report, seconds=round(time.perf_counter() - started, 3))

    def _inner(self, parts: Sequence[Part], source: str, within: _Unpacking) -> tuple[FileReport, ...]:
        """Ingests the files in a stored file; what came out of an older version and not of this one goes."""
        children = self._unpacked(parts, source, within, 1)
        kept, untouched = frozenset(within.kept), frozenset(within.untouched)
        self._store.settle(within.root, kept, untouched, author=within.author)
        return children

    def _found_inside(self, source: str, parts: Sequence[Part], author: Author) -> None:
        """The files in a stored file that is read again; those in a file inside another one come with that."""
        stored = self._store.find(source)
        if stored is not None and stored.parent is None:
            self._inner(parts, source, _Unpacking(stored.document_id, stored.allow, None, author))

    def _stored(
        self,
        parsed: ParsedFile,
        data: bytes,
        name: str,
        source: str,
        stored: Stored | None,
        allow: frozenset[str],
        date: str | None,
        *,
        author: Author,
        manage: frozenset[str] | None,
        parent: str | None = None,
        language: str = "",
    ) -> FileReport:
        digest = hashlib.sha256(data).hexdigest()
        document = assemble(parsed, source=source, content_sha256=digest, language=language)
        chunks = self._chunker.chunks(document)
        if not chunks:
            raise EmptyFile(f"{name}: the file holds no text.")
        embeddings = self._embedded(chunks)
        pending = bool(parsed.parts) or (stored is not None and stored.parts)
        version = self._store.add_version(
            document,
            chunks,
            embeddings,
            allow,
            data,
            date,
            author=author,
            manage=manage,
            parent=parent,
            pending=pending,
        )
        outcome = Outcome.ADDED if stored is None else Outcome.REPLACED
        if stored is not None and stored.content_sha256 == digest:
            outcome = Outcome.UNCHANGED if stored.allow == allow else Outcome.RELABELLED
        return FileReport(
            source=source,
            outcome=outcome,
            document_id=document.id,
            version=version,
            pages=document.page_count or 0,
            chunks=len(chunks),
            warnings=document.warnings,
            coverage=Coverage.of(document.pages),
            language=document.language,
        )

    def _unpacked(self, parts: Sequence[Part], source: str, within: _Unpacking, depth: int) -> tuple[FileReport, ...]:
        """Ingests the files in a file; one that fails never stops the rest."""
        reports = []
        for name, part in zip(_names(parts), parts, strict=True):
            inner = f"{source}/{name}"
            try:
                reports.append(self._part(part, inner, within, depth))
            except (IngestError, NotAllowed) as error:
                reports.append(
                    FileReport(inner, Outcome.FAILED, document_id(inner), code=error.code, reason=str(error))
                )
        return tuple(reports)

    def _part(self, part: Part, source: str, within: _Unpacking, depth: int) -> FileReport:
        within.files += 1
        within.size += len(part.data)
        name = PurePosixPath(part.name).name or part.name
        if depth > MAX_PART_DEPTH:
            raise FileTooLarge(f"{name} lies in more than {MAX_PART_DEPTH} files. Save it on its own and send it.")
        if within.files > MAX_PARTS or within.size > MAX_PART_BYTES or len(part.data) > self._max_file_bytes:
            raise FileTooLarge(f"{name}: there is too much in the file that holds it. Split that, or send this alone.")
        started = time.perf_counter()
        stored = self._store.find(source)
        mine = stored is not None and stored.parent == within.root
        digest = hashlib.sha256(part.data).hexdigest()
        if stored is not None and mine and not stored.pending and stored.content_sha256 == digest:
            within.kept.add(source)
            within.untouched.add(source)
            return FileReport(source, Outcome.UNCHANGED, stored.document_id, stored.version)
        parsed = self._parsed(part.data, name)
        report = self._stored(
            parsed, part.data, name, source, stored, within.allow, within.date,
            author=within.author, manage=None, parent=within.root,
        )  # fmt: skip
        within.kept.add(source)
        children = self._unpacked(parsed.parts, source, within, depth + 1)
        if parsed.parts:  # what is left of it is known at the end, when the outermost file is settled
            self._store.settle(report.document_id, frozenset(), frozenset(), author=within.author)
        return replace(report, children=children, seconds=round(time.perf_counter() - started, 3))

    def reread(self, documents: Iterable[str]) -> Iterator[RereadReport]:
        """Reads the originals of these documents again where they were read by older rules, one report each, and
        publishes the index at the end. Each document is done once its report is out; stop at any moment and run again.
        """
        assert self._rereader is not None
        try:
            for id_ in documents:
                try:
                    yield self._rereader.document(id_, OPERATOR)
                except IngestError as error:
                    yield RereadReport(id_, self._rereader.store.readings(id_)[0], code=error.code, reason=str(error))
        finally:
            self._publish()

    def _reread(self, stored: Stored, author: Author) -> RereadReport | None:
        """The same bytes, which other rules have read, are read again."""
        if self._rereader is None or stored.parser_rules >= PARSER_RULES:
            return None
        return self._rereader.document(stored.document_id, author)

    def _parsed(self, data: bytes, name: str) -> ParsedFile:
        self._go_on()
        try:
            return self._parser.parse(data, name)
        except IngestError:
            self._go_on()  # a parser that was stopped says that the file is damaged
            raise

    def _embedded(self, chunks: Sequence[Chunk]) -> NDArray[np.float32]:
        """(n, dimension) float32, a row a chunk."""
        rows = []
        for start in range(0, len(chunks), _AT_ONCE):
            self._go_on()
            texts = [chunk.indexed_text for chunk in chunks[start : start + _AT_ONCE]]
            rows.append(self._embedder.embed_documents(texts))
        self._go_on()
        return np.concatenate(rows)

    def _go_on(self) -> None:
        if self._stopped.is_set():
            raise ServiceStopping("The service is stopping; nothing was stored. Send the file again when it is back.")

    def _known(
        self,
        stored: Stored,
        source: str,
        allow: frozenset[str],
        started: float,
        author: Author,
        manage: frozenset[str] | None,
        again: RereadReport | None,
    ) -> FileReport:
        outcome = Outcome.UNCHANGED
        if stored.allow != allow or manage not in (None, stored.managers):
            self._store.relabel(stored.document_id, allow, author=author, manage=manage)
            outcome = Outcome.RELABELLED
        seconds = round(time.perf_counter() - started, 3)
        if again is None:
            return FileReport(source, outcome, stored.document_id, stored.version, seconds=seconds)
        outcome = Outcome.REPLACED if again.corrected else outcome
        return FileReport(source, outcome, stored.document_id, again.version, seconds=seconds, warnings=again.warnings)

    def _file(
        self,
        file: SourceFile,
        begun: Future[_Begun],
        allow: frozenset[str],
        date: str | None,
        manage: frozenset[str] | None,
        language: str,
    ) -> FileReport:
        try:
            name = _spelled(file.path.name)
            return self._ingested(begun.result(), name, file.source, allow, date, manage=manage, language=language)
        except IngestError as error:
            return FileReport(file.source, Outcome.FAILED, document_id(file.source), code=error.code, reason=str(error))

    def _read(self, path: Path) -> bytes:
        name = _spelled(path.name)
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):
                raise UnreadableFile(f"{name} is not a file but a pipe, a device or the like. Save it as a file first.")
            if found.st_size > self._max_file_bytes:
                raise FileTooLarge(
                    f"{name} has {found.st_size >> 20:,} MiB; "
                    f"the limit is {self._max_file_bytes >> 20:,} MiB. Split it."
                )
            return path.read_bytes()
        except OSError as error:
            raise UnreadableFile(f"{name} cannot be read: {error.strerror}.") from error


def source_files(paths: Iterable[Path], *, prefix: str | None = None) -> list[SourceFile]:
    """The files under the given files and folders, sorted; hidden ones and links out of the folder are left out.

    A document's source is the file's absolute path or, with `prefix`, `prefix/path relative to the folder that was
    given`, so that a collection keeps its documents when its folder moves.
    """
    under = f"{prefix.rstrip('/')}/" if prefix else ""
    found: dict[Path, SourceFile] = {}
    for path in paths:
        root = path.resolve()
        members = sorted(_files_below(root)) if root.is_dir() else [root]
        for member in members:
            relative = member.relative_to(root if root.is_dir() else root.parent).as_posix()
            source = f"{under}{relative}" if prefix is not None else str(member)
            found.setdefault(member, SourceFile(member, _spelled(source)))
    return list(found.values())


def _names(parts: Sequence[Part]) -> list[str]:
    """A name for each part that no other one has: a second "a.pdf" is "a (2).pdf". No name leads out of its file."""
    taken: set[str] = set()
    names = []
    for part in parts:
        steps = [step for step in part.name.replace("\\", "/").split("/") if step not in ("", ".", "..")]
        plain = PurePosixPath("/".join(steps) or "part")
        name, number = str(plain), 1
        while name in taken:
            number += 1
            name = str(plain.with_name(f"{plain.stem} ({number}){plain.suffix}"))
        taken.add(name)
        names.append(name)
    return names


def _spelled(name: str) -> str:
    """A file name as text: bytes that are not UTF-8, which Python keeps as surrogates, are written as \\xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _files_below(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        if path.is_file() and not hidden and path.resolve().is_relative_to(root):
            yield path
