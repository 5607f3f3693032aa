"""What the routes use of documents as they are stored, whoever gives it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Protocol

from ingest.types import (
    Author,
    Coverage,
    DocumentFacts,
    ElementKind,
    FactKind,
    FileWarning,
    Grid,
    Labelled,
    NewFact,
    NewLabel,
    PageInfo,
)
from retrieval.types import Numbering, Principal


class Numbers(Protocol):
    """How a principal counts versions. What else the routes use of them has the numbers that are stored."""

    def of(self, principal: Principal, document_ids: Collection[str]) -> Numbering:
        """Those of these documents that the principal may read, under each id as it is given."""
        ...

    def among(self, versions: Iterable[tuple[str, int]]) -> Numbering:
        """How somebody counts who may read just these, by document ascending."""
        ...


class VersionInfo(Protocol):
    @property
    def version(self) -> int: ...
    @property
    def added_at(self) -> datetime: ...
    @property
    def content_sha256(self) -> str: ...
    @property
    def corrects(self) -> int | None: ...


class VersionDetail(VersionInfo, Protocol):
    """What else `api.http.schemas.documents.VersionDetailOut` tells of a version is there as well."""


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
    """A heading or a table at characters [start, end); `level` 1 to 6 for headings, else 0; `grid` of a table in a
    spreadsheet alone."""

    @property
    def grid(self) -> Grid | None: ...
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


class Allowing(Protocol):
    def allow(self, document_ids: Sequence[str], label: NewLabel, author: Author) -> Sequence[Labelled]:
        """Who may read these from now on; raises `InvalidPrincipal`, and then changes none."""
        ...


class Documents(Protocol):
    """What is stored, read as a principal: missing and hidden are the same. `recycle_days`: for how long deleted
    documents are kept."""

    recycle_days: int

    def placed_text(self, document_id: str, version: int | None, principal: Principal) -> VersionView | None:
        """`version` None: the current one."""
        ...

    def original(
        self, document_id: str, version: int | None, principal: Principal
    ) -> tuple[bytes, str, str, int] | None:
        """The file's bytes, media type, name and version."""
        ...

    def changeable(self, author: Author, ids: Sequence[str] | None = None) -> frozenset[str]:
        """The ids of what, of all or of these, the author may delete."""
        ...

    def delete(self, document_id: str, author: Author, *, now: bool = False) -> bool:
        """All versions; False if there is none to delete. `now`: for good, also what is deleted already; raises
        `HeldBack` where a legal hold keeps it. Raises `NotAllowed`."""
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
    """Lists of what a principal may read. `one`, `versions`: none if the document is missing or hidden; versions newest
    first."""

    def page(
        self,
        principal: Principal,
        *,
        sort: str,
        descending: bool,
        after: tuple[str, str] | None,
        skip: int,
        limit: int,
        words: Sequence[str],
        kinds: Sequence[str],
        groups: Sequence[str],
        allowed: Sequence[str],
        languages: Sequence[str],
        warned: bool | None,
        since: date | None,
        until: date | None,
    ) -> DocumentPage: ...

    def one(self, document_id: str, principal: Principal) -> DocumentInfo | None: ...
    def versions(self, document_id: str, principal: Principal) -> Sequence[VersionDetail]: ...


class Facts(Protocol):
    """What is known of documents as a whole: read as a principal, changed by an author. None and False: missing or
    hidden. What cannot be stored raises `InvalidFact`, who may not change it meets `NotAllowed`."""

    def of(
        self, document_id: str, version: int | None, principal: Principal, author: Author
    ) -> DocumentFacts | None: ...

    def set(self, document_id: str, new: NewFact, author: Author) -> bool: ...

    def remove(self, document_id: str, kind: FactKind, value: str, author: Author) -> bool: ...
