"""What the routes use of the recall of answers, whoever gives it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from generation.types import Changed, KeptAnswer
from retrieval.types import Principal

Place = tuple[datetime, str]


class Affected(Protocol):
    """As `api.http.schemas.recall.AffectedOut` has it."""

    @property
    def audit_id(self) -> str: ...
    @property
    def asked_by(self) -> str: ...
    @property
    def asked_at(self) -> datetime: ...
    @property
    def question(self) -> str: ...
    @property
    def changed(self) -> Sequence[Changed]: ...
    @property
    def seen_at(self) -> datetime | None: ...
    @property
    def asked_again(self) -> str: ...


class AffectedPage(Protocol):
    @property
    def answers(self) -> Sequence[Affected]: ...
    @property
    def last(self) -> Place | None: ...


class Notice(Protocol):
    """An answer of the reader's own that rests on what has changed; `asked_again`: the one that took its place."""

    @property
    def kept(self) -> KeptAnswer: ...
    @property
    def asked_again(self) -> str: ...


class Recall(Protocol):
    def affected(
        self,
        document_id: str | None,
        version: int | None,
        *,
        since: datetime | None,
        after: Place | None,
        limit: int,
    ) -> AffectedPage:
        """Newest first; versions by their stored numbers."""
        ...

    def notices(self, principal: Principal, limit: int) -> Sequence[Notice]:
        """Those that the principal was not told of yet, and can open; newest first."""
        ...

    def seen(self, principal: Principal, audit_ids: Sequence[str]) -> None: ...
