"""Who may read documents, as it is changed."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.http.schemas.jobs import Principals
from ingest.types import LabelOutcome, NewLabel
from retrieval.types import principal_token


class LabelIn(BaseModel):
    """`allow`: who may read from now on, and nobody else; or `add` and `remove`, to and from those who may. Each as
    `group:NAME` or `user:NAME`."""

    model_config = ConfigDict(extra="forbid")

    allow: Annotated[Principals, Field(min_length=1)] | None = None
    add: Principals = []
    remove: Principals = []

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        """Raises `ValueError` unless all of them are named, or changes are."""
        if (self.allow is None) == (not self.add and not self.remove):
            raise ValueError("give 'allow', or 'add' and 'remove'")
        return self

    @property
    def label(self) -> NewLabel:
        """Raises `InvalidPrincipal`."""
        only, more, fewer = (
            frozenset(principal_token(token) for token in tokens)
            for tokens in (self.allow or (), self.add, self.remove)
        )
        return NewLabel(None if self.allow is None else only, more, fewer)


class LabelsIn(LabelIn):
    """The same of several documents, all of them or, where one cannot be, none."""

    documents: Annotated[list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=1000)]


class LabelOut(BaseModel):
    """Who may read a document now."""

    document_id: str
    allow: list[str]


class LabelledOut(BaseModel):
    """What became of the label of one document. `allow`: who may read it now, none of what is not found; `reason`: why
    it was not allowed, else ""."""

    document_id: str
    outcome: LabelOutcome
    allow: list[str]
    reason: str


class LabelsOut(BaseModel):
    """In the order that they were asked for, each once."""

    documents: list[LabelledOut]
