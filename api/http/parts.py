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
from api.http.people import Directory, Keys, SigningIn
from generation.types import Answer, Event, FollowUp
from ingest.jobs import FileState, JobRequest, JobState, Urgency
from ingest.types import (
    Author,
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


class Job(Protocol):
    """A job as it stands. `number` orders jobs by when they were handed in; `event` counts what has changed in it;
    `sealed`: all its files are known."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def state(self) -> JobState: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def finished_at(self) -> datetime | None: ...
    @property
    def cancelled(self) -> bool: ...
    @property
    def sealed(self) -> bool: ...
    @property
    def files(self) -> int: ...
    @property
    def done(self) -> int: ...
    @property
    def failed_files(self) -> int: ...
    @property
    def cancelled_files(self) -> int: ...
    @property
    def ended(self) -> int: ...
    @property
    def event(self) -> int: ...
    @property
    def number(self) -> int: ...


class JobFile(Protocol):
    """A file of a job. `report`: what became of it, None as long as that is not known."""

    @property
    def number(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def bytes(self) -> int: ...
    @property
    def state(self) -> FileState: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def report(self) -> Mapping[str, Any] | None: ...
    @property
    def event(self) -> int: ...


class Jobs(Protocol):
    """Jobs, as their owner sees them: those of others are missing. What is missing raises a foreseen error."""

    def list(self, owner: str, *, before: int | None = None, limit: int = 50) -> Sequence[Job]:
        """Newest first, from those handed in before the job of that number."""
        ...

    def find(self, job_id: str, owner: str) -> Job: ...

    def pace(self, job_id: str) -> float:
        """Files a second of late."""
        ...

    def outcomes(self, job_id: str) -> Mapping[str, int]: ...

    def files(
        self, job_id: str, *, after: int = 0, limit: int = 1000, state: FileState | None = None
    ) -> Sequence[JobFile]: ...

    def changed(self, job_id: str, since: tuple[int, int], limit: int = 1000) -> Sequence[JobFile]:
        """Files that changed after this event and number, in the order in which they did."""
        ...

    def cancel(self, job_id: str, owner: str) -> None: ...

    def retry(self, job_id: str, owner: str) -> int:
        """What failed or was cancelled is done again; how many files."""
        ...


class Handed(Protocol):
    """A file that is handed in. `source`: the name of the document that it is a version of."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    def read(self) -> bytes: ...


class JobDesk(Protocol):
    """Where jobs are handed in: so many files at once, of so many bytes each and together."""

    max_files: int
    max_file_bytes: int
    max_bytes: int

    @property
    def jobs(self) -> Jobs: ...

    def submit(
        self, author: Author, request: JobRequest, files: Sequence[Handed], *, urgency: Urgency, key: str
    ) -> str:
        """The job's id, under a `key` of before the same as then. Raises foreseen errors where that was something else,
        and where too much is waiting."""
        ...

    def submit_folder(self, author: Author, request: JobRequest, folder: str, urgency: Urgency) -> str: ...


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
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        follow_up: FollowUp | None = None,
    ) -> Answer: ...

    def stream(
        self,
        question: str,
        principal: Principal,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        *,
        follow_up: FollowUp | None = None,
    ) -> AsyncGenerator[Event, None]: ...

    def continued(self, question: str, earlier: Sequence[str]) -> tuple[str, FollowUp | None]:
        """The question as it is to be asked after the asker's earlier ones, and from which it was put together."""
        ...


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
    desk: JobDesk
    search: Search
    answers: Answers
    pages: PageImages
    links: Links
    checks: Checks
    limits: BodyLimits
    hosts: tuple[str, ...] | None
    stop: Callable[[], None]
    keys: Keys
    signing_in: SigningIn
    directory: Directory
