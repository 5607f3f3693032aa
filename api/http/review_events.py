"""A review as it is followed: how it stands, and its cells without their answers."""

from __future__ import annotations

from api.http.following import AT_ONCE, Look, event_of, place_of
from api.http.review_desk import Reviews
from api.http.schemas.reviews import ReviewCell, ReviewOut
from api.http.stored import Numbers
from retrieval.types import Principal


class ReviewLooks:
    """`review` whenever it stands otherwise, `cell` for each that changed, in order. For its owner ids go on from
    `last_event_id`; for others there are none, since they count rows and changes that these may not know of."""

    def __init__(self, reviews: Reviews, numbers: Numbers, review_id: str, last_event_id: str) -> None:
        self._reviews, self._numbers, self._id = reviews, numbers, review_id
        event, number, question = place_of(last_event_id, 3)
        self._since, self._told = (event, number, question), ""

    def __call__(self, who: Principal) -> Look:
        found = self._reviews.changed(self._id, who, self._since, AT_ONCE)
        seen = self._numbers.of(who, {cell.document_id for _, cell in found.cells})
        own = found.shown.own
        events = [event_of("cell", ReviewCell.of(cell, seen), place if own else ()) for place, cell in found.cells]
        self._since, stands = found.since, ReviewOut.of(found.shown)
        if not found.more and (told := stands.model_dump_json()) != self._told:
            self._told = told
            events.append(event_of("review", stands, self._since if own else ()))
        return Look(events, found.more, stands.status != "running")
