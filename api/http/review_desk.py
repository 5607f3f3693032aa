"""What the routes use of reviews, whoever gives it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from generation.people import KeptAnswer
from retrieval.types import Filter, Principal

Place = tuple[int, int, int]
Begun = tuple[datetime, str]  # when a review was begun, and its id


class Review(Protocol):
    """`owner`: `user:NAME`. `shares`: with whom it is shared, [] of another's."""

    @property
    def id(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def questions(self) -> Sequence[str]: ...
    @property
    def as_of(self) -> date | None: ...
    @property
    def live(self) -> bool: ...
    @property
    def strict(self) -> bool: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def shares(self) -> Sequence[str]: ...


class ShownReview(Protocol):
    """How it stands for who opens it: `documents` that they may read, `counts` of their cells by status. `own`: else it
    is shared with them."""

    @property
    def review(self) -> Review: ...
    @property
    def own(self) -> bool: ...
    @property
    def status(self) -> str: ...
    @property
    def documents(self) -> int: ...
    @property
    def counts(self) -> Mapping[str, int]: ...


class ShownCell(Protocol):
    """`version`: as it is stored. `kept`: the answer, None where there is none to open."""

    @property
    def document_id(self) -> str: ...
    @property
    def question(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def audit_id(self) -> str | None: ...
    @property
    def version(self) -> int | None: ...
    @property
    def computed_at(self) -> datetime | None: ...
    @property
    def kept(self) -> KeptAnswer | None: ...


class ShownRow(Protocol):
    @property
    def document_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def cells(self) -> Sequence[ShownCell]: ...


class Changed(Protocol):
    """Cells that changed up to the place `since`, each with its own, whether more follow, and how the review stands."""

    @property
    def shown(self) -> ShownReview: ...
    @property
    def cells(self) -> Sequence[tuple[Place, ShownCell]]: ...
    @property
    def since(self) -> Place: ...
    @property
    def more(self) -> bool: ...


class Reviews(Protocol):
    """Reviews as a principal sees their own, and what others share with them: documents that they may not read now are
    absent. Changes are the owner's alone. What is missing raises a foreseen error."""

    def start(
        self,
        principal: Principal,
        key_id: str | None,
        title: str,
        questions: Sequence[str],
        only: Filter,
        as_of: date | None,
        *,
        live: bool,
        strict: bool,
    ) -> str:
        """Its id. Raises foreseen errors where there are no documents or too many, and where too much is waiting."""
        ...

    def holds(self, principal: Principal, only: Filter, as_of: date | None) -> int:
        """How many documents a review of these would have now."""
        ...

    def list(
        self, principal: Principal, *, shared: bool = False, after: Begun | None = None, limit: int = 20
    ) -> tuple[Sequence[ShownReview], Begun | None]:
        """Newest first, and the place of the last one if more follow; `shared`: those of others."""
        ...

    def find(self, review_id: str, principal: Principal) -> ShownReview: ...

    def rows(
        self, review_id: str, principal: Principal, *, after: str | None = None, limit: int = 1000
    ) -> tuple[ShownReview, Sequence[ShownRow], str | None]:
        """Rows after that of the document `after`, and the last one's document if more follow."""
        ...

    def changed(self, review_id: str, principal: Principal, since: Place, limit: int) -> Changed: ...

    def change(self, review_id: str, principal: Principal, *, title: str | None, live: bool | None) -> None: ...

    def delete(self, review_id: str, principal: Principal) -> None: ...

    def share(self, review_id: str, principal: Principal, principals: Collection[str]) -> None:
        """With these alone from now on."""
        ...

    def cancel(self, review_id: str, principal: Principal) -> None: ...

    def resume(self, review_id: str, principal: Principal, key_id: str | None) -> int:
        """How many cells are asked again that had ended."""
        ...

    def again(
        self, review_id: str, principal: Principal, key_id: str | None, document_id: str, questions: Collection[int]
    ) -> int:
        """How many of these cells are asked again, whatever they say; no questions: the whole row."""
        ...


class PlacedCell(Protocol):
    """A cell that an answer stands in. `title`: of the review, "" for who may not see it there."""

    @property
    def review_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def document_id(self) -> str: ...
    @property
    def question(self) -> int: ...


class Placing(Protocol):
    """By answer, the cells that it stands in: those that a principal may see, or all of them for who audits."""

    def of(self, audit_ids: Collection[str], principal: Principal) -> Mapping[str, Sequence[PlacedCell]]: ...
    def all(self, audit_ids: Collection[str], principal: Principal) -> Mapping[str, Sequence[PlacedCell]]: ...


class Exported(Protocol):
    """A file of a review, and the versions that it shows."""

    @property
    def data(self) -> bytes: ...
    @property
    def shown(self) -> Sequence[tuple[str, int]]: ...


ReviewExports = Mapping[str, Callable[[str, Principal], Exported]]  # by format: of a review's id
