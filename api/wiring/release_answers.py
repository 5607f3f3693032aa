"""The answers that were given by a release, out of the trail."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from generation.types import EVALUATION
from infra.postgres.chain import AuditRow, is_erased, is_unknown
from infra.postgres.releases import PostgresReleases

_PAGE = 200


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """`asked_by`: user:NAME, or the pseudonym of somebody who was erased. `question` is empty where it is erased, and
    for whoever has no right to the trail. `signed_off`: by how many people. `shared`: with others, in a conversation
    or a review."""

    audit_id: str
    asked_by: str
    given_at: datetime
    status: str
    question: str
    erased: bool
    signed_off: int
    shared: bool


class Trail(Protocol):
    def by_release(self, name: str, since: datetime) -> Iterator[AuditRow]:
        """The records, opened as far as they are not erased, that closed answers by this release; newest first."""
        ...


class SignedOff(Protocol):
    @property
    def audit_id(self) -> str: ...
    @property
    def by(self) -> str: ...


class ReleaseAnswers:
    """`signed`: what people have said of these answers."""

    def __init__(
        self, releases: PostgresReleases, trail: Trail, signed: Callable[[Collection[str]], Iterable[SignedOff]]
    ) -> None:
        self._releases, self._trail, self._signed = releases, trail, signed

    def affected(self, name: str, *, questions: bool) -> Iterator[GivenAnswer]:
        """Newest first: all since it was proposed, but those of an evaluation. Raises `ReleaseRefused`."""
        since = self._releases.named(name).created_at
        page: list[AuditRow] = []
        for row in self._trail.by_release(name, since):
            page.append(row)
            if len(page) == _PAGE:
                yield from self._told(page, questions)
                page = []
        yield from self._told(page, questions)

    def _told(self, rows: list[AuditRow], questions: bool) -> Iterator[GivenAnswer]:
        records = [(row, json.loads(row.record)) for row in rows]
        records = [(row, record) for row, record in records if record.get("purpose") != EVALUATION]
        ids = [str(record["answer_id"]) for _, record in records]
        signed: dict[str, set[str]] = {}
        for one in self._signed(ids) if ids else ():
            signed.setdefault(one.audit_id, set()).add(one.by)
        shared = self._releases.seen_by_others(ids) if ids else ()
        for id_, (row, record) in zip(ids, records, strict=True):
            erased = _is_erased(row, record)
            asked = "" if erased or not questions else " ".join(str(record["question"]).split())
            status = str(record["answer"]["status"])
            yield GivenAnswer(
                id_, row.principal, row.recorded_at, status, asked, erased, len(signed.get(id_, ())), id_ in shared
            )


def _is_erased(row: AuditRow, record: Mapping[str, Any]) -> bool:
    return is_unknown(row.principal) or is_erased(record.get("question"))
