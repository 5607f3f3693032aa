"""What a proof of absence needs of others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from retrieval.types import EVERYTHING, Filter, Principal, Scope, SearchOptions, SearchResult


class Search(Protocol):
    """Access-filtered search: `retrieval.search.hybrid.HybridSearch`."""

    def scope(self, principal: Principal, *, as_of: date | None = None, only: Filter = EVERYTHING) -> Scope: ...

    def search_now(
        self,
        query: str,
        principal: Principal,
        top_k: int,
        *,
        as_of: date | None = None,
        only: Filter = EVERYTHING,
        options: SearchOptions | None = None,
    ) -> SearchResult: ...


class Whole(Protocol):
    """A version as a whole: how many pages its file has (None: its format has none) and how many passages it was cut
    into. `parts`: ids of the documents that came out of its file, as attachments do; `pending`: perhaps not all of them
    are stored."""

    @property
    def version(self) -> int: ...
    @property
    def version_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def content_sha256(self) -> str: ...
    @property
    def page_count(self) -> int | None: ...
    @property
    def passages(self) -> int: ...
    @property
    def parts(self) -> Sequence[str]: ...
    @property
    def pending(self) -> bool: ...


class Wholes(Protocol):
    """Reads them under row-level security."""

    def read(
        self, document_id: str, principal: Principal, *, version: int | None = None, as_of: date | None = None
    ) -> Whole | None:
        """This version; without one that in force on the day, without a day the current one. None if the principal may
        read no such version."""
        ...

    def without_text(self, principal: Principal, as_of: date | None = None) -> Sequence[str]:
        """Ids of the documents that the principal may read and no search looks through: none of their words is
        indexed."""
        ...
