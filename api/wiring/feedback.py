"""Feedback: given by who can open the answer, looked through by who reviews, and never more than they may read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from api.wiring.kept import KeptAnswers
from generation.errors import InvalidFeedback
from generation.types import Expected, Feedback, FeedbackKind, FeedbackState, KeptAnswer
from infra.postgres.feedback import PostgresFeedback
from ingest.types import OPERATOR
from retrieval.types import Principal

_PAGE = 50
_MOST = 1000  # that one person says of one answer
MayOpen = Callable[[str, Principal], bool]
Texts = Callable[[str, int], str | None]


class _Text(Protocol):
    @property
    def text(self) -> str: ...


class Documents(Protocol):
    def text(self, document_id: str, version: int | None, principal: Principal) -> _Text | None: ...


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Feedback as whoever looks at it sees it: with the answer, and the words that were expected, where they may read
    them."""

    feedback: Feedback
    kept: KeptAnswer | None = None
    quote: str = ""


class FeedbackKeeper:
    """`texts`: of any version, for the operator. `shared`: whether an answer of somebody else is shared with a
    person."""

    def __init__(
        self,
        store: PostgresFeedback,
        kept: KeptAnswers,
        documents: Documents,
        texts: Texts,
        shared: MayOpen = lambda audit_id, principal: False,
    ) -> None:
        self._store, self._kept, self._shared = store, kept, shared
        self._documents, self._texts = documents, texts

    def may_open(self, audit_id: str, principal: Principal, *, auditor: bool = False) -> KeptAnswer | None:
        """The answer, where it is theirs, shared with them, or they audit; and they may read all of it."""
        kept = self._kept.open(audit_id, principal)
        if kept is None:
            return None
        own = kept.asked_by.lower() == principal.owner
        return kept if own or auditor or self._shared(kept.audit_id, principal) else None

    def give(
        self,
        audit_id: str,
        principal: Principal,
        kind: FeedbackKind,
        *,
        sentence: int = 0,
        words: str = "",
        expected: Expected | None = None,
        quote: str = "",
        auditor: bool = False,
    ) -> Reviewed | None:
        """What they have said of it before is replaced. `expected`: a place, or a version (characters 0 to 0) with the
        `quote` to look for in it. None where they cannot open the answer, or read that version. Raises
        `InvalidFeedback`."""
        kept = self.may_open(audit_id, principal, auditor=auditor)
        if kept is None:
            return None
        if sentence > len(kept.answer.sentences):
            raise InvalidFeedback(f"The answer has no sentence {sentence}: it has {len(kept.answer.sentences)}.")
        if expected is not None:
            text = self._documents.text(expected.document_id, expected.version, principal)
            if text is None:
                return None
            expected = _placed(expected, quote, text.text)
        by = f"user:{principal.user}"
        id_ = self._store.put(kept.audit_id, by, kind, sentence=sentence, words=words, expected=expected)
        found = self._store.find(id_)
        return None if found is None else self._seen(found, principal)

    def own(self, audit_id: str, principal: Principal) -> list[Reviewed]:
        """What they have said of an answer themselves, as long as they can open it."""
        found = self._store.page(owner=f"user:{principal.user}", audit_id=audit_id, limit=_MOST)
        return [seen for one in found if (seen := self._reviewed(one, principal, auditor=False))]

    def find(self, feedback_id: str, principal: Principal | None, *, auditor: bool = False) -> Reviewed | None:
        """As a reviewer sees it; principal None: the operator. Who does not audit sees what is about answers, and
        passages, that they may read."""
        found = self._store.find(feedback_id)
        return None if found is None else self._reviewed(found, principal, auditor=auditor)

    def queue(
        self,
        principal: Principal | None,
        *,
        state: FeedbackState | None = None,
        after: int = 0,
        limit: int = _PAGE,
        auditor: bool = False,
    ) -> tuple[list[Reviewed], int | None]:
        """In the order in which it came, and after which number it goes on; None: not at all."""
        found: list[Reviewed] = []
        for one in self._all(state, after):
            seen = self._reviewed(one, principal, auditor=auditor)
            if seen is None:
                continue
            if len(found) == limit:
                return found, found[-1].feedback.number
            found.append(seen)
        return found, None

    def review(
        self,
        feedback_id: str,
        principal: Principal | None,
        state: FeedbackState,
        words: str,
        *,
        auditor: bool = False,
    ) -> Reviewed | None:
        """None where there is none that they may see."""
        if self.find(feedback_id, principal, auditor=auditor) is None:
            return None
        by = OPERATOR.name if principal is None else f"user:{principal.user}"
        self._store.review(feedback_id, by, state, words)
        return self.find(feedback_id, principal, auditor=auditor)

    def _all(self, state: FeedbackState | None, after: int) -> Iterator[Feedback]:
        while page := self._store.page(state=state, after=after, limit=_PAGE):
            yield from page
            after = page[-1].number

    def _reviewed(self, one: Feedback, principal: Principal | None, *, auditor: bool) -> Reviewed | None:
        if principal is None:
            return Reviewed(one, self._kept.find(one.audit_id), self._quote(one.expected, self._texts))
        seen = self._seen(one, principal)
        return seen if auditor or (seen.kept and bool(seen.quote) == bool(one.expected)) else None

    def _seen(self, one: Feedback, principal: Principal) -> Reviewed:
        def text(document_id: str, version: int) -> str | None:
            found = self._documents.text(document_id, version, principal)
            return None if found is None else found.text

        return Reviewed(one, self._kept.open(one.audit_id, principal), self._quote(one.expected, text))

    @staticmethod
    def _quote(place: Expected | None, text: Texts) -> str:
        """The words that were expected; "" where none were, or they cannot be read."""
        if place is None:
            return ""
        return (text(place.document_id, place.version) or "")[place.start : place.end]


def _placed(expected: Expected, quote: str, text: str) -> Expected:
    """Where the passage stands. White space does not count in a quote."""
    if quote:
        words = quote.split()
        found = re.search(r"\s+".join(map(re.escape, words)), text) if words else None
        if found is None:
            raise InvalidFeedback("The expected words do not stand in that version. Copy them from its text.")
        return Expected(expected.document_id, expected.version, *found.span())
    if not 0 <= expected.start < expected.end <= len(text):
        raise InvalidFeedback(
            f"Characters {expected.start} to {expected.end} are no passage: the text has {len(text)}."
        )
    return expected
