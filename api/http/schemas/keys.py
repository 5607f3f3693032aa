"""API keys, without their secrets but once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, field_validator

from api.http.schemas.filtering import Name

_LAST = datetime(9999, 1, 1, tzinfo=UTC)  # later ones may be over the end of time in another time zone


class KeyIn(BaseModel):
    """Whom the key is to speak for. `groups` null: whatever groups its user is synced in."""

    model_config = ConfigDict(extra="forbid")

    user: Name | None = Field(None, description="oneself, whom alone a key over HTTP speaks for")
    groups: Annotated[list[Name], Field(max_length=200)] | None = []
    scopes: Annotated[list[Literal["read", "write", "admin", "audit", "scim"]], Field(min_length=1)] = ["read"]
    label: str = Field("", max_length=200, pattern=r"^[^\x00]*$")
    expires_at: AwareDatetime | None = Field(None, description="null: as late as it may be")

    @field_validator("expires_at")
    @classmethod
    def _to_come(cls, at: datetime | None) -> datetime | None:
        if at is not None and at <= datetime.now(UTC):
            raise ValueError("this time is past")
        if at is not None and at > _LAST:
            raise ValueError("this time is too far off: name one before the year 9999, or none")
        return at


class KeyOut(BaseModel):
    """`last_used_at` is kept to the hour."""

    id: str
    user: str
    groups: list[str] | None
    scopes: list[str]
    label: str
    created_at: datetime
    expires_at: datetime | None
    expired: bool
    revoked_at: datetime | None
    last_used_at: datetime | None

    @field_validator("groups", "scopes", mode="before")
    @classmethod
    def _in_order(cls, names: Iterable[str] | None) -> list[str] | None:
        return None if names is None else sorted(names)


class KeyList(BaseModel):
    keys: list[KeyOut]


class KeyMade(BaseModel):
    """`secret` is shown this once."""

    id: str
    secret: str


class RotateIn(BaseModel):
    """For how many days the old key goes on beside its successor, at most."""

    model_config = ConfigDict(extra="forbid")

    grace_days: StrictInt = Field(ge=0, le=90)


class KeyRotated(KeyMade):
    """The successor; `old_ends_at`: until when the old key holds."""

    old_ends_at: datetime
