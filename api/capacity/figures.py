"""The measured figures of `figures.toml`, each with where it comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """`value`: a number, or rows of numbers, in `unit`. `kind`: measured, setting, arithmetic, data sheet or assumed.
    `source`: a page of the documentation and its heading, where `words` stand; '' for what is assumed."""

    name: str
    value: float | tuple[Any, ...]
    unit: str
    kind: str
    date: date | None = None
    where: str = ""
    source: str = ""
    words: str = ""

    @property
    def number(self) -> float:
        assert isinstance(self.value, int | float)
        return float(self.value)

    @property
    def numbers(self) -> tuple[float, ...]:
        assert isinstance(self.value, tuple)
        return tuple(float(one) for one in self.value)

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        assert isinstance(self.value, tuple)
        return tuple((float(x), float(y)) for x, y in self.value)


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind of machine; `gpu`: which it has, '' none."""

    kind: str
    cores: int
    memory_gib: float
    gpu: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """All of them by name, and the machines that may be chosen from, the smallest first."""

    by_name: Mapping[str, Figure]
    machines: tuple[Machine, ...]
    with_gpu: Machine

    def __getitem__(self, name: str) -> Figure:
        return self.by_name[name]

    def of(self, name: str) -> float:
        """The number of a figure that is one."""
        return self.by_name[name].number

    @property
    def gpus(self) -> tuple[str, ...]:
        return tuple(name.removeprefix("gpu ") for name in self.by_name if name.startswith("gpu "))


def load() -> Figures:
    told = tomllib.loads(resources.files("api.capacity").joinpath("figures.toml").read_text(encoding="utf-8"))
    figures = {name: Figure(name, **_frozen(one)) for name, one in told["figure"].items()}
    machines = {
        kind: Machine(kind, int(one["cores"]), float(one["memory_gib"])) for kind, one in told["machine"].items()
    }
    with_gpu = machines.pop("gpu")
    return Figures(figures, tuple(machines.values()), with_gpu)


def _frozen(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _tuples(value) for name, value in one.items()}


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
