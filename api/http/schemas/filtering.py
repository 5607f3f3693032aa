"""What questions, searches and lists are narrowed to."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.http.schemas.values import Day, whole
from ingest.types import NAME
from retrieval.types import Filter, principal_token

MAX_KIND_CHARS = 100
Name = Annotated[str, Field(json_schema_extra={"pattern": f"^{NAME}$"})]  # `principal_token` says what is wrong
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]
Kind = Annotated[str, StringConstraints(min_length=1, max_length=MAX_KIND_CHARS, strip_whitespace=True)]


class Dates(BaseModel):
    """Both days are included; either may be left out."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[Day | None, Field(alias="from")] = None
    until: Annotated[Day | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("'from' lies after 'to'")
        return self


class Narrowed(BaseModel):
    """A request that can be narrowed, by each field further. It is answered as if there were no other documents."""

    model_config = ConfigDict(extra="forbid")

    documents: Annotated[
        list[Annotated[str, Field(max_length=100)]] | None,
        Field(min_length=1, max_length=1000, description="Only these, by id; one that is not there matches nothing."),
    ] = None
    kinds: Annotated[
        list[Kind] | None,
        Field(
            min_length=1,
            max_length=50,
            description="Only documents of one of these kinds: a format (pdf, word, spreadsheet, presentation, email, "
            "web page, text, image, code, book, archive), a media type, or words of what they are (lease).",
        ),
    ] = None
    groups: Annotated[
        list[Name] | None,
        Field(min_length=1, max_length=200, description="Only documents that one of these own groups may read."),
    ] = None
    dates: Annotated[
        Dates | None, Field(description="Only documents whose effective date, or else own date, lies between these.")
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, asked: Any) -> Any:
        return whole(asked)

    @property
    def only(self) -> Filter:
        """Raises `InvalidPrincipal` for a group that cannot be."""
        for group in self.groups or ():
            principal_token(f"group:{group}")
        return Filter(
            None if self.documents is None else frozenset(self.documents),
            None if self.kinds is None else frozenset(self.kinds),
            None if self.groups is None else frozenset(self.groups),
            self.dates.since if self.dates else None,
            self.dates.until if self.dates else None,
        )
