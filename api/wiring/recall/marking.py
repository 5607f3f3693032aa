"""Which answers rest on a version that was superseded, deleted, erased or found wrong, as the trail and the catalog
have it.

The trail names documents in clear, so that answers are found without a key; a key says who asked.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Protocol

from api.wiring.background import Background
from api.wiring.kept import rests_on
from generation.people import Change
from generation.types import EVALUATION
from infra.postgres.chain import NOT_READ, AuditRow, Opened, is_unknown
from infra.postgres.citing import with_numbers
from infra.postgres.recall import ALL_VERSIONS, Mark, PostgresRecall, Rested, State

_ROWS = 200  # of the trail, in one transaction
_DOCUMENTS = 200


class Vault(Protocol):
    def open(self, row: AuditRow) -> Opened: ...

    def called(self, principal: str) -> str: ...


class Marking:
    """`names`: of all users, by whom a pseudonym is known again."""

    def __init__(self, store: PostgresRecall, vault: Vault, names: Callable[[], Iterable[str]]) -> None:
        self._store, self._vault, self._names = store, vault, names

    def run(self, stopped: threading.Event | None = None) -> int:
        """Marks what has come and changed since the last time, a batch a transaction, so that a kill loses one batch
        and the next run goes on; returns how many answers were looked at. Two processes that do it at once write the
        same."""
        count, known = 0, _Known(self._vault, self._names)
        while not (stopped and stopped.is_set()):
            at = self._store.progress()
            if at.seq < at.last:
                upto = min(at.seq + _ROWS, at.last)
                answers = list(known.rested(self._store.closed_after(at.seq, upto)))
                done = self._store.mark(answers, judged, at.now, seq=upto)
            else:
                ids, generation = self._store.changed(at.generation, _DOCUMENTS)
                if generation == at.generation:
                    break
                looked = self.documents(ids) if ids else 0
                done = looked is not None and self._store.mark([], judged, at.now, generation=generation)
                count += looked or 0
                answers = []
            if not done:
                break
            count += len(answers)
        return count

    def documents(self, ids: Collection[str]) -> int | None:
        """Marks all answers that rest on one of these, as they are now; None where it has to be done later."""
        count, seq, known = 0, 0, _Known(self._vault, self._names)
        while True:
            now = self._store.progress().now
            rows = self._store.closed_on(ids, seq, _ROWS)
            if not rows:
                return count
            answers = list(known.rested(rows))
            if not self._store.mark(answers, judged, now, only=ids):
                return None
            count, seq = count + len(answers), rows[-1].seq


class BackgroundMarking(Background):
    """`Marking.run` in a service that answers meanwhile."""

    def __init__(self, marking: Marking, *, every: float = 2.0) -> None:
        super().__init__("footnote-marking", marking.run, "Answers could not be marked", every=every)


def judged(answer: Rested, states: Mapping[str, State]) -> list[Mark]:
    """What has become of the versions that an answer rests on."""
    return [
        Mark(answer.audit_id, id_, version, change, answer.owner, answer.asked_at, answer.as_of, at, by)
        for id_, version in sorted(answer.places)
        if id_ in states
        for change, at, by in _changes(answer, version, states[id_])
    ]


def superseding(version: int, as_of: date | None, versions: Mapping[int, tuple[datetime, date]]) -> int | None:
    """The version that holds now, or held on that day, if it is a later one."""
    later = (other for other, (_, day) in versions.items() if other > version and (as_of is None or day <= as_of))
    return max(later, default=None)


def _changes(answer: Rested, version: int, state: State) -> Iterator[tuple[Change, datetime, int | None]]:
    if version not in state.versions:
        erased = state.erased_at if state.erased_at and state.erased_at > answer.asked_at else None
        gone = erased or state.deleted_at or min((at for at, _ in state.versions.values()), default=answer.asked_at)
        yield (Change.ERASED if erased else Change.DELETED), gone, None
    elif state.deleted_at:
        yield Change.DELETED, state.deleted_at, None
    elif (by := superseding(version, answer.as_of, state.versions)) is not None:
        yield Change.SUPERSEDED, state.versions[by][0], by
    if found := [state.wrong[one] for one in (version, ALL_VERSIONS) if one in state.wrong]:
        yield Change.WRONG, max(found), None


class _Known:
    """Who is who, looked up when it is needed first."""

    def __init__(self, vault: Vault, names: Callable[[], Iterable[str]]) -> None:
        self._vault, self._names = vault, names
        self._users: dict[str, str] | None = None

    def rested(self, rows: Iterable[AuditRow]) -> Iterator[Rested]:
        """What the answers rest on that these records closed."""
        for row in rows:
            opened = self._vault.open(row).row
            record = json.loads(opened.record)
            if record.get("purpose") == EVALUATION:  # nobody relies on it
                continue
            if record.get("kind") == "closed" and isinstance(record.get("answer"), dict):
                places = frozenset(place for place in rests_on(with_numbers(record)) if isinstance(place[1], int))
                owner, answer_id = self._owner(opened.principal), str(record["answer_id"])
                yield Rested(answer_id, owner, row.recorded_at, _day(record), places)

    def _owner(self, principal: str) -> str:
        if not is_unknown(principal):
            return principal.lower() if principal.startswith("user:") else ""
        if self._users is None:
            users = (f"user:{name}" for name in self._names())
            self._users = {self._vault.called(user): user.lower() for user in users}
        return self._users.get(principal, "")


def _day(record: Mapping[str, Any]) -> date | None:
    """Of which day an answer is, as it was asked for, or as the question's own words say."""
    clues = record.get("search", {}).get("clues", ())
    told = [record.get("as_of"), *(one.get("value") for one in clues if one.get("kind") == "as_of")]
    return next((date.fromisoformat(day) for day in told if day and day not in NOT_READ), None)
