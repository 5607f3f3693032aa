"""What the routes use of feedback on answers, whoever gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from generation.people import Expected, Feedback, FeedbackKind, FeedbackState, KeptAnswer
from retrieval.types import Principal


class Reviewed(Protocol):
    """Feedback as whoever looks at it may see it. `kept`: the answer; `quote`: the words that were expected."""

    @property
    def feedback(self) -> Feedback: ...
    @property
    def kept(self) -> KeptAnswer | None: ...
    @property
    def quote(self) -> str: ...


class FeedbackDesk(Protocol):
    """None: there is none, or the principal may not know that there is. Who is no `auditor` sees what they may read."""

    def may_open(self, audit_id: str, principal: Principal, *, auditor: bool) -> KeptAnswer | None:
        """An answer of their own, or that is shared with them, or as an auditor; while they may read all of it."""
        ...

    def give(
        self,
        audit_id: str,
        principal: Principal,
        kind: FeedbackKind,
        *,
        sentence: int,
        words: str,
        expected: Expected | None,
        quote: str,
        auditor: bool,
    ) -> Reviewed | None:
        """In the place of what they have said of it before; with a `quote`, that is looked for in the version that is
        expected. Raises `InvalidFeedback`."""
        ...

    def own(self, audit_id: str, principal: Principal) -> Sequence[Reviewed]:
        """What they have said of an answer themselves."""
        ...

    def find(self, feedback_id: str, principal: Principal | None, *, auditor: bool) -> Reviewed | None: ...

    def queue(
        self, principal: Principal | None, *, state: FeedbackState | None, after: int, limit: int, auditor: bool
    ) -> tuple[Sequence[Reviewed], int | None]:
        """In the order in which it came, and the number after which it goes on."""
        ...

    def review(
        self, feedback_id: str, principal: Principal | None, state: FeedbackState, words: str, *, auditor: bool
    ) -> Reviewed | None: ...
