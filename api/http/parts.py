"""What the routes use of the service: each part as narrow as the routes need it, whoever gives it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from api.demo.people import SamplePerson
from api.http.auth import Authenticator
from api.http.limits import BodyLimits
from api.http.links import Links
from generation.types import Answer, Event
from ingest.protocols import Outcome
from ingest.types import (
    Author,
    Chunking,
    Coverage,
    DocumentFacts,
    ElementKind,
    FactKind,
    FileWarning,
    NewFact,
    PageAsked,
    PageInfo,
)
from retrieval.types import EVERYTHING, Filter, Principal, SearchOptions, SearchResult


class VersionInfo(Protocol):
    @property
    def version(self) -> int: ...
    @property
    def added_at(self) -> datetime: ...
    @property
    def content_sha256(self) -> str: ...
    @property
    def corrects(self) -> int | None: ...


class DocumentInfo(Protocol):
    """A document as its current version shows it. `pages` is None without pages, `date` as ingestion gave it."""

    @property
    def document_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def media_type(self) -> str: ...
    @property
    def pages(self) -> int | None: ...
    @property
    def bytes(self) -> int: ...
    @property
    def date(self) -> str | None: ...
    @property
    def added_at(self) -> datetime: ...
    @property
    def allow(self) -> frozenset[str]: ...
    @property
    def versions(self) -> Sequence[VersionInfo]: ...
    @property
    def deleted_at(self) -> datetime | None: ...
    @property
    def restorable_until(self) -> datetime | None: ...
    @property
    def warnings(self) -> Sequence[FileWarning]: ...
    @property
    def coverage(self) -> Coverage: ...
    @property
    def behind(self) -> bool: ...
    @property
    def chunking(self) -> str: ...
    @property
    def language(self) -> str: ...


class Page(Protocol):
    """A page and its characters [start, end)."""

    @property
    def page(self) -> int: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class Element(Protocol):
    """A structural element at characters [start, end); `level` 1 to 6 for headings, else 0."""

    @property
    def kind(self) -> ElementKind: ...
    @property
    def level(self) -> int: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class VersionView(Protocol):
    """The canonical text of one version and where everything lies in it. Offsets count code points."""

    @property
    def document_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def pages(self) -> Sequence[Page]: ...
    @property
    def elements(self) -> Sequence[Element]: ...
    @property
    def warnings(self) -> Sequence[FileWarning]: ...
    @property
    def page_infos(self) -> Sequence[PageInfo]: ...
    @property
    def language(self) -> str: ...


class Documents(Protocol):
    """What is stored, read as a principal: missing and hidden are the same. `recycle_days`: for how long deleted
    documents are kept."""

    recycle_days: int

    def text(self, document_id: str, version: int | None, principal: Principal) -> VersionView | None:
        """`version` None: the current one."""
        ...

    def original(self, document_id: str, version: int | None, principal: Principal) -> tuple[bytes, str, str] | None:
        """The file's bytes, media type and name."""
        ...

    def changeable(self, author: Author, ids: Sequence[str] | None = None) -> frozenset[str]:
        """The ids of what, of all or of these, the author may delete."""
        ...

    def delete(self, document_id: str, author: Author) -> bool:
        """All versions; False if there is none to delete. Raises `NotAllowed`."""
        ...

    def deleted(self, author: Author) -> Sequence[DocumentInfo]:
        """What the author may restore."""
        ...

    def restore(self, document_id: str, author: Author) -> bool:
        """False if there is none to restore."""
        ...


class DocumentPage(Protocol):
    """`last`: key and id of the last document, if more follow."""

    @property
    def documents(self) -> Sequence[DocumentInfo]: ...
    @property
    def total(self) -> int: ...
    @property
    def last(self) -> tuple[str, str] | None: ...


class Listing(Protocol):
    """Lists of what a principal may read. `versions`: none if the document is missing or hidden; each has what
    `api.http.schemas.documents.VersionDetailOut` has."""

    def page(
        self,
        principal: Principal,
        *,
        sort: str,
        descending: bool,
        after: tuple[str, str] | None,
        limit: int,
        words: Sequence[str],
        kinds: Sequence[str],
        groups: Sequence[str],
    ) -> DocumentPage: ...

    def versions(self, document_id: str, principal: Principal) -> Sequence[object]: ...


class Facts(Protocol):
    """What is known of documents as a whole: read as a principal, changed by an author. None and False: missing or
    hidden. What cannot be stored raises `InvalidFact`, who may not change it meets `NotAllowed`."""

    def of(
        self, document_id: str, version: int | None, principal: Principal, author: Author
    ) -> DocumentFacts | None: ...

    def set(self, document_id: str, new: NewFact, author: Author) -> bool: ...

    def remove(self, document_id: str, kind: FactKind, value: str, author: Author) -> bool: ...


class FileReport(Protocol):
    """What became of one file."""

    @property
    def source(self) -> str: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def document_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def pages(self) -> int: ...
    @property
    def chunks(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def children(self) -> Sequence[FileReport]: ...
    @property
    def warnings(self) -> Sequence[FileWarning]: ...
    @property
    def coverage(self) -> Coverage: ...


class Pipeline(Protocol):
    def ingest(
        self,
        data: bytes,
        name: str,
        source: str,
        allow: frozenset[str],
        date: str | None = None,
        *,
        author: Author,
        manage: frozenset[str] | None,
        chunking: Chunking | None,
        language: str,
    ) -> FileReport:
        """One file's bytes as the newest version of `source`; raises `IngestError`, `NotAllowed`
        or `ServiceStopping`."""
        ...


@dataclass(frozen=True, slots=True)
class Uploads:
    """Takes files of at most `max_bytes`."""

    pipeline: Pipeline
    max_bytes: int


class Search(Protocol):
    """Access-filtered search; `options` are the defaults of this installation."""

    options: SearchOptions

    async def search(
        self,
        query: str,
        principal: Principal,
        top_k: int,
        *,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        options: SearchOptions | None = None,
    ) -> SearchResult: ...


class Answers(Protocol):
    async def answer(
        self, question: str, principal: Principal, as_of: date | None = None, only: Filter = EVERYTHING
    ) -> Answer: ...

    def stream(
        self, question: str, principal: Principal, as_of: date | None = None, only: Filter = EVERYTHING
    ) -> AsyncGenerator[Event, None]: ...


class PagePlace(Protocol):
    """A page that can be shown, with characters [start, end) marked (-1, -1: none); `etag` names the picture."""

    @property
    def document_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def page(self) -> int: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def etag(self) -> str: ...


class PageImages(Protocol):
    """Pages as pictures, read as a principal; None: missing or hidden. Both raise `PageError`."""

    def find(self, document_id: str, asked: PageAsked, principal: Principal) -> PagePlace | None: ...

    def draw(self, place: Any, principal: Principal) -> bytes | None:
        """A PNG of what `find` gave."""
        ...


Checks = Mapping[str, Callable[[], Awaitable[object]]]  # each raises a foreseen error if that does not work


@dataclass(frozen=True, slots=True)
class Parts:
    """All of them. `people`: who may sign in without a credential, in demo mode; None outside of it. `hosts`: the names
    that are served, as `api.http.hosts` has them; None: any. `stop` ends what is being ingested, when the service
    stops."""

    authenticator: Authenticator
    people: tuple[SamplePerson, ...] | None
    documents: Documents
    listing: Listing
    facts: Facts
    uploads: Uploads
    search: Search
    answers: Answers
    pages: PageImages
    links: Links
    checks: Checks
    limits: BodyLimits
    hosts: tuple[str, ...] | None
    stop: Callable[[], None]
