"""What people do with answers: they are kept, change with their documents, are looked for, judged and signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from generation.types import Answer, Citation, Fate, FollowUp, Origin, Stage, Verdict, Version
from retrieval.types import EVERYTHING, Clue, Filter


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
    `changed`: what has become of them since, as far as who opens it may know. `only`: what its asker had narrowed it
    to, which is told to nobody else."""

    audit_id: str
    asked_by: str
    asked_at: datetime
    question: str
    answer: Answer
    rests_on: frozenset[Version]
    as_of: date | None = None
    follow_up: FollowUp | None = None
    changed: tuple[Changed, ...] = ()
    only: Filter = EVERYTHING


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """What the search found for an answer, as a quote whose `id` is its number in the list, from 1.

    `rank`: its place in the final order, from 1; 0: it was not found, but shown since what was found refers to it.
    `score`, `scores`, `ranks`, `question`: as in `Hit`; None and empty where the record does not hold them. `copies`:
    what says the same elsewhere. `markers`: under which the generator was shown any of it, or would have been but for
    its language (`read` False). `cited`, `nearest`: ids of the answer's citations, and of an abstention's nearest
    words, that stand in it.
    """

    quote: Citation
    rank: int
    score: float | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    ranks: Mapping[str, int] = field(default_factory=dict)
    question: str = ""
    copies: tuple[Citation, ...] = ()
    markers: tuple[int, ...] = ()
    read: bool = False
    cited: tuple[int, ...] = ()
    nearest: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A sentence that was looked at, as `Step` has it; `stage` None where the record does not hold it. `passages`:
    those that it named, by number; `unknown`: it named others that nobody was shown. `sentence`: its number in the
    answer, from 1; 0: it did not ship. `text` of what did not ship, and `reason`: "" for who may not know."""

    origin: Origin
    fate: Fate
    part: int
    stage: Stage | None
    verdict: Verdict
    support: float
    passages: tuple[int, ...] = ()
    unknown: bool = False
    sentence: int = 0
    text: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """Why an answer is what it is, out of its record, for who may open it now. `query`: as it was searched; `asked`:
    the same without the names of documents that were found by them; `hypothesis`: the passage that was imagined for the
    search. `in_order`: whether `sentences` are in the order in which they were looked at; what was recorded before that
    was kept lists those that shipped first."""

    kept: KeptAnswer
    query: str
    asked: str
    parts: tuple[str, ...]
    hypothesis: str
    clues: tuple[Clue, ...]
    passages: tuple[FoundPassage, ...]
    sentences: tuple[LookedAt, ...]
    in_order: bool


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
