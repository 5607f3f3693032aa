"""Reviews as their owner opens them: access is checked anew each time, and answers come out of the trail.

A document that they may not read now is absent: no row, no count, no event.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from api.wiring.kept import KeptAnswers
from generation.people import KeptAnswer
from infra.postgres.review_rows import CellState, InForce, NewReview, Review, StoredCell
from infra.postgres.reviews import Counted, PostgresReviews
from ingest.errors import FootnoteError
from retrieval.index.access import AccessIndex
from retrieval.search.names import NameIndex
from retrieval.search.narrowing import narrowed
from retrieval.types import DOCUMENT, Filter, Principal

MOST_DOCUMENTS = 1000
MOST_CELLS = 1000  # opened at once
STALE, GONE = "stale", "answer_gone"
_ANSWERED = {CellState.ANSWERED, CellState.PARTIAL, CellState.NOT_FOUND}
_OPEN = {str(CellState.WAITING), str(CellState.RUNNING)}


class InvalidReview(FootnoteError):
    """What was asked for makes no review."""

    code = "invalid_review"


@dataclass(frozen=True, slots=True)
class ShownReview:
    """How it stands for who opens it: `documents` that they may read, `counts` of their cells by status."""

    review: Review
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
class ShownRow:
    document_id: str
    title: str
    source: str
    version: int
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """Cells that changed up to the place `since` (event, number, question), whether more follow, and how the review
    stands; without answers."""

    shown: ShownReview
    cells: tuple[tuple[tuple[int, int, int], ShownCell], ...]
    since: tuple[int, int, int]
    more: bool


@dataclass(frozen=True, slots=True)
class _Opened:
    """A review, its documents that may be read by number, and what is in force of them."""

    review: Review
    documents: Mapping[int, str]
    seen: Mapping[str, InForce]
    place: Mapping[str, int] = field(default_factory=dict)


class ReviewDesk:
    """Implements `api.http.review_desk.Reviews`. `listed`: the documents that a filter lets through."""

    def __init__(
        self,
        reviews: PostgresReviews,
        kept: KeptAnswers,
        listed: Callable[[Principal, date | None, Filter], Sequence[str]],
    ) -> None:
        self._reviews, self._kept, self._listed = reviews, kept, listed

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
    ) -> str:
        """Its id. Raises `InvalidReview` where there are no documents or too many, and `QuotaExceeded`."""
        by_id_alone = only.documents is not None and only == Filter(documents=only.documents)
        named = sorted(only.documents or ()) if by_id_alone else self._listed(principal, as_of, only)
        seen = self._reviews.in_force(principal, named, as_of)
        if not seen:
            raise InvalidReview("None of the documents that you name is one that you may read.")
        if len(seen) > MOST_DOCUMENTS:
            raise InvalidReview(
                f"These are {len(seen):,} documents; a review has at most {MOST_DOCUMENTS:,}. Narrow it, or split it."
            )
        rows = tuple(sorted(seen, key=lambda id_: (seen[id_].title.casefold(), seen[id_].source)))
        return self._reviews.create(principal, NewReview(title, tuple(questions), rows, as_of, live, key_id))

    def change(self, review_id: str, principal: Principal, *, title: str | None, live: bool | None) -> None:
        self._reviews.change(review_id, principal, title=title, live=live)

    def delete(self, review_id: str, principal: Principal) -> None:
        self._reviews.delete(review_id, principal)

    def cancel(self, review_id: str, principal: Principal) -> None:
        self._reviews.cancel(review_id, principal)

    def resume(self, review_id: str, principal: Principal, key_id: str | None) -> int:
        """How many cells are asked again that had ended. Raises `ReviewMissing` and `QuotaExceeded`."""
        opened = self._opened(self._reviews.find(review_id, principal), principal)
        cells = self._shown(opened, principal, list(opened.documents))
        gone = [cell.audit_id for cell in cells if cell.code == GONE and cell.audit_id]
        versions = {number: opened.seen[id_].version for number, id_ in opened.documents.items()}
        return self._reviews.resume(review_id, principal, key_id, versions, gone)

    # What is opened

    def list(self, principal: Principal, *, before: int | None = None, limit: int = 20) -> Sequence[ShownReview]:
        """Newest first."""
        found = self._reviews.list(principal, before=before, limit=limit)
        ids = [review.id for review in found]
        documents, counts = self._reviews.documents(ids), self._reviews.counts(ids)
        by_day: dict[date | None, set[str]] = {}
        for review in found:
            by_day.setdefault(review.as_of, set()).update(documents[review.id].values())
        seen = {day: self._reviews.in_force(principal, asked, day) for day, asked in by_day.items()}
        opened = [_readable(review, documents[review.id], seen[review.as_of]) for review in found]
        return [_counted(one, [row for row in counts if row[0] == one.review.id]) for one in opened]

    def find(self, review_id: str, principal: Principal) -> ShownReview:
        """Raises `ReviewMissing`, for another's review too."""
        opened = self._opened(self._reviews.find(review_id, principal), principal)
        return _counted(opened, self._reviews.counts([opened.review.id]))

    def rows(
        self, review_id: str, principal: Principal, *, after: str | None = None, limit: int = MOST_DOCUMENTS
    ) -> tuple[ShownReview, Sequence[ShownRow], str | None]:
        """Rows after that of the document `after`, with their answers, and the last one's document if more follow; of
        about `MOST_CELLS` cells at most. Raises `ReviewMissing`, and `InvalidReview` where there is no such row."""
        opened = self._opened(self._reviews.find(review_id, principal), principal)
        shown = _counted(opened, self._reviews.counts([opened.review.id]))
        numbers = list(opened.documents)
        if after is not None:
            if after not in opened.place:
                raise InvalidReview("'after' is no row of this review. Begin again without it.")
            numbers = numbers[numbers.index(opened.place[after]) + 1 :]
        taken = numbers[: max(1, min(limit, MOST_CELLS // len(opened.review.questions)))]
        last = opened.documents[taken[-1]] if taken and len(numbers) > len(taken) else None
        return shown, self._rows(opened, principal, taken), last

    def every_row(self, review_id: str, principal: Principal) -> tuple[ShownReview, Sequence[ShownRow]]:
        opened = self._opened(self._reviews.find(review_id, principal), principal)
        shown = _counted(opened, self._reviews.counts([opened.review.id]))
        return shown, self._rows(opened, principal, list(opened.documents))

    def changed(self, review_id: str, principal: Principal, since: tuple[int, int, int], limit: int) -> Changed:
        """Raises `ReviewMissing`."""
        opened = self._opened(self._reviews.find(review_id, principal), principal)
        shown = _counted(opened, self._reviews.counts([opened.review.id]))
        found = self._reviews.changed(review_id, since, limit)
        cells = tuple(
            ((cell.event, cell.number, cell.question), _cell(opened, cell))
            for cell in found
            if cell.number in opened.documents
        )
        last = (found[-1].event, found[-1].number, found[-1].question) if found else since
        return Changed(shown, cells, last, len(found) == limit)

    def _opened(self, review: Review, principal: Principal) -> _Opened:
        documents = self._reviews.documents([review.id])[review.id]
        return _readable(review, documents, self._reviews.in_force(principal, documents.values(), review.as_of))

    def _rows(self, opened: _Opened, principal: Principal, numbers: Sequence[int]) -> Sequence[ShownRow]:
        by_document: dict[str, list[ShownCell]] = {}
        for cell in self._shown(opened, principal, numbers):
            by_document.setdefault(cell.document_id, []).append(cell)
        return [
            ShownRow(id_, opened.seen[id_].title, opened.seen[id_].source, opened.seen[id_].version, tuple(cells))
            for id_, cells in by_document.items()
        ]

    def _shown(self, opened: _Opened, principal: Principal, numbers: Sequence[int]) -> Sequence[ShownCell]:
        cells = [_cell(opened, stored) for stored in self._reviews.cells(opened.review.id, numbers)]
        found = [kept for cell in cells if cell.audit_id and (kept := self._kept.find(cell.audit_id))]
        readable = {kept.audit_id: kept for kept in self._kept.readable(found, principal)}
        return [_with_answer(cell, readable) for cell in cells]


def listed(index: AccessIndex, names: NameIndex) -> Callable[[Principal, date | None, Filter], Sequence[str]]:
    """Which documents a filter lets through, as a search would."""

    def documents(principal: Principal, as_of: date | None, only: Filter) -> list[str]:
        view = narrowed(index.view(principal, as_of, only.groups), only, names)
        return [str(uuid.UUID(bytes=cell.ljust(DOCUMENT.itemsize, b"\0"))) for cell in view.documents.tolist()]

    return documents


def _readable(review: Review, documents: Mapping[int, str], seen: Mapping[str, InForce]) -> _Opened:
    """As far as they may be read."""
    known = {number: id_ for number, id_ in documents.items() if id_ in seen}
    return _Opened(review, known, seen, {id_: number for number, id_ in known.items()})


def _counted(opened: _Opened, counts: Iterable[Counted]) -> ShownReview:
    found: Counter[str] = Counter()
    for _, number, state, version, count in counts:
        if number in opened.documents:
            found[_status(state, version, opened.seen[opened.documents[number]])] += count
    return ShownReview(opened.review, len(opened.documents), dict(found))


def _status(state: CellState, version: int | None, now: InForce) -> str:
    old = state in _ANSWERED and version != now.version
    return STALE if old or state is CellState.ABSENT else str(state)


def _cell(opened: _Opened, stored: StoredCell) -> ShownCell:
    id_ = opened.documents[stored.number]
    status = _status(stored.state, stored.version, opened.seen[id_])
    return ShownCell(id_, stored.question, status, stored.code, stored.audit_id, stored.version, stored.computed_at)


def _with_answer(cell: ShownCell, readable: Mapping[str, KeptAnswer]) -> ShownCell:
    """An answer that is erased, or rests on what may not be read any more, is gone."""
    if cell.audit_id is None:
        return cell
    kept = readable.get(cell.audit_id)
    told = (cell.audit_id, cell.version, cell.computed_at)
    if kept is not None:
        return ShownCell(cell.document_id, cell.question, cell.status, cell.code, *told, kept)
    status = cell.status if cell.status == STALE else str(CellState.FAILED)
    return ShownCell(cell.document_id, cell.question, status, GONE, *told)
