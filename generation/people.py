"""What people do with answers: they are kept, change with their documents, are looked for, judged and signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from generation.types import Answer, FollowUp, Version


class Change(StrEnum):
    """What has become of a version that an answer rests on."""

    SUPERSEDED = "superseded"
    DELETED = "deleted"
    ERASED = "erased"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Changed:
    """What has become, since it was asked for, of a version that an answer quotes or names. `at`: since when. `by`: the
    version that holds now; `stands`: whether the words that are quoted stand in that one, None where none are quoted.
    `reason`: why it was found wrong, in the words of who did. `version_id` and `by_id` as in `Citation`."""

    document_id: str
    version: int
    title: str
    change: Change
    at: datetime
    by: int | None = None
    stands: bool | None = None
    reason: str = ""
    version_id: str = ""
    by_id: str = ""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as the trail keeps it. `asked_by`: `user:NAME`. `rests_on`: every version that it quotes or names; who
    may not read all of them is shown nothing of it, the question included. Versions have their stored numbers.
    `changed`: what has become of them since, as far as who opens it may know."""

    audit_id: str
    asked_by: str
    asked_at: datetime
    question: str
    answer: Answer
    rests_on: frozenset[Version]
    as_of: date | None = None
    follow_up: FollowUp | None = None
    changed: tuple[Changed, ...] = ()


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """What is looked for in the audit trail; "" and None narrow nothing. `user`: `user:NAME` or `operator`. `refused`:
    a code, as not_found. since, until: instants, the first included. `text`: occurs in the record, in any case."""

    action: str = ""
    user: str = ""
    document: str = ""
    refused: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""

    def record(self) -> dict[str, str]:
        """As JSON has it, what narrows alone."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return {name: str(value) for name, value in told.items() if value}


class FeedbackKind(StrEnum):
    """What a person says of an answer, or of one sentence of it."""

    RIGHT = "right"
    WRONG = "wrong"
    INCOMPLETE = "incomplete"
    WRONG_SOURCE = "wrong_source"


class FeedbackState(StrEnum):
    """What became of it. Golden: it is a case that `footnote eval` asks."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    GOLDEN = "golden"


@dataclass(frozen=True, slots=True)
class Expected:
    """Characters [start, end) of a version, by its stored number, that an answer should have cited."""

    document_id: str
    version: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """`number`: its place in the queue. `owner`: who gives it, `user:NAME` in lower case. `sentence`: from 1, 0: the
    answer as a whole. `review`: what `reviewed_by` says."""

    number: int
    id: str
    audit_id: str
    owner: str
    kind: FeedbackKind
    sentence: int
    words: str
    expected: Expected | None
    given_at: datetime
    state: FeedbackState = FeedbackState.OPEN
    review: str = ""
    reviewed_by: str = ""
    reviewed_at: datetime | None = None


class SignVerdict(StrEnum):
    """What a person says who has looked at an answer, or at a sentence of it."""

    APPROVED = "approved"
    REJECTED = "rejected"
    CHANGED = "changed"  # it holds with other words, which they say


@dataclass(frozen=True, slots=True)
class SignOff:
    """`sentence`: its number in the answer, from 1; None: of the answer as a whole. `by`: `user:NAME`."""

    audit_id: str
    sentence: int | None
    by: str
    at: datetime
    verdict: SignVerdict
    words: str
