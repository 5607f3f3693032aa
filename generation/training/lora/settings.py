"""A training run as its TOML file states it: flat, every setting with its unit, unknown ones refused."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from generation.training.lora.errors import LoraError

_ACCEPTED: dict[str, tuple[type, ...]] = {"float": (float, int), "int": (int,), "bool": (bool,), "str": (str,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What both stages share.

    Args:
        model: the base model's name on its hub (owner/name); it goes into the adapter, nothing is fetched by it.
        learning_rate: the highest; it rises over the share `warmup` of all steps, then falls in a line towards zero.
        epochs: passes over the rows.
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
    learning_rate: float
    epochs: int
    warmup: float = 0.05
    seed: int = 0
    max_tokens: int = 1024
    batch_tokens: int = 2560
    batch_rows: int = 4
    accumulate: int = 4
    checkpoint_s: float = 600.0
    held_every: int = 0
    quantised: bool = False
    shares: dict[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises `LoraError` for a file that is no such run."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise LoraError(f"{path} cannot be read as TOML: {error}") from error
        known = {one.name: one for one in fields(cls)}
        if unknown := sorted(table.keys() - known.keys()):
            raise LoraError(f"{path} sets {', '.join(unknown)}: known are {', '.join(sorted(known))}.")
        needed = {name for name, one in known.items() if one.default is MISSING and one.default_factory is MISSING}
        if missing := sorted(needed - table.keys()):
            raise LoraError(f"{path} does not set {', '.join(missing)}: add it.")
        try:
            return cls(**{name: _checked(name, str(known[name].type), value) for name, value in table.items()})
        except LoraError as error:
            raise LoraError(f"{path}: {error}") from error

    def __post_init__(self) -> None:
        self._above_zero("learning_rate", "epochs", "max_tokens", "batch_tokens", "batch_rows", "accumulate")
        if not 0 <= self.warmup < 1:
            raise LoraError("warmup is a share of the steps: 0 or more and below 1.")
        if not all(0 <= share <= 1 for share in self.shares.values()):
            raise LoraError("shares are parts of the rows: each from 0 to 1.")

    def _above_zero(self, *names: str) -> None:
        for name in names:
            if not getattr(self, name) > 0:
                raise LoraError(f"{name} must be above 0.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning(Run):
    """First stage: completions to imitate.

    Args:
        targets: names of linear modules, such as q_proj.
        skip_layers: so many layers, from the first on, get no LoRA weights: nothing is computed backwards through
            them, and less is added to the time of every answer.
    """

    rank: int
    alpha: float
    targets: tuple[str, ...]
    dropout: float = 0.0
    skip_layers: int = 0

    def __post_init__(self) -> None:
        Run.__post_init__(self)  # not super(): a dataclass with slots is made anew, and super() knows the first one
        self._above_zero("rank", "alpha")
        if not 0 <= self.dropout < 1:
            raise LoraError("dropout is a probability: 0 or more and below 1.")
        if self.skip_layers < 0:
            raise LoraError("skip_layers must be 0 or more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference(Run):
    """Second stage: completions to prefer (DPO).

    Args:
        beta: how much a departure from the reference costs; higher stays nearer to it.
        chosen_weight: weight of the mean loss for each token of the chosen completion, added to the preference's.
    """

    beta: float = 0.1
    chosen_weight: float = 0.0

    def __post_init__(self) -> None:
        Run.__post_init__(self)
        self._above_zero("beta")
        if not self.chosen_weight >= 0:
            raise LoraError("chosen_weight must be 0 or more.")


def _checked(name: str, kind: str, value: Any) -> Any:
    """The value as the setting's type takes it."""
    if kind == "tuple[str, ...]":
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise LoraError(f"{name} must be a list of names.")
    if kind == "dict[str, float]":
        if isinstance(value, dict) and all(type(item) in (int, float) for item in value.values()):
            return value
        raise LoraError(f"{name} must be a table of numbers.")
    if not isinstance(value, _ACCEPTED[kind]) or (isinstance(value, bool) and kind != "bool"):
        raise LoraError(f"{name} must be of type {kind}, not {value!r}.")
    return value
