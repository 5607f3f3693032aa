"""What the routes use of the audit trail, whoever gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from generation.people import TrailFilter


class TrailEntry(Protocol):
    """One thing that was done; as `api.http.schemas.audit.EntryDetail` has it."""

    @property
    def id(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def action(self) -> str: ...
    @property
    def principal(self) -> str: ...
    @property
    def refused(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def record(self) -> Mapping[str, Any]: ...
    @property
    def hash(self) -> str: ...


class TrailPage(Protocol):
    """`last`: where the next page begins, if there is one."""

    @property
    def entries(self) -> Sequence[TrailEntry]: ...
    @property
    def last(self) -> tuple[int, int] | None: ...


class Trail(Protocol):
    def page(self, wanted: TrailFilter, after: tuple[int, int] | None, limit: int) -> TrailPage:
        """Newest first."""
        ...

    def find(self, entry_id: str) -> Sequence[TrailEntry]:
        """One entry, or all of a record or an answer; empty if there is none."""
        ...

    def export(self, wanted: TrailFilter, by: str) -> Iterator[bytes]:
        """Lines of JSON, signed (docs/audit.md). May raise a `FootnoteError` at any line."""
        ...
