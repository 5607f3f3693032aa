"""Who may sign in, and who the caller is."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Person(BaseModel):
    user: str
    name: str
    groups: list[str]


class Me(BaseModel):
    user: str
    groups: list[str]
    scopes: list[str]


class SessionInfo(BaseModel):
    """Whether sample people may sign in here, who they are, and who the caller is."""

    demo: bool
    people: list[Person]
    me: Me | None


class SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user: str


class SessionToken(BaseModel):
    token: str
    user: str
    groups: list[str]
    expires_at: datetime
