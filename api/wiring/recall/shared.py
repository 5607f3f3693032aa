"""Notices of answers that others share: what whom they are shared with was told of, the trail alone keeps."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from generation.people import Change, TrailFilter
from infra.postgres.recall import SEEN, Mark
from retrieval.types import Principal

_Key = tuple[str, str, int, str]  # answer, document, version, and what has become of it


class Conversations(Protocol):
    """`api.wiring.conversations.Conversations`."""

    def shared_answers(self, principal: Principal) -> Sequence[str]: ...
    def opens(self, audit_id: str, principal: Principal) -> bool: ...


class _Entry(Protocol):
    @property
    def at(self) -> datetime: ...
    @property
    def record(self) -> Mapping[str, Any]: ...


class _Page(Protocol):
    @property
    def entries(self) -> Sequence[_Entry]: ...


class Trail(Protocol):
    """`infra.postgres.trail.PostgresTrail`."""

    def page(self, wanted: TrailFilter, after: tuple[int, int] | None, limit: int) -> _Page: ...


class Marks(Protocol):
    """`infra.postgres.recall.PostgresRecall`."""

    def marks(self, audit_ids: Sequence[str]) -> Mapping[str, Sequence[Mark]]: ...


class SharedAnswers:
    """Of conversations. Who asked has marks of their own, which say what they were told of; here these say it of the
    reader."""

    def __init__(self, conversations: Conversations, marks: Marks, trail: Trail) -> None:
        self._conversations, self._marks, self._trail = conversations, marks, trail

    def opens(self, audit_id: str, principal: Principal) -> bool:
        return self._conversations.opens(audit_id, principal)

    def marked(self, principal: Principal) -> dict[str, list[Mark]]:
        """Marks of answers that others share with the principal and that they can perhaps open, by answer."""
        found = self._marks.marks(self._conversations.shared_answers(principal))
        shown = {id_: marks for id_, marks in found.items() if not any(map(_gone, marks))}
        told = self._told(principal, min((mark.asked_at for marks in shown.values() for mark in marks), default=None))
        return {id_: [_seen(mark, told.get(_key(mark))) for mark in marks] for id_, marks in shown.items()}

    def _told(self, principal: Principal, since: datetime | None) -> dict[_Key, _Entry]:
        """What they were told of since then, the last time. Not since the last change: of that they may know nothing,
        and what they had seen before it must not come back."""
        if since is None:
            return {}
        wanted = TrailFilter(action=SEEN, user=principal.owner, since=since)
        entries = self._trail.page(wanted, None, sys.maxsize).entries
        return {key: entry for entry in reversed(entries) for key in _keys(entry.record)}


def _gone(mark: Mark) -> bool:
    return mark.change in {Change.DELETED, Change.ERASED}


def _key(mark: Mark) -> _Key:
    return mark.audit_id, mark.document_id, mark.version, mark.change.value


def _keys(record: Mapping[str, Any]) -> Iterator[_Key]:
    names = ("audit_id", "document_id", "version", "why")
    if all(name in record for name in names):
        yield tuple(record[name] for name in names)


def _seen(mark: Mark, told: _Entry | None) -> Mark:
    if told is None:
        return replace(mark, seen_at=None, seen_version=None, asked_again="")
    return replace(mark, seen_at=told.at, seen_version=told.record.get("superseded_by"), asked_again="")
