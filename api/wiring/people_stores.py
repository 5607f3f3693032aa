"""What one process keeps of the work that people do: conversations, feedback, sign-offs, recall, reviews."""

from __future__ import annotations

from functools import cached_property

from api.wiring.conversations import Conversations
from api.wiring.feedback import FeedbackKeeper
from api.wiring.kept import KeptAnswers
from api.wiring.recall.changes import Changes
from api.wiring.recall.marking import Marking
from api.wiring.recall.recalling import Recall
from api.wiring.recall.shared import SharedAnswers
from api.wiring.review_seeing import Placing
from api.wiring.stores import Stores
from infra.postgres.conversations import PostgresConversations
from infra.postgres.feedback import PostgresFeedback
from infra.postgres.observations import PostgresObservations
from infra.postgres.recall import PostgresRecall
from infra.postgres.review_queue import PostgresReviewQueue
from infra.postgres.reviews import PostgresReviews
from infra.postgres.sign_offs import PostgresSignOffs
from retrieval.types import Principal


class PeopleStores(Stores):
    """Answers stay in the trail; what is kept here names them by their ids."""

    @cached_property
    def kept(self) -> KeptAnswers:
        return KeptAnswers(self.audit, self.numbers, self._changes)

    @cached_property
    def sign_offs(self) -> PostgresSignOffs:
        return PostgresSignOffs(self.pool, trail=self.audit)

    @cached_property
    def conversations(self) -> Conversations:
        return Conversations(PostgresConversations(self.pool, trail=self.audit), self.kept)

    @cached_property
    def feedback(self) -> FeedbackKeeper:
        store = PostgresFeedback(self.pool, trail=self.audit)
        return FeedbackKeeper(store, self.kept, self.documents, self.version_text, self.shared)

    def shared(self, audit_id: str, principal: Principal) -> bool:
        """Whether somebody shares this answer with them, in a conversation or a review that they may open it in."""
        return self.conversations.opens(audit_id, principal) or self.placing.opens(audit_id, principal)

    @cached_property
    def answer_marks(self) -> PostgresRecall:
        return PostgresRecall(self.pool, trail=self.audit)

    @cached_property
    def _changes(self) -> Changes:
        return Changes(self.answer_marks)

    @cached_property
    def marking(self) -> Marking:
        return Marking(self.answer_marks, self.vault, self.erasures.names)

    @cached_property
    def recall(self) -> Recall:
        shared = SharedAnswers(self.conversations, self.answer_marks, self.trail)
        return Recall(self.answer_marks, self._changes, self.kept, self.marking, shared)

    @cached_property
    def reviews(self) -> PostgresReviews:
        return PostgresReviews(self.pool, trail=self.audit)

    @cached_property
    def placing(self) -> Placing:
        return Placing(self.reviews)

    @cached_property
    def review_queue(self) -> PostgresReviewQueue:
        return PostgresReviewQueue(self.pool)

    @cached_property
    def observations(self) -> PostgresObservations:
        return PostgresObservations(self.pool)
