"""The audit trail, as auditors read it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict

from generation.people import TrailFilter
from ingest.types import NAME

MAX_TEXT_CHARS = 200


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
