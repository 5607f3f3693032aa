"""Documents in memory that keep the promises of the PostgreSQL stores: catalog, secured chunk reader, segment list.

For measurements and tests that need thousands of installations, or exact control over what two of them differ in.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from evals.systems.shelf import holds
from infra.postgres.errors import SegmentsChanged
from ingest.naming import named
from ingest.types import Name, admits, chunk_id, document_id
from retrieval.protocols import QueryEmbedder, SegmentInfo
from retrieval.types import (
    DOCUMENT,
    KEY,
    CatalogChanges,
    ChunkText,
    IndexRow,
    Numbering,
    Principal,
    VersionColumns,
)

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Content:
    """What a file says: one text a chunk."""

    title: str
    texts: tuple[str, ...]

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256("\n".join((self.title, *self.texts)).encode()).hexdigest()


@dataclass(frozen=True)
class Version:
    """`allow` is the label that it was added under, `id` names it whatever its number."""

    number: int
    content: Content
    allow: frozenset[str]
    day: date
    id: str = ""


@dataclass(frozen=True)
class Stored:
    """A document with its label and its versions, oldest first; the last is the current one."""

    source: str
    allow: frozenset[str]
    versions: tuple[Version, ...]

    def as_seen_by(self, principal: Principal) -> Stored | None:
        """What is left of it for this principal: both labels have to let them in."""
        if not admits(self.allow, principal.tokens):
            return None
        seen = tuple(version for version in self.versions if admits(version.allow, principal.tokens))
        return replace(self, versions=seen) if seen else None

    def renumbered(self) -> Stored:
        """The same with versions from 1 on, as where there were never others."""
        return replace(self, versions=tuple(replace(one, number=at) for at, one in enumerate(self.versions, 1)))

    def under(self, allow: frozenset[str]) -> Stored:
        """The same with this label on everything."""
        return replace(self, allow=allow, versions=tuple(replace(version, allow=allow) for version in self.versions))


@lru_cache(maxsize=50_000)
def chunks(source: str, content: Content) -> tuple[ChunkText, ...]:
    """The chunks of a content, as those of version 0; each is a section of its own."""
    owner, made, start = document_id(source), [], 0
    for ordinal, text in enumerate(content.texts):
        end = start + len(text)
        made.append(
            ChunkText(
                chunk_id=chunk_id(owner, content.sha256, start, end),
                document_id=owner,
                version=0,
                content_sha256=content.sha256,
                title=content.title,
                source=source,
                ordinal=ordinal,
                start=start,
                end=end,
                text=text,
                section_path=(f"Clause {ordinal + 1}",),
                page=None,
            )
        )
        start = end + 1
    return tuple(made)


@lru_cache(maxsize=50_000)
def key_of(source: str, content: Content) -> bytes:
    """The KEY of the content's rows."""
    digest = hashlib.sha256(content.sha256.encode())
    for chunk in chunks(source, content):
        digest.update(f"\0{chunk.chunk_id}\0{chunk.indexed_text}".encode())
    return uuid.UUID(document_id(source)).bytes + digest.digest()


@lru_cache(maxsize=50_000)
def names_of(source: str, content: Content) -> tuple[Name, ...]:
    """What the content is called."""
    _, found = named(source, content.title, "text/plain", "\n\n".join(content.texts))
    parties = (Name("party", text.split()[0].capitalize(), "", "first pages") for text in content.texts)
    media_type = "text/csv" if "table" in content.title.casefold() else "text/plain"
    return (*found, *parties, Name("media type", media_type, media_type, "file"))


def digest_of(source: str, number: int) -> str:
    return hashlib.sha256(f"{source}\0{number}".encode()).hexdigest()[:16]


class MemoryStore:
    """Implements `Catalog`, `ChunkReader` and `SegmentManifest` of retrieval.protocols, and `Numbers` of
    api.http.stored."""

    def __init__(self, embedder: QueryEmbedder) -> None:
        self.documents: dict[str, Stored] = {}
        self._embedder = embedder
        self._log: list[str] = []  # the source that each generation changed
        self._numbers: dict[str, int] = {}  # last version number of each source, deleted or not
        self._labels: dict[frozenset[str], int] = {}
        self._contents: dict[bytes, tuple[str, Content]] = {}
        self._owners: dict[str, tuple[str, Content]] = {}
        self._segments: list[SegmentInfo] = []
        self._publishing = False

    def put(self, document: Stored) -> None:
        """Makes this all there is under its source."""
        for version in document.versions:
            self._contents[key_of(document.source, version.content)] = (document.source, version.content)
            for chunk in chunks(document.source, version.content):
                self._owners[chunk.chunk_id] = (document.source, version.content)
        self.documents[document.source] = document
        self._numbers[document.source] = document.versions[-1].number
        self._log.append(document.source)

    def add_version(self, source: str, content: Content, allow: frozenset[str], day: date) -> None:
        """The next version; the same bytes as the current one only set the label."""
        held = self.documents.get(source)
        if held and held.versions[-1].content == content:
            self.relabel(source, allow)
            return
        number = self._numbers.get(source, 0) + 1
        version = Version(number, content, allow, day, f"v_{digest_of(source, number)}")
        self.put(Stored(source, allow, (*(held.versions if held else ()), version)))

    def relabel(self, source: str, allow: frozenset[str]) -> None:
        """The document and its current version get this label."""
        held = self.documents[source]
        current = replace(held.versions[-1], allow=allow)
        self.put(Stored(source, allow, (*held.versions[:-1], current)))

    def delete(self, source: str) -> None:
        del self.documents[source]
        self._log.append(source)

    # Catalog

    def generation(self) -> int:
        return len(self._log)

    def changes(self, since: int) -> CatalogChanges:
        complete = since < 0
        changed = [] if complete else sorted(set(self._log[since:]))
        sources = self.documents if complete else changed
        kept = [self.documents[source] for source in sources if source in self.documents]
        rows = [(document, version) for document in kept for version in document.versions]
        versions = VersionColumns(
            keys=np.array([key_of(document.source, version.content) for document, version in rows], KEY),
            labels=np.array([self._label(document.allow) for document, _ in rows], np.int32),
            own_labels=np.array([self._label(version.allow) for _, version in rows], np.int32),
            numbers=np.array([version.number for _, version in rows], np.int32),
            days=np.array([(version.day - _EPOCH).days for _, version in rows], np.int32),
            current=np.array([version is document.versions[-1] for document, version in rows], np.bool_),
        )
        names = {number: allow for allow, number in self._labels.items()}
        named = {int(number) for number in np.union1d(versions.labels, versions.own_labels)}
        return CatalogChanges(
            generation=len(self._log),
            complete=complete,
            documents=np.array([uuid.UUID(document_id(source)).bytes for source in changed], DOCUMENT),
            versions=versions,
            labels={number: names[number] for number in named},
        )

    def index_rows(self, keys: Sequence[bytes]) -> Iterator[tuple[IndexRow, NDArray[np.float32]]]:
        for key in keys:
            source, content = self._contents.get(bytes(key), ("", None))
            held = self.documents.get(source)
            if content is None or held is None or all(version.content != content for version in held.versions):
                continue
            for chunk in chunks(source, content):
                yield IndexRow(chunk.chunk_id, bytes(key), chunk.indexed_text), self._embedder.embed_query(chunk.text)

    def names(self, keys: Sequence[bytes]) -> list[tuple[Name, ...] | None]:
        """As `NameSource` has it: title, file name, and the first word of each text as a party."""
        return [names_of(*self._contents[bytes(key)]) for key in keys]

    def corrected(self, since: int) -> tuple[int, Sequence[bytes]]:
        """Nobody sets facts here."""
        return 0, ()

    def _label(self, allow: frozenset[str]) -> int:
        return self._labels.setdefault(allow, len(self._labels) + 1)

    # ChunkReader

    def read(self, chunk_ids: Sequence[str], principal: Principal, as_of: date | None = None) -> Sequence[ChunkText]:
        found = (self._read(name, principal, as_of) for name in chunk_ids)
        return [chunk for chunk in found if chunk is not None]

    def parent(self, chunk: ChunkText, principal: Principal) -> ChunkText | None:
        return None

    def neighbours(self, chunk: ChunkText, principal: Principal, reach: int) -> Sequence[ChunkText]:
        seen = self._seen(chunk.source, principal)
        return [
            replace(other, version=version.number)
            for version in (seen.versions if seen else ())
            if version.number == chunk.version
            for other in chunks(chunk.source, version.content)
            if abs(other.ordinal - chunk.ordinal) <= reach
        ]

    def holding(
        self, chunk: ChunkText, principal: Principal, words: Sequence[str], limit: int = 32
    ) -> Sequence[ChunkText]:
        around = self.neighbours(chunk, principal, 1 << 30)
        return [other for other in around if holds(other, words)][:limit]

    def _read(self, name: str, principal: Principal, as_of: date | None) -> ChunkText | None:
        """As part of the newest version with its content, of those in force on that day."""
        source, content = self._owners.get(name, ("", None))
        seen = self._seen(source, principal)
        if content is None or seen is None:
            return None
        fitting = [v for v in seen.versions if v.content == content and (as_of is None or v.day <= as_of)]
        if not fitting:
            return None
        chunk = next(chunk for chunk in chunks(source, content) if chunk.chunk_id == name)
        return replace(chunk, version=fitting[-1].number)

    def _seen(self, source: str, principal: Principal) -> Stored | None:
        held = self.documents.get(source)
        return held.as_seen_by(principal) if held else None

    # Numbers

    def of(self, principal: Principal, document_ids: Collection[str]) -> Numbering:
        seen = [(document, document.as_seen_by(principal)) for document in self.documents.values()]
        return Numbering(
            {
                document_id(held.source): {version.number: version.id for version in found.versions}
                for held, found in seen
                if found is not None and document_id(held.source) in document_ids
            }
        )

    def among(self, versions: Iterable[tuple[str, int]]) -> Numbering:
        raise NotImplementedError("nothing is listed here")

    # SegmentManifest

    def list(self) -> Sequence[SegmentInfo]:
        return tuple(self._segments)

    def replace(self, removed: Sequence[str], added: SegmentInfo | None) -> None:
        if set(removed) - {info.name for info in self._segments}:
            raise SegmentsChanged("Another process has replaced these index segments. Read the list again.")
        kept = [info for info in self._segments if info.name not in removed]
        self._segments = [*kept, *([added] if added else [])]

    @contextmanager
    def publishing(self) -> Iterator[bool]:
        free, self._publishing = not self._publishing, True
        try:
            yield free
        finally:
            self._publishing = not free
