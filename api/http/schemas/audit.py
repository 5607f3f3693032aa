"""The audit trail, as auditors read it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict

from api.http.administration import Verification
from generation.people import TrailFilter
from ingest.types import NAME

MAX_TEXT_CHARS = 200
_MOST_OPEN = 100


def _as_written(value: object) -> object:
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError("write an instant as 2026-11-30T12:00:00Z")  # numbers would count as seconds since 1970
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_as_written)]


class EntryOut(BaseModel):
    """One thing that was done. `id`: of its record in the trail, with ".N" where that holds many accesses; `seq`: the
    record's place in the chain. `action`: as search, read_text, sign_in; of an answer opened, sentence or closed.
    `principal`: user:NAME, operator, or "" of somebody who was not identified. `refused`: the code, where nothing was
    shown. `about`: the query, or what it was about."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    seq: int
    at: datetime
    action: str
    principal: str
    refused: str
    about: str


class EntryDetail(EntryOut):
    """With all that the trail says of it, when it was written, and the hash of its record."""

    recorded_at: datetime
    record: dict[str, Any]
    hash: str


class EntryList(BaseModel):
    entries: list[EntryOut]
    next: str | None = None


class EntryFound(BaseModel):
    """All entries of a record or of an answer, newest first; one alone where its id has a number."""

    entries: list[EntryDetail]


def wanted(
    action: Annotated[str, Query(pattern=r"^[a-z_ ]{0,60}$", description="As in an entry.")] = "",
    user: Annotated[
        str, Query(pattern=f"^((user:)?{NAME})?$", description="A user's name, as user:NAME or NAME; or operator.")
    ] = "",
    document: Annotated[UUID | None, Query(description="Entries that name this document.")] = None,
    refused: Annotated[
        str,
        Query(
            pattern=r"^[a-z_]{0,60}$",
            description="Refusals with this code alone: not_authenticated, not_allowed, not_found, sign_in_failed ...",
        ),
    ] = "",
    since: Annotated[Instant | None, Query(alias="from", description="At this instant or later.")] = None,
    until: Annotated[Instant | None, Query(alias="to", description="Before this instant.")] = None,
    text: Annotated[str, Query(max_length=MAX_TEXT_CHARS, description="Occurs in what the trail says of it.")] = "",
) -> TrailFilter:
    named = user if user in ("", "operator") or user.startswith("user:") else f"user:{user}"
    return TrailFilter(action, named, str(document or ""), refused, since, until, text)


Wanted = Annotated[TrailFilter, Depends(wanted)]


class WitnessOut(BaseModel):
    """A witness compared with the trail: how many checkpoints it holds, up to which record, how many it lacks, and what
    is wrong, "" for nothing."""

    name: str
    checkpoints: int
    position: int
    time: str
    behind: int
    problem: str


class OpenOut(BaseModel):
    """An answer that was opened and not closed: its writer was killed, or still writes."""

    id: str
    principal: str
    opened_at: datetime


class VerificationOut(BaseModel):
    """How verifying the trail stands, in the process that was asked. `state`: `never` since it has started, `running`,
    `whole`, `tampered` (or a witness disagrees), or `failed`: it could not be done. `done` of `total`: records that are
    read, of a trail that takes long. `rows`: records that were read; `first_bad`: the first that is not as it was
    written; `first_at`, `last_at`: when the first and the last of those before it, or of all, were written; `problem`:
    what is wrong, or why it could not be done; `open`: at most 100 of `left_open`, oldest first."""

    state: Literal["never", "running", "whole", "tampered", "failed"]
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    done: int = 0
    total: int = 0
    rows: int = 0
    first_bad: int | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    problem: str = ""
    left_open: int = 0
    open: list[OpenOut] = []
    witnesses: list[WitnessOut] = []

    @classmethod
    def of(cls, found: Verification | None) -> VerificationOut:
        if found is None:
            return cls(state="never")
        told: dict[str, Any] = {
            "begun_at": found.begun_at,
            "ended_at": found.ended_at,
            "done": found.done,
            "total": found.total,
        }
        report = found.report
        if report is None:
            return cls(state="failed" if found.error else "running", problem=found.error, **told)
        witnesses = [WitnessOut.model_validate(one, from_attributes=True) for one in found.witnesses]
        whole = report.ok and not any(one.problem for one in witnesses)
        return cls(
            state="whole" if whole else "tampered",
            rows=report.rows,
            first_bad=report.first_bad_seq,
            first_at=found.first_at,
            last_at=found.last_at,
            problem=report.problem or next((one.problem for one in witnesses if one.problem), ""),
            left_open=len(report.open),
            open=[OpenOut.model_validate(one, from_attributes=True) for one in report.open[:_MOST_OPEN]],
            witnesses=witnesses,
            **told,
        )
