"""Who may sign in, how, and who the caller is."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from generation.types import Strictness


class Person(BaseModel):
    user: str
    name: str
    groups: list[str]


class Me(BaseModel):
    user: str
    groups: list[str]
    scopes: list[str]


class StrictnessOffered(BaseModel):
    """How strict an answer may be asked for, from the laxest, and what holds where nothing is asked for."""

    offered: list[Strictness]
    default: Strictness


class SessionInfo(BaseModel):
    """Whether sample people may sign in here, and who they are; whether the organisation's identity provider is asked;
    who the caller is; and how strict answers may be asked for."""

    demo: bool
    people: list[Person]
    organisation: bool
    me: Me | None
    strictness: StrictnessOffered


class SignIn(BaseModel):
    """A sample person's user, or an API key."""

    model_config = ConfigDict(extra="forbid")

    user: str | None = None
    key: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.user is None) == (self.key is None):
            raise ValueError("send either 'user' or 'key'")
        return self
