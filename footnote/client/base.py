"""What the generated models stand on: a newer service may say more than this client knows."""

from __future__ import annotations

import enum

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Unknown fields are left out; values do not change."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class StrEnum(enum.StrEnum):
    """A value that is not listed is kept as it came: it is no member, and equals its own text."""

    @classmethod
    def _missing_(cls, value: object) -> StrEnum | None:
        if not isinstance(value, str):
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
