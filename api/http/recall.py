"""What the routes use of the recall of answers, whoever gives it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from generation.people import Changed, KeptAnswer
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
    """An answer of the reader's own, or shared with them, that rests on what has changed; `asked_again`: the one that
    took its place."""

    @property
    def kept(self) -> KeptAnswer: ...
    @property
    def asked_again(self) -> str: ...


class WrongVersion(Protocol):
    """`version`: as it is stored, 0 for all of them. `reason`: in the words of who found it wrong."""

    @property
    def document_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def reason(self) -> str: ...


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

    def wrong(self) -> Sequence[WrongVersion]:
        """By document and version."""
        ...

    def find_wrong(self, document_id: str, version: int, reason: str, by: str) -> bool:
        """A version (0: all of them), for all answers that rest on it; False where there is none."""
        ...

    def not_wrong(self, document_id: str, version: int, by: str) -> bool:
        """Takes that back; False where it is not marked so."""
        ...


class AskingAgain(Protocol):
    async def ask(
        self, audit_id: str, principal: Principal, *, auditor: bool, again: Callable[[], Principal]
    ) -> str | None:
        """Asks the same question as the same person, over what they may read now; the id of the new answer. None where
        there is no such answer, or the principal, who does not audit, may not read all of the old one. Raises
        `NotAskedAgain`."""
        ...
