"""One file's way: parsed, chunked, embedded and stored as a version of its document."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ingest.chunking import assemble
from ingest.errors import EmptyFile, IngestError, ServiceStopping
from ingest.protocols import Chunkers, DocumentStore, Embedder, Outcome, Rereading, Stored
from ingest.rereading import Rereader, RereadReport, Unpacked
from ingest.types import (
    PARSER_RULES,
    Author,
    Chunk,
    Chunking,
    Coverage,
    Document,
    FileWarning,
    ParsedFile,
    WarningKind,
)

_TOLD_FROM, _BY_CHANCE = 12, 0.02  # runs of words: how many there must be, and which share any two texts have
_COMPARED_CHARS = 400_000
_WORDS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+")
_AT_ONCE = 32  # chunks that are embedded before the next look at whether to stop: well under a second


_OTHERS = (
    "It became a version of the document that was there under this name, with which it has no words in common. If it "
    "is another document, add it under another name, as one with its folder, and add the former one here again."
)


Timed: TypeAlias = Callable[[str], AbstractContextManager[object]]
"""Around a stage of that name: whatever times it."""


Label: TypeAlias = frozenset[str] | Callable[[], frozenset[str]]
"""Who may read a document, or what tells it in the moment in which it is stored."""


def told(label: Label) -> frozenset[str]:
    return label() if callable(label) else label


def wholly_others(before: str, now: str) -> bool:
    """Whether next to none of the shorter text's runs of words stand in the other one. Of few words it is not told."""
    one, other = _runs(before), _runs(now)
    fewer = min(len(one), len(other))
    return fewer >= _TOLD_FROM and len(one & other) <= _BY_CHANCE * fewer


def _runs(text: str) -> set[tuple[str, ...]]:
    """Of three words each; of three characters in scripts that put no blanks between words."""
    words = _WORDS.findall(text[:_COMPARED_CHARS].casefold())
    return set(zip(words, words[1:], words[2:], strict=False))


class FileParser(Protocol):
    def parse(self, data: bytes, name: str) -> ParsedFile: ...


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. `code` and `reason` say why it failed, for a person. `warnings`: what of it could not be
    read, or not surely; `coverage`: how its pages were read, all 0 where they are not told apart. `language`: of
    most of its words (BCP 47), "und" where none can be told."""

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


class Storing:
    """What is done with one file, whatever it came out of. `stop` ends it soon, from any thread."""

    def __init__(
        self,
        parser: FileParser,
        chunkers: Chunkers,
        embedder: Embedder,
        store: DocumentStore,
        timed: Timed = nullcontext,
        ahead: Callable[[Document, Sequence[Chunk], Chunking], object] = lambda *_: None,
    ) -> None:
        """`ahead`: of other indexes, before a new version of a document is stored."""
        self.store = store
        self._ahead = ahead
        self._timed = timed
        self._parser = parser
        self._chunkers = chunkers
        self._embedder = embedder
        self._stopped = threading.Event()
        self.rereader: Rereader | None = None

    def rereads(self, rereading: Rereading, unpacked: Unpacked) -> None:
        """From now on what other rules have read is read again. `unpacked`: as in `Rereader`."""
        self.rereader = Rereader(rereading, self.parsed, self._chunked, self._embedded, unpacked)

    def stop(self) -> None:
        self._stopped.set()

    def stored(
        self,
        parsed: ParsedFile,
        data: bytes,
        name: str,
        source: str,
        stored: Stored | None,
        allow: Label,
        date: str | None,
        *,
        author: Author,
        manage: frozenset[str] | None,
        chunking: Chunking | None,
        parent: str | None = None,
        language: str = "",
    ) -> FileReport:
        """A version of its own, from what was parsed; raises `IngestError`, `NotAllowed` or `ServiceStopping`.
        `stored`: what there is under this source, with the same bytes only if they are to be chunked otherwise."""
        digest = hashlib.sha256(data).hexdigest()
        document = assemble(parsed, source=source, content_sha256=digest, language=language)
        chunking = chunking or (stored.chunking if stored else self._chunkers.chosen(document))
        chunks = self._chunked(document, chunking)
        if not chunks:
            raise EmptyFile(f"{name}: the file holds no text.")
        embeddings = self._embedded(chunks)
        others = self._another(stored, digest, document.text) if parent is None else ()
        pending = bool(parsed.parts) or (stored is not None and stored.parts)
        allow = told(allow)
        if stored is not None:
            self._ahead(document, chunks, chunking)
        with self._timed("ingest.store"):
            version = self.store.add_version(
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
                chunking=chunking,
            )
        outcome = Outcome.ADDED if stored is None else Outcome.REPLACED
        if stored is not None and stored.content_sha256 == digest:
            outcome = Outcome.UNCHANGED if stored.labelled(allow) else Outcome.RELABELLED
            outcome = outcome if stored.chunking == chunking else Outcome.RECHUNKED
        return FileReport(
            source=source,
            outcome=outcome,
            document_id=document.id,
            version=version,
            pages=document.page_count or 0,
            chunks=len(chunks),
            warnings=(*others, *document.warnings),
            coverage=Coverage.of(document.pages),
            language=document.language,
        )

    def _another(self, stored: Stored | None, digest: str, text: str) -> tuple[FileWarning, ...]:
        """Says so where this becomes a version of what is probably another document, of the same name by chance."""
        if stored is None or stored.content_sha256 == digest:
            return ()
        unlike = wholly_others(self.store.words(stored.document_id), text)
        return (FileWarning(WarningKind.OTHER_WORDS, _OTHERS),) if unlike else ()

    def known(
        self,
        stored: Stored,
        source: str,
        allow: Label,
        started: float,
        author: Author,
        manage: frozenset[str] | None,
        again: RereadReport | None,
    ) -> FileReport:
        """Of bytes that are stored: sets label and managers. `again`: what came of reading or chunking them again."""
        outcome, allow = Outcome.UNCHANGED, told(allow)
        if not stored.labelled(allow) or manage not in (None, stored.managers):
            self.store.relabel(stored.document_id, allow, author=author, manage=manage)
            outcome = Outcome.RELABELLED
        seconds = round(time.perf_counter() - started, 3)
        if again is None:
            return FileReport(source, outcome, stored.document_id, stored.version, seconds=seconds)
        outcome = Outcome.REPLACED if again.corrected else Outcome.RECHUNKED if again.rechunked else outcome
        return FileReport(
            source, outcome, stored.document_id, again.version,
            chunks=again.rechunked, seconds=seconds, warnings=again.warnings,
        )  # fmt: skip

    def reread(self, stored: Stored, author: Author, chunking: Chunking | None) -> RereadReport | None:
        """The same bytes are read again if other rules have read them, or if they are to be chunked otherwise."""
        known = stored.parser_rules >= PARSER_RULES and chunking in (None, stored.chunking)
        if self.rereader is None or known:
            return None
        return self.rereader.document(stored.document_id, author, chunking)

    def parsed(self, data: bytes, name: str) -> ParsedFile:
        self._go_on()
        try:
            with self._timed("ingest.parse"):
                return self._parser.parse(data, name)
        except IngestError:
            self._go_on()  # a parser that was stopped says that the file is damaged
            raise

    def _chunked(self, document: Document, chunking: Chunking) -> tuple[Chunk, ...]:
        with self._timed("ingest.chunk"):
            return self._chunkers.chunks(document, chunking, self._vectors)

    def _embedded(self, chunks: Sequence[Chunk]) -> NDArray[np.float32]:
        """(n, dimension) float32, a row a chunk."""
        with self._timed("ingest.embed"):
            return self._vectors([chunk.indexed_text for chunk in chunks])

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dimension) float32, a row a text."""
        rows = [np.zeros((0, self._embedder.dimension), np.float32)]
        for start in range(0, len(texts), _AT_ONCE):
            self._go_on()
            rows.append(self._embedder.embed_documents(texts[start : start + _AT_ONCE]))
        self._go_on()
        return np.concatenate(rows)

    def _go_on(self) -> None:
        if self._stopped.is_set():
            raise ServiceStopping("The service is stopping; nothing was stored. Send the file again when it is back.")
