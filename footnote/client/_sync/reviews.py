# Written by `python -m api.client_writer`: change the API, or the writer.
"""Reviews that are followed while they go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from footnote.client._sync.calls import ReviewsCalls
from footnote.client._sync.following import followed
from footnote.client.errors import TookTooLong
from footnote.client.models import AnsweredCell, ReviewDetail, ReviewOut
from footnote.client.wire import Call, step

_KINDS: dict[str, type[ReviewOut] | type[AnsweredCell]] = {"review": ReviewOut, "cell": AnsweredCell}


class Reviews(ReviewsCalls):
    """The same questions over many documents, and what is answered of them."""

    def events(
        self, review_id: str, *, last_event_id: str = "", patience_s: float = 120.0
    ) -> Iterator[ReviewOut | AnsweredCell]:
        """The review whenever it stands otherwise, and each cell that something became of (`answer` None: `rows` has
        it), until nothing of it waits any more.

        After a broken connection it goes on where it was, also over a restart of the service; of a review of somebody
        else all cells are told anew then. It raises ConnectionFailed once `patience_s` have passed without a sign of
        the service."""
        for event in self._told(review_id, last_event_id, patience_s):
            if event is not None:
                yield event

    def wait(
        self,
        review_id: str,
        progress: Callable[[ReviewOut], object] | None = None,
        *,
        timeout_s: float | None = None,
        patience_s: float = 120.0,
    ) -> ReviewDetail:
        """The review once nothing of it waits, with its first rows; `rows` has them all.

        `progress` is called whenever it stands otherwise. Raises TookTooLong after about `timeout_s`; the review goes
        on."""
        begun = time.monotonic()
        for event in self._told(review_id, "", patience_s):
            if progress is not None and isinstance(event, ReviewOut):
                progress(event)
            if timeout_s is not None and time.monotonic() - begun > timeout_s:
                raise TookTooLong(f"The review {review_id} has not ended within {timeout_s} s. It goes on.")
        return self.get(review_id)

    def _told(self, review_id: str, place: str, patience_s: float) -> Iterator[ReviewOut | AnsweredCell | None]:
        call = Call("GET", f"/v1/reviews/{step(review_id)}/events")
        return followed(self._transport, call, _KINDS, _ended, place, patience_s)


def _ended(event: ReviewOut | AnsweredCell) -> bool:
    return isinstance(event, ReviewOut) and event.status != "running"
