"""The tiers of generators as FOOTNOTE_TIERS states them: a TOML file with a [[tier]] table each, small to large."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.settings import SettingsError


class TierTable(BaseModel):
    """A tier without a `url` is the service's own generator, and needs a name only.

    `api_key_env` names the environment variable that holds the server's key. `sees` are principals ("group:partners")
    or ["*"]; see docs/routing.md.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    url: str = ""
    model: str = ""
    adapter: str = ""
    api_key_env: str = ""
    protocol: Literal["vllm", "openai"] = "vllm"
    prompt: Literal["answer", "cited"] | None = None
    sees: frozenset[str] | None = None
    cost_in: float = Field(default=0.0, ge=0)
    cost_out: float = Field(default=0.0, ge=0)

    @model_validator(mode="after")
    def _whole(self) -> TierTable:
        if self.url and not self.model:
            raise ValueError(f"tier {self.name!r} has a url: give it a model that it serves")
        if not self.url and (self.model or self.adapter or self.api_key_env or self.prompt):
            raise ValueError(f"tier {self.name!r} has no url: model, adapter, key and prompt are those of the service")
        return self


class RouterTable(BaseModel):
    """See `generation.answering.routing.RouterOptions`."""

    model_config = ConfigDict(extra="forbid")

    unsure_below: float = 0.0
    most_documents: int = Field(default=2, ge=1)
    second_try: bool = False


class Tiers(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")

    tier: tuple[TierTable, ...] = Field(min_length=1)
    router: RouterTable = Field(default_factory=RouterTable)

    @model_validator(mode="after")
    def _named_once(self) -> Tiers:
        names = [tier.name for tier in self.tier]
        if len(set(names)) < len(names):
            raise ValueError("two tiers have the same name")
        return self


def load_tiers(path: Path) -> Tiers:
    """Raises `SettingsError` for what is no such file."""
    try:
        return Tiers.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"FOOTNOTE_TIERS: {path} cannot be read ({error.strerror}).") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"FOOTNOTE_TIERS: {path} is no TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"FOOTNOTE_TIERS: {path}{', ' + place if place else ''}: {first['msg']}.") from error
