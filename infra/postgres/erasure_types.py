"""What is to be erased, and what the journal of erasures holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from infra.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class JournaledErasure:
    """As the journal has it. `subjects`: ids of documents, or a pseudonym. `originals`: hashes that are still to be
    looked for among the originals. `by`: who asked; `copies_until`: when older backups and copies of keys must be gone.
    """

    id: str
    kind: str
    subjects: tuple[str, ...]
    indices: tuple[str, ...]
    originals: tuple[str, ...]
    counts: Mapping[str, int]
    by: str
    copies_until: date
    begun_at: datetime
    finished_at: datetime | None = None


@dataclass(slots=True)
class Gone:
    """Ids of answers that go, with all that people have said of them, and of sign-offs that go by themselves. `says`:
    of feedback by its owner and words, which no record has, whether it goes."""

    says: Callable[[str, str], bool] | None = None
    answers: set[str] = field(default_factory=set)
    sign_offs: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Asked:
    """By whom, when older backups and copies of keys must be gone, the keys to destroy (called at the very end of the
    transaction, when no record can be written any more but its own), what raises where something is kept, and what
    else goes, which is known once `indices` was called."""

    by: str
    copies_until: date
    indices: Callable[[], Sequence[str]]
    permitted: Callable[[Connection], None] = lambda conn: None
    gone: Gone = field(default_factory=Gone)


@dataclass(frozen=True, slots=True)
class DocumentToErase:
    """`since`: when it was added. `retired`: it was purged before, and only what is said of it is left."""

    document_id: str
    source: str = ""
    parent: str | None = None
    owner: str | None = None
    collection: str | None = None
    originals: tuple[str, ...] = ()
    since: datetime | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True)
class ItemToErase:
    """An item of a connector, by its key and the marks that keep it out."""

    connector: str
    key: str


@dataclass(frozen=True, slots=True)
class PersonToErase:
    """`names`: all that they are or were called, lower case, with ids of the identity provider, but for what somebody
    else is called now. `accounts`: their ids. `words`: how the identity provider tells of them. `active`: they may
    sign in."""

    names: tuple[str, ...]
    accounts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    active: bool = False

    @property
    def tokens(self) -> tuple[str, ...]:
        return tuple(f"user:{name}" for name in self.names)
