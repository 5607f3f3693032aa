"""What a review and its cells are in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ingest.types import SHUT
from retrieval.types import EVERYONE, Principal

_USER, _GROUP = "user:", "group:"


class CellState(StrEnum):
    """ABSENT: its document could not be read when it was its turn."""

    WAITING = "waiting"
    RUNNING = "running"
    ANSWERED = "answered"
    PARTIAL = "partial"
    NOT_FOUND = "not_found"
    FAILED = "failed"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Review:
    """`owner`: as `Principal.owner`. `strict`: its answers are. `event` counts what has changed in it. `shares`: with
    whom it is shared, [] of another's."""

    id: str
    owner: str
    title: str
    questions: tuple[str, ...]
    as_of: date | None
    live: bool
    strict: bool
    created_at: datetime
    cancelled: bool
    event: int
    shares: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewReview:
    """`documents`: ids, in the order of the rows. `key_id`: of the API key that it is asked for with, or None."""

    title: str
    questions: tuple[str, ...]
    documents: tuple[str, ...]
    as_of: date | None
    live: bool
    key_id: str | None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class StoredCell:
    """`number`: of the document in its review. `version`: as it is stored, that the answer was asked of; `rests_on`:
    those of its document that it quotes or names, None where that is not known."""

    number: int
    question: int
    state: CellState
    code: str
    audit_id: str | None
    version: int | None
    rests_on: tuple[int, ...] | None
    computed_at: datetime | None
    event: int


@dataclass(frozen=True, slots=True)
class Counted:
    """How many cells of a document stand so, as in `StoredCell`."""

    review_id: str
    number: int
    state: CellState
    version: int | None
    rests_on: tuple[int, ...] | None
    count: int


@dataclass(frozen=True, slots=True)
class CellOfAnswer:
    """A cell that an answer stands in, and of which review; `shares`: with whom that is shared."""

    audit_id: str
    review_id: str
    owner: str
    title: str
    as_of: date | None
    document_id: str
    question: int
    state: CellState
    version: int | None
    rests_on: tuple[int, ...] | None
    shares: frozenset[str]


@dataclass(frozen=True, slots=True)
class InForce:
    """The version of a document that an answer rests on now, by its stored number, and all `versions` of it that who
    asks may read."""

    version: int
    title: str
    source: str
    versions: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Owned:
    """With what rights a review is asked: the tokens of a principal, and the API key that vouched for them."""

    tokens: frozenset[str]
    key_id: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A cell that was begun: only who holds the latest `attempt` can end it. `tries`: how often since it was last asked
    for; `lost`: how many processes have begun it and died."""

    review_id: str
    number: int
    question: int
    document_id: str
    asked: str
    as_of: date | None
    owned: Owned
    attempt: int
    tries: int
    lost: int
    strict: bool = False


def principal_of(tokens: frozenset[str]) -> Principal:
    """Whose tokens these are."""
    (user,) = (token.removeprefix(_USER) for token in tokens if token.startswith(_USER))
    groups = frozenset(token.removeprefix(_GROUP) for token in tokens - {EVERYONE} if token.startswith(_GROUP))
    shut = SHUT + _GROUP
    return Principal(user, groups, frozenset(token.removeprefix(shut) for token in tokens if token.startswith(shut)))
