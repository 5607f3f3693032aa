"""What of a review somebody may see: its rows follow from documents that they may read now, its cells from the versions
that the answers rest on.

A document that they may not read is absent: no row, no count, no event. For whom a review is shared with, so is each
cell whose answer rests on a version that they may not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from generation.people import KeptAnswer
from generation.types import Status
from infra.postgres.review_rows import CellOfAnswer, CellState, Counted, InForce, Review, StoredCell
from retrieval.types import Principal

STALE, GONE = "stale", "answer_gone"
STATES = {
    Status.ANSWERED: CellState.ANSWERED,
    Status.PARTIAL: CellState.PARTIAL,
    Status.ABSTAINED: CellState.NOT_FOUND,
}
ANSWERED = frozenset(STATES.values())
_OPEN = {str(CellState.WAITING), str(CellState.RUNNING)}


class Stands(Protocol):
    """How one cell, or several, of a document stand."""

    @property
    def state(self) -> CellState: ...
    @property
    def version(self) -> int | None: ...
    @property
    def rests_on(self) -> Collection[int] | None: ...


class Numbered(Stands, Protocol):
    """`number`: of the document in its review."""

    @property
    def number(self) -> int: ...


class Store(Protocol):
    """`infra.postgres.reviews.PostgresReviews`."""

    def documents(self, review_ids: list[str]) -> dict[str, dict[int, str]]: ...
    def of_answers(self, audit_ids: Iterable[str]) -> Collection[CellOfAnswer]: ...
    def in_force(
        self, principal: Principal, document_ids: Collection[str], as_of: date | None
    ) -> dict[str, InForce]: ...


@dataclass(frozen=True, slots=True)
class ShownReview:
    """How it stands for who opens it: `documents` that they may read, `counts` of their cells by status. `own`: else it
    is shared with them."""

    review: Review
    own: bool
    documents: int
    counts: Mapping[str, int]

    @property
    def status(self) -> str:
        if not any(self.counts.get(one) for one in _OPEN):
            return "done"
        return "cancelled" if self.review.cancelled else "running"


@dataclass(frozen=True, slots=True)
class ShownCell:
    """`question`: 1.. of the review's. `status`: as it is stored, or stale: the document has another version by now.
    `version`: as it is stored. `kept`: the answer, None where there is none to open."""

    document_id: str
    question: int
    status: str
    code: str = ""
    audit_id: str | None = None
    version: int | None = None
    computed_at: datetime | None = None
    kept: KeptAnswer | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A review, its documents that its reader may read by number, and what of these is in force."""

    review: Review
    own: bool
    documents: Mapping[int, str]
    now: Mapping[str, InForce]

    def counted(self, counts: Iterable[Counted]) -> ShownReview:
        found: Counter[str] = Counter()
        for one in counts:
            if (status := self.status(one)) is not None:
                found[status] += one.count
        return ShownReview(self.review, self.own, len(self.documents), dict(found))

    def status(self, cell: Numbered) -> str | None:
        """None where there is no such cell for them."""
        id_ = self.documents.get(cell.number)
        return None if id_ is None else status_of(cell, self.now[id_], own=self.own)

    def cell(self, stored: StoredCell) -> ShownCell | None:
        """Without its answer. Why it failed tells of the owner's rights, and so its owner alone."""
        status = self.status(stored)
        if status is None:
            return None
        id_ = self.documents[stored.number]
        code = stored.code if self.own else ""
        if self.own and status == CellState.FAILED and stored.state in ANSWERED:
            code = GONE
        return ShownCell(id_, stored.question, status, code, stored.audit_id, stored.version, stored.computed_at)


def seen(review: Review, documents: Mapping[int, str], now: Mapping[str, InForce], principal: Principal) -> Seen:
    """As far as they may be read."""
    known = {number: id_ for number, id_ in documents.items() if id_ in now}
    return Seen(review, review.owner == principal.owner, known, now)


def status_of(cell: Stands, now: InForce, *, own: bool) -> str | None:
    """Of a cell of a document that its reader may read; None where there is no such cell for them: all that an answer
    rests on, and what it was asked of, must be theirs to read. Its owner is told that it is gone."""
    if cell.state is CellState.ABSENT:
        return STALE if own else None
    if cell.state not in ANSWERED:
        return str(cell.state)
    readable = now.versions.issuperset(cell.rests_on or ())
    if not own and (cell.rests_on is None or not readable or cell.version not in now.versions):
        return None
    if cell.version != now.version:
        return STALE
    return str(cell.state) if readable else str(CellState.FAILED)


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """Where an answer stands: the cell of a review. `title`: "" for who may not see it there."""

    review_id: str
    title: str
    document_id: str
    question: int


class Placing:
    """Which cells answers stand in, for who may see these."""

    def __init__(self, reviews: Store) -> None:
        self._reviews = reviews

    def opens(self, audit_id: str, principal: Principal) -> bool:
        """Whether an answer is shared with the principal, in a review that they may see its cell in."""
        cells = self._reviews.of_answers([audit_id])
        return any(one.owner != principal.owner for one in self._visible(cells, principal))

    def of(self, audit_ids: Collection[str], principal: Principal) -> dict[str, list[PlacedCell]]:
        """By answer, the cells that the principal may see."""
        return _placed((one, one.title) for one in self._visible(self._reviews.of_answers(audit_ids), principal))

    def all(self, audit_ids: Collection[str], principal: Principal | None) -> dict[str, list[PlacedCell]]:
        """By answer, every cell, for who audits; without the title of the review where they may not see the cell. None:
        the operator, who may."""
        cells = self._reviews.of_answers(audit_ids)
        seen = cells if principal is None else self._visible(cells, principal)
        return _placed((one, one.title if one in seen else "") for one in cells)

    def _visible(self, cells: Collection[CellOfAnswer], principal: Principal) -> list[CellOfAnswer]:
        found = [one for one in cells if _has(one, principal)]
        by_day: dict[date | None, set[str]] = {}
        for one in found:
            by_day.setdefault(one.as_of, set()).add(one.document_id)
        now = {day: self._reviews.in_force(principal, ids, day) for day, ids in by_day.items()}
        return [
            one
            for one in found
            if (there := now[one.as_of].get(one.document_id)) is not None
            and status_of(one, there, own=one.owner == principal.owner) is not None
        ]


def _placed(cells: Iterable[tuple[CellOfAnswer, str]]) -> dict[str, list[PlacedCell]]:
    found: dict[str, list[PlacedCell]] = {}
    for one, title in cells:
        found.setdefault(one.audit_id, []).append(PlacedCell(one.review_id, title, one.document_id, one.question))
    return found


def _has(cell: CellOfAnswer, principal: Principal) -> bool:
    """Whether the review is theirs, or shared with them."""
    return cell.owner == principal.owner or not cell.shares.isdisjoint(principal.tokens)
