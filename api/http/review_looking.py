"""Rows of a review that are looked for by what has become of their cells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from api.http.parts import SignOffs
from api.http.review_desk import Reviews, ShownCell, ShownReview, ShownRow
from api.http.schemas.reviews import CellStatus, Wanted
from generation.people import SignOff
from retrieval.types import Principal

MOST_PAGES = 4  # opened for one call, however few rows of them are wanted
_ANSWERED = {CellStatus.ANSWERED, CellStatus.PARTIAL}
Signed = dict[str, list[SignOff]]  # by the id of the answer


@dataclass(frozen=True, slots=True)
class Looked:
    """How a review stands, some of its rows with what was signed of their answers, and after which document to go on,
    None at the end."""

    review: ShownReview
    rows: Sequence[ShownRow]
    signed: Signed
    next: str | None


def looked(
    reviews: Reviews,
    sign_offs: SignOffs,
    review_id: str,
    principal: Principal,
    *,
    after: str | None,
    limit: int,
    wanted: Wanted | None,
) -> Looked:
    """Rows after that of the document `after`: all, or those that have a cell which is `wanted`. Of these there may be
    fewer than `limit`, or none, though more follow: what is opened for one call is bounded. Raises as
    `Reviews.rows`."""
    found: list[ShownRow] = []
    signed: Signed = {}
    for _ in range(MOST_PAGES):
        review, rows, following = reviews.rows(review_id, principal, after=after, limit=limit)
        signed |= _signed(sign_offs, rows)
        fitting = [row for row in rows if wanted is None or any(fits(cell, wanted, signed) for cell in row.cells)]
        left = limit - len(found)
        found += fitting[:left]
        if len(fitting) > left or (len(fitting) == left and following):
            return Looked(review, found, signed, found[-1].document_id)
        after = following
        if wanted is None or following is None:
            break
    return Looked(review, found, signed, after)


def fits(cell: ShownCell, wanted: Wanted, signed: Collection[str]) -> bool:
    """`signed`: the ids of answers that somebody has signed off."""
    if wanted is Wanted.ANSWERED:
        return cell.status in _ANSWERED
    if wanted is Wanted.UNSIGNED:
        return cell.kept is not None and cell.kept.audit_id not in signed
    if wanted is Wanted.CHANGED:
        return cell.status == CellStatus.STALE or bool(cell.kept and cell.kept.changed)
    return cell.status == wanted.value


def _signed(sign_offs: SignOffs, rows: Sequence[ShownRow]) -> Signed:
    found: Signed = {}
    for one in sign_offs.among([cell.kept.audit_id for row in rows for cell in row.cells if cell.kept]):
        found.setdefault(one.audit_id, []).append(one)
    return found
