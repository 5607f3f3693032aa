"""A training run as its TOML file states it: flat, every setting with its unit, unknown ones refused."""

from __future__ import annotations

import tomllib
from dataclasses import field, fields
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic.dataclasses import dataclass

from generation.training.lora.errors import LoraError

_CONFIG = ConfigDict(extra="forbid", strict=True)


def _as_written(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """A number that may be whole stays as it was written: 16, not 16.0, goes into run.json and the adapter."""
    check(value)
    return value


Count = Annotated[int, Field(ge=1)]
AboveZero = Annotated[float, Field(gt=0), WrapValidator(_as_written)]
NotBelowZero = Annotated[float, Field(ge=0), WrapValidator(_as_written)]
BelowOne = Annotated[float, Field(ge=0, lt=1), WrapValidator(_as_written)]
Share = Annotated[float, Field(ge=0, le=1), WrapValidator(_as_written)]
Names = Annotated[tuple[str, ...], Field(min_length=1, strict=False)]  # TOML has lists


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Run:
    """What both stages share.

    Args:
        model: the base model's name on its hub (owner/name); it goes into the adapter, nothing is fetched by it.
        learning_rate: the highest; it rises over the share `warmup` of all steps, then falls in a line towards zero.
        epochs: passes over the rows.
        warmup: a share of the steps, below 1.
        seed: of the order, the adapter's first weights and dropout.
        max_tokens: rows with more tokens, prompt and completion together, are left out.
        batch_tokens, batch_rows: the most that goes through the model at once, padding included.
        accumulate: batches that make a step.
        checkpoint_s: time between checkpoints, in seconds.
        held_every: steps between two looks at the held-out rows; 0 looks at the end only.
        quantised: the base in 4 bits (QLoRA, Dettmers et al. 2023); needs a GPU and bitsandbytes.
        shares: the part of the rows or pairs that is learned, by kind, such as {unanswerable = 0.6}; of others all.
    """

    model: str
    learning_rate: AboveZero
    epochs: Count
    warmup: BelowOne = 0.05
    seed: int = 0
    max_tokens: Count = 1024
    batch_tokens: Count = 2560
    batch_rows: Count = 4
    accumulate: Count = 4
    checkpoint_s: Annotated[float, WrapValidator(_as_written)] = 600.0
    held_every: int = 0
    quantised: bool = False
    shares: dict[str, Share] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises `LoraError` for a file that is no such run."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise LoraError(f"{path} cannot be read as TOML: {error}") from error
        try:
            return cls(**table)
        except ValidationError as error:
            wrong = "; ".join(_said(found["type"], found["loc"], found["msg"]) for found in error.errors())
            known = ", ".join(sorted(one.name for one in fields(cls)))
            raise LoraError(f"{path}: {wrong}. Known are {known}.") from error


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Tuning(Run):
    """First stage: completions to imitate.

    Args:
        rank, alpha: of the LoRA matrices; what they add is scaled by alpha / rank.
        targets: names of linear modules, such as q_proj.
        dropout: the probability with which an input of the matrices is left out of a step, below 1.
        skip_layers: so many layers, from the first on, get no LoRA weights: nothing is computed backwards through
            them, and less is added to the time of every answer.
    """

    rank: Count
    alpha: AboveZero
    targets: Names
    dropout: BelowOne = 0.0
    skip_layers: Annotated[int, Field(ge=0)] = 0


@dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class Preference(Run):
    """Second stage: completions to prefer (DPO).

    Args:
        beta: how much a departure from the reference costs; higher stays nearer to it.
        chosen_weight: weight of the mean loss for each token of the chosen completion, added to the preference's.
    """

    beta: AboveZero = 0.1
    chosen_weight: NotBelowZero = 0.0


def _said(kind: str, place: tuple[int | str, ...], message: str) -> str:
    name = ".".join(map(str, place))
    if kind == "missing":
        return f"{name} is not set"
    if kind == "unexpected_keyword_argument":
        return f"{name} is no setting"
    return f"{name}: {message}"
