"""Reviews as their owner and those with whom they are shared open them: access is checked anew each time, and answers
come out of the trail."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from api.wiring.kept import KeptAnswers, told_to_others
from api.wiring.review_seeing import ANSWERED, GONE, STALE, STATES, Seen, ShownCell, ShownReview, seen
from generation.people import KeptAnswer
from infra.postgres.errors import ReviewMissing
from infra.postgres.review_rows import CellState, Counted, InForce, NewReview, Review
from infra.postgres.reviews import NO_REVIEW, Place, PostgresReviews
from ingest.errors import FootnoteError
from retrieval.index.access import AccessIndex
from retrieval.search.names import NameIndex
from retrieval.search.narrowing import narrowed
from retrieval.types import DOCUMENT, Filter, Principal, principal_token

MOST_DOCUMENTS = 1000
MOST_CELLS = 1000  # opened at once


class InvalidReview(FootnoteError):
    """What was asked for makes no review."""

    code = "invalid_review"


@dataclass(frozen=True, slots=True)
class ShownRow:
    document_id: str
    title: str
    source: str
    version: int
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, slots=True)
class EveryRow:
    """How a review stands, its `documents`, and their rows, opened some at a time."""

    shown: ShownReview
    documents: tuple[str, ...]
    pages: Iterator[Sequence[ShownRow]]


@dataclass(frozen=True, slots=True)
class Changed:
    """Cells that changed up to the place `since` (event, number, question), whether more follow, and how the review
    stands; without answers."""

    shown: ShownReview
    cells: tuple[tuple[tuple[int, int, int], ShownCell], ...]
    since: tuple[int, int, int]
    more: bool


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
        strict: bool = False,
    ) -> str:
        """Its id. Raises `InvalidReview` where there are no documents or too many, and `QuotaExceeded`."""
        now = self._now(principal, only, as_of)
        if not now:
            raise InvalidReview("None of the documents that you name is one that you may read.")
        if len(now) > MOST_DOCUMENTS:
            raise InvalidReview(
                f"These are {len(now):,} documents; a review has at most {MOST_DOCUMENTS:,}. Narrow it, or split it."
            )
        rows = tuple(sorted(now, key=lambda id_: (now[id_].title.casefold(), now[id_].source)))
        return self._reviews.create(principal, NewReview(title, tuple(questions), rows, as_of, live, key_id, strict))

    def holds(self, principal: Principal, only: Filter, as_of: date | None) -> int:
        """How many documents a review of these would have now."""
        return len(self._now(principal, only, as_of))

    def _now(self, principal: Principal, only: Filter, as_of: date | None) -> Mapping[str, InForce]:
        by_id_alone = only.documents is not None and only == Filter(documents=only.documents)
        named = sorted(only.documents or ()) if by_id_alone else self._listed(principal, as_of, only)
        return self._reviews.in_force(principal, named, as_of)

    # What its owner alone may do: all of it raises `ReviewMissing` for everybody else

    def change(self, review_id: str, principal: Principal, *, title: str | None, live: bool | None) -> None:
        self._reviews.change(review_id, principal, title=title, live=live)

    def delete(self, review_id: str, principal: Principal) -> None:
        self._reviews.delete(review_id, principal)

    def cancel(self, review_id: str, principal: Principal) -> None:
        self._reviews.cancel(review_id, principal)

    def share(self, review_id: str, principal: Principal, principals: Collection[str]) -> None:
        """Raises `InvalidPrincipal`."""
        wanted = [principal_token(one) for one in principals]
        opened = self._opened(review_id, principal, shared=False)
        self._learn(opened)
        self._reviews.share(opened.review.id, principal, wanted)

    def resume(self, review_id: str, principal: Principal, key_id: str | None) -> int:
        """How many cells are asked again that had ended. Raises `QuotaExceeded`."""
        opened = self._opened(review_id, principal, shared=False)
        cells = self._learn(opened)
        gone = [cell.audit_id for cell in cells if cell.code == GONE and cell.audit_id]
        return self._reviews.resume(opened.review.id, principal, key_id, _versions(opened), gone)

    def again(
        self, review_id: str, principal: Principal, key_id: str | None, document_id: str, questions: Collection[int]
    ) -> int:
        """How many cells of this row are asked again, whatever they say; no questions: all. Raises `InvalidReview`
        where there is no such row or question, and `QuotaExceeded`."""
        opened = self._opened(review_id, principal, shared=False)
        number = next((number for number, id_ in opened.documents.items() if id_ == document_id), None)
        if number is None:
            raise InvalidReview("'document_id' is no row of this review.")
        last = len(opened.review.questions)
        if wrong := [one for one in questions if not 0 < one <= last]:
            raise InvalidReview(f"There is no question {wrong[0]}: this review has {last}.")
        asked = questions or range(1, last + 1)
        return self._reviews.again(opened.review.id, principal, key_id, number, asked)

    def take_over(self, audit_id: str, again: str) -> int:
        """The answer `again` stands in the place of the old one, whose question it answers anew; in how many cells."""
        kept, count = self._kept.find(again), 0
        for cell in self._reviews.of_answers([audit_id]) if kept else ():
            now = self._reviews.in_force(None, [cell.document_id], cell.as_of).get(cell.document_id)
            if kept and now:
                state, rests_on = STATES[kept.answer.status], rests_on_own(kept, cell.document_id)
                count += self._reviews.take_over(cell, kept.audit_id, state, now.version, rests_on)
        return count

    # What is opened, by the owner and those with whom it is shared

    def list(
        self, principal: Principal, *, shared: bool = False, after: Place | None = None, limit: int = 20
    ) -> tuple[Sequence[ShownReview], Place | None]:
        """Newest first, and the place of the last one if more follow. `shared`: those of others of which they may read
        a document."""
        found: list[Seen] = []
        while len(found) <= limit:
            page = self._reviews.list(principal, shared=shared, after=after, limit=limit + 1)
            found += [one for one in self._seen(page, principal) if one.own or one.documents]
            if len(page) <= limit:
                break
            after = page[-1].created_at, page[-1].id
        shown = found[:limit]
        counts: dict[str, list[Counted]] = {one.review.id: [] for one in shown}
        for row in self._reviews.counts([*counts]):
            counts[row.review_id].append(row)
        told = [one.counted(counts[one.review.id]) for one in shown]
        last = shown[-1].review if len(found) > limit else None
        return told, (last.created_at, last.id) if last else None

    def find(self, review_id: str, principal: Principal) -> ShownReview:
        """Raises `ReviewMissing`, as all that follows."""
        return self._counted(self._opened(review_id, principal))

    def rows(
        self, review_id: str, principal: Principal, *, after: str | None = None, limit: int = MOST_DOCUMENTS
    ) -> tuple[ShownReview, Sequence[ShownRow], str | None]:
        """Rows after that of the document `after`, with their answers, and the last one's document if more follow; of
        about `MOST_CELLS` cells at most. Raises `InvalidReview` where there is no such row."""
        opened = self._opened(review_id, principal)
        numbers = tuple(opened.documents)
        if after is not None:
            place = next((number for number, id_ in opened.documents.items() if id_ == after), None)
            if place is None:
                raise InvalidReview("'after' is no row of this review. Begin again without it.")
            numbers = numbers[numbers.index(place) + 1 :]
        taken = numbers[: min(limit, _rows_at_once(opened))]
        last = opened.documents[taken[-1]] if taken and len(numbers) > len(taken) else None
        return self._counted(opened), self._rows(opened, principal, taken), last

    def every_row(self, review_id: str, principal: Principal) -> EveryRow:
        opened = self._opened(review_id, principal)
        numbers, size = tuple(opened.documents), _rows_at_once(opened)
        pages = (numbers[at : at + size] for at in range(0, len(numbers), size))
        rows = (self._rows(opened, principal, page) for page in pages)
        return EveryRow(self._counted(opened), tuple(opened.documents.values()), rows)

    def changed(self, review_id: str, principal: Principal, since: tuple[int, int, int], limit: int) -> Changed:
        opened = self._opened(review_id, principal)
        found = self._reviews.changed(opened.review.id, since, limit)
        cells = tuple(
            ((stored.event, stored.number, stored.question), cell)
            for stored in found
            if (cell := opened.cell(stored)) is not None
        )
        last = (found[-1].event, found[-1].number, found[-1].question) if found else since
        return Changed(self._counted(opened), cells, last, len(found) == limit)

    def _seen(self, reviews: Sequence[Review], principal: Principal) -> Sequence[Seen]:
        documents = self._reviews.documents([one.id for one in reviews])
        by_day: dict[date | None, set[str]] = {}
        for one in reviews:
            by_day.setdefault(one.as_of, set()).update(documents[one.id].values())
        now = {day: self._reviews.in_force(principal, asked, day) for day, asked in by_day.items()}
        return [seen(one, documents[one.id], now[one.as_of], principal) for one in reviews]

    def _opened(self, review_id: str, principal: Principal, *, shared: bool = True) -> Seen:
        (opened,) = self._seen([self._reviews.find(review_id, principal, shared=shared)], principal)
        if not (opened.own or opened.documents):
            raise ReviewMissing(NO_REVIEW)
        return opened

    def _counted(self, opened: Seen) -> ShownReview:
        return opened.counted(self._reviews.counts([opened.review.id]))

    def _rows(self, opened: Seen, principal: Principal, numbers: Sequence[int]) -> Sequence[ShownRow]:
        by_document: dict[str, list[ShownCell]] = {opened.documents[number]: [] for number in numbers}
        for cell in self._answered(opened, principal, self._shown(opened, numbers)):
            by_document[cell.document_id].append(cell)
        return [_row(id_, opened.now[id_], cells) for id_, cells in by_document.items()]

    def _shown(self, opened: Seen, numbers: Sequence[int]) -> Sequence[ShownCell]:
        stored = self._reviews.cells(opened.review.id, numbers)
        return [cell for one in stored if (cell := opened.cell(one)) is not None]

    def _answered(self, opened: Seen, principal: Principal, cells: Sequence[ShownCell]) -> Sequence[ShownCell]:
        """With their answers, all opened at once."""
        found = self._kept.find_all([cell.audit_id for cell in cells if cell.audit_id])
        readable = {kept.audit_id: kept for kept in self._kept.readable([*found.values()], principal)}
        told = (_with_answer(cell, readable, own=opened.own) for cell in cells)
        return [cell for cell in told if cell is not None]

    def _learn(self, opened: Seen) -> Sequence[ShownCell]:
        """Every cell, without its answer. Notes what those rest on that were answered before that was noted; what of
        these is erased is gone."""
        stored = self._reviews.cells(opened.review.id, tuple(opened.documents))
        places = {
            one.audit_id: opened.documents[one.number]
            for one in stored
            if one.audit_id and one.rests_on is None and one.state in ANSWERED
        }
        found = self._kept.find_all(places)
        known = {id_: rests_on_own(kept, places[id_]) for id_, kept in found.items()}
        self._reviews.learn(opened.review.id, known)
        cells = [cell for one in stored if (cell := opened.cell(one)) is not None]
        return [_gone(cell) if cell.audit_id in places.keys() - found else cell for cell in cells]


def rests_on_own(kept: KeptAnswer, document_id: str) -> frozenset[int] | None:
    """The versions that an answer rests on; None where one is of another document than that."""
    if any(id_ != document_id for id_, _ in kept.rests_on):
        return None
    return frozenset(version for _, version in kept.rests_on)


def listed(index: AccessIndex, names: NameIndex) -> Callable[[Principal, date | None, Filter], Sequence[str]]:
    """Which documents a filter lets through, as a search would."""

    def documents(principal: Principal, as_of: date | None, only: Filter) -> list[str]:
        view = narrowed(index.view(principal, as_of, only.groups), only, names)
        return [str(uuid.UUID(bytes=cell.ljust(DOCUMENT.itemsize, b"\0"))) for cell in view.documents.tolist()]

    return documents


def _rows_at_once(opened: Seen) -> int:
    return max(1, MOST_CELLS // len(opened.review.questions))


def _versions(opened: Seen) -> Mapping[int, int]:
    return {number: opened.now[id_].version for number, id_ in opened.documents.items()}


def _row(document_id: str, now: InForce, cells: Sequence[ShownCell]) -> ShownRow:
    return ShownRow(document_id, now.title, now.source, now.version, tuple(cells))


def _with_answer(cell: ShownCell, readable: Mapping[str, KeptAnswer], *, own: bool) -> ShownCell | None:
    """An answer that is erased, or rests on what may not be read any more, is gone for its owner, and its cell is
    absent for others."""
    if cell.audit_id is None:
        return cell
    kept = readable.get(cell.audit_id)
    if kept is None:
        return _gone(cell) if own else None
    return replace(cell, kept=kept if own else replace(kept, answer=told_to_others(kept.answer)))


def _gone(cell: ShownCell) -> ShownCell:
    return replace(cell, status=cell.status if cell.status == STALE else str(CellState.FAILED), code=GONE)
