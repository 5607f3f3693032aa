"""The opened trail, as an erasure reads it: which entries still tell of what is to go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from infra.erasure.words import Words
from infra.postgres.chain import GENESIS, AuditRow, Head, canonical
from infra.postgres.entries import TrailEntry, entries_of
from infra.postgres.erasure_types import Gone
from infra.postgres.errors import HeldBack
from infra.vault import refs
from infra.vault.records import torn

_ROWS = 500
_OF_ANSWER = {"sentence", "closed"}
_ANSWERS = {"opened", *_OF_ANSWER}
_GROUPS = frozenset({"groups", "shut"})  # under these stand names of groups
Wanted = Callable[[TrailEntry], bool]


class Trail(Protocol):
    def following(self, last: Head, limit: int) -> Sequence[AuditRow]:
        """The rows after this one, checked; raises `AuditBroken`."""
        ...


Opened = Callable[[AuditRow], AuditRow]
"""The row as it was before it was sealed."""


class TrailReader:
    """Reads on where it has stopped, so that what is written meanwhile is read in little time at the end."""

    def __init__(self, trail: Trail, opened: Opened) -> None:
        self._trail = trail
        self._opened = opened
        self._last = Head(0, GENESIS)

    def entries(self) -> Iterator[TrailEntry]:
        """Those that were not read yet, opened. Raises `AuditBroken`."""
        while rows := self._trail.following(self._last, _ROWS):
            for row in rows:
                yield from entries_of(self._opened(row))
                self._last = Head(row.seq, row.hash)

    def refs(self, wanted: Wanted) -> set[str]:
        """Of the keys of those entries that are wanted, of all that were not read yet."""
        return {refs.entry(entry_id(entry)) for entry in self.entries() if wanted(entry)}


def entry_id(entry: TrailEntry) -> str:
    """What its key is for: an answer as a whole, or one entry."""
    return str(entry.record.get("answer_id") or entry.id)


@dataclass(frozen=True, slots=True)
class Held:
    """What legal holds keep: ids of documents, and names of persons in lower case."""

    documents: frozenset[str]
    persons: frozenset[str]

    def refuse(self, entry: TrailEntry) -> None:
        """Raises `HeldBack` for what a held person did, or what tells of a held document."""
        who = entry.principal.lower().removeprefix("user:")
        held = next((f"document {one}" for one in self.documents if _names(entry.record, frozenset({one}))), "")
        if who in self.persons:
            held = f"person {who}"
        if held:
            raise _held_back(f"The record {entry.id} of the trail", held)

    def saying(self, words: Words | None) -> Callable[[str, str], bool] | None:
        """Whether the words stand in what somebody (`user:NAME`) says; raises `HeldBack` where that person is held."""
        if words is None:
            return None

        def says(owner: str, told: str) -> bool:
            found, who = words.stand_in(told), owner.removeprefix("user:")
            if found and who in self.persons:
                raise _held_back("Feedback", f"person {who}")
            return found

        return says


def _held_back(what: str, held: str) -> HeldBack:
    return HeldBack(
        f"{what} would be erased with it, and tells of the {held}, which a legal hold keeps: `footnote holds list`. "
        "When the hold has ended: `footnote holds lift ID`."
    )


def is_about(entry: TrailEntry, answers: Collection[str]) -> bool:
    """Whether it is a change about one of these, which it follows in the trail."""
    return entry.record.get("kind") == "change" and entry.record.get("audit_id") in answers


def goes(entry: TrailEntry, gone: Gone) -> None:
    """Notes what a record is of that goes: an answer, or what somebody says of one."""
    record = entry.record
    if record.get("kind") in _ANSWERS:
        gone.answers.add(entry_id(entry))
    elif record.get("kind") == "change" and record.get("action") == "sign_off":
        gone.sign_offs.add(str(record.get("sign_off", "")))


def says(entry: TrailEntry, words: Words | None) -> bool:
    return words is not None and words.stand_in(canonical(entry.record))


def quotes(entry: TrailEntry, ids: frozenset[str]) -> bool:
    """Whether it is of an answer that quotes one of these documents, or of a proof of absence that found them to hold
    what was asked for."""
    record = entry.record
    if record.get("kind") == "absence":
        told = record.get("documents")
        return isinstance(told, list) and any(_names(one, ids) for one in told if one.get("status") == "found")
    told = [record.get(name) for name in ("citations", "cited", "answer", "openings")]
    return record.get("kind") in _OF_ANSWER and any(_names(one, ids) for one in told)


def _names(value: Any, ids: frozenset[str]) -> bool:
    if isinstance(value, Mapping):
        return value.get("document_id") in ids or any(_names(one, ids) for one in value.values())
    return isinstance(value, list) and any(_names(one, ids) for one in value)


def tells_of(entry: TrailEntry, names: frozenset[str]) -> bool:
    """Whether one of its values is a person's name as labels, owners and names of uploads have it; what they did
    themselves is sealed under their own key. Somebody may be called `admin`, `search` or as a group is: of what is
    sealed alone, for no key erases what is not."""
    if entry.principal.lower() in {f"user:{name}" for name in names}:
        return False
    sealed = torn(entry.record).private
    return any(not _GROUPS & set(one.path) and _tells(one.value, names) for one in sealed)


def _tells(value: Any, names: frozenset[str]) -> bool:
    if isinstance(value, Mapping):
        return any(_tells(one, names) for one in value.values())
    if isinstance(value, list):
        return any(_tells(one, names) for one in value)
    return isinstance(value, str) and _name_in(value.lower()) in names


def _name_in(value: str) -> str:
    bare = value.lstrip("!?").removeprefix("user:")
    return bare.split("/", 2)[1] if bare.startswith("upload/") and bare.count("/") > 1 else bare
