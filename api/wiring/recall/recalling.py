"""Recall: every answer that rests on what has changed is found, and whoever asked is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from api.wiring.kept import KeptAnswers
from api.wiring.recall.changes import Changes, Found, plain
from api.wiring.recall.marking import Marking
from api.wiring.recall.shared import SharedAnswers
from generation.people import Change, Changed, KeptAnswer
from infra.postgres.recall import Mark, Place, PostgresRecall, WrongVersion
from ingest.types import OPERATOR
from retrieval.types import Principal

_PAGE = 50


@dataclass(frozen=True, slots=True)
class Affected:
    """An answer that rests on what has changed. `asked_by`: `user:NAME`, "" where that cannot be told any more;
    `question` is empty where it is erased. `seen_at`: when who asked was last told; `asked_again`: the answer that
    took its place."""

    audit_id: str
    asked_by: str
    asked_at: datetime
    question: str
    changed: tuple[Changed, ...]
    seen_at: datetime | None = None
    asked_again: str = ""


@dataclass(frozen=True, slots=True)
class AffectedPage:
    """Newest first. `last`: the place of the last one, if more follow."""

    answers: tuple[Affected, ...]
    last: Place | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody is told of an answer of theirs, or one that is shared with them, which they can still open."""

    kept: KeptAnswer
    asked_again: str = ""


class Recall:
    def __init__(
        self, store: PostgresRecall, changes: Changes, kept: KeptAnswers, marking: Marking, shared: SharedAnswers
    ) -> None:
        self._store, self._changes = store, changes
        self._kept, self._marking, self._shared = kept, marking, shared

    # For operators and auditors

    def affected(
        self,
        document_id: str | None = None,
        version: int | None = None,
        *,
        since: datetime | None = None,
        after: Place | None = None,
        limit: int = _PAGE,
    ) -> AffectedPage:
        """Of answers that were asked for since then; `version` by its stored number. As far as they are marked:
        `refresh` goes on with that."""
        asked = {"document_id": document_id, "version": version, "since": since, "after": after, "limit": limit + 1}
        places = self._store.marked(**asked)  # type: ignore[arg-type]
        shown = places[:limit]
        marks = self._store.marks(id_ for _, id_ in shown)
        kept = [found for _, id_ in shown if (found := self._kept.find(id_))]
        changes = self._changes.of(kept, None)
        opened = {one.audit_id: one for one in kept}
        told = [_affected(marks[id_], opened.get(id_), changes.get(id_, ())) for _, id_ in shown if id_ in marks]
        return AffectedPage(tuple(told), shown[-1] if len(places) > limit else None)

    def refresh(self) -> None:
        self._marking.run()

    def find_wrong(self, document_id: str, version: int, reason: str, by: str = OPERATOR.name) -> bool:
        """Of all answers that rest on it, from now on. `version` 0: all of them. False where there is none."""
        if found := self._store.find_wrong(document_id, version, reason, by):
            self._marking.documents([document_id])
        return found

    def not_wrong(self, document_id: str, version: int, by: str = OPERATOR.name) -> bool:
        """Takes that back. False where it is not marked so."""
        if found := self._store.not_wrong(document_id, version, by):
            self._marking.documents([document_id])
        return found

    def wrong(self) -> tuple[WrongVersion, ...]:
        return self._store.wrong()

    # For who asked, and whom it is shared with

    def notices(self, principal: Principal, limit: int) -> list[Notice]:
        """Answers of theirs, and in conversations that are shared with them, that rest on what has changed, of which
        they were not told yet; those of them that they can open. Newest first."""
        told = [*islice(self._unread(principal), limit), *self._unread_shared(principal)]
        told.sort(key=lambda one: (one[0].asked_at, one[0].audit_id), reverse=True)
        return [
            Notice(kept, next((mark.asked_again for _, mark in changes if mark.asked_again), ""))
            for kept, changes in told[:limit]
        ]

    def seen(self, principal: Principal, audit_ids: Sequence[str]) -> None:
        """They were told of these; of what they cannot open, or is not theirs, nothing is noted."""
        owner = f"user:{principal.user}"
        marks = self._store.marks(audit_ids)
        own = [id_ for id_, marked in marks.items() if marked[0].owner == owner.lower()]
        told = [one for _, changes in self._opened(own, principal) for one in changes if _unread(one)]
        if told:
            self._store.see([(mark, changed.by) for changed, mark in told], owner)
        if others := marks.keys() - own:
            told = [one for _, changes in self._unread_shared(principal, others) for one in changes if _unread(one)]
            self._store.see([(mark, changed.by) for changed, mark in told], principal.owner, own=False)

    def _unread(self, principal: Principal) -> Iterator[tuple[KeptAnswer, Sequence[Found]]]:
        after: Place | None = None
        owner = f"user:{principal.user}"
        while places := self._store.marked(owner=owner, unread=True, after=after, limit=_PAGE):
            for kept, changes in self._opened([id_ for _, id_ in places], principal):
                if any(map(_unread, changes)):
                    yield kept, changes
            after = places[-1]

    def _unread_shared(
        self, principal: Principal, among: Collection[str] | None = None
    ) -> Iterator[tuple[KeptAnswer, Sequence[Found]]]:
        """The same of answers that others share with them, in no order; `among` these."""
        marks = self._shared.marked(principal)
        found = [id_ for id_, marked in marks.items() if (among is None or id_ in among) and any(map(_perhaps, marked))]
        for kept, changes in self._opened(found, principal):
            seen = {_place(mark): mark for mark in marks[kept.audit_id]}
            own = [(changed, seen[place]) for changed, mark in changes if (place := _place(mark)) in seen]
            if any(map(_unread, own)) and self._shared.opens(kept.audit_id, principal):
                yield kept, own

    def _opened(self, audit_ids: Sequence[str], principal: Principal) -> Iterator[tuple[KeptAnswer, Sequence[Found]]]:
        """Those that the principal can open, in this order."""
        found = [kept for id_ in audit_ids if (kept := self._kept.find(id_))]
        readable = self._kept.readable(found, principal)
        changes = self._changes.of(readable, principal)
        for kept in readable:
            yield kept, changes[kept.audit_id]


def _unread(one: Found) -> bool:
    """Whether the owner was not told of it: of a newer version by its number, that what they may not read tells
    nothing."""
    changed, mark = one
    if mark.seen_at is None:
        return True
    if changed.change is Change.SUPERSEDED:
        return changed.by is not None and changed.by > (mark.seen_version or 0)
    return changed.at > mark.seen_at


def _perhaps(mark: Mark) -> bool:
    """Whether its reader was not told of it, as far as the mark says."""
    return mark.seen_at is None or mark.at > mark.seen_at or (mark.by or 0) > (mark.seen_version or 0)


def _place(mark: Mark) -> tuple[str, int, Change]:
    return mark.document_id, mark.version, mark.change


def _affected(marks: Sequence[Mark], kept: KeptAnswer | None, changes: Sequence[Found]) -> Affected:
    changed = tuple(one for one, _ in changes) if kept else tuple(plain(mark) for mark in marks)
    seen = [mark.seen_at for mark in marks if mark.seen_at]
    first = marks[0]
    return Affected(
        audit_id=first.audit_id,
        asked_by=kept.asked_by if kept else first.owner,
        asked_at=kept.asked_at if kept else first.asked_at,
        question=kept.question if kept else "",
        changed=changed,
        seen_at=max(seen, default=None),
        asked_again=first.asked_again,
    )
