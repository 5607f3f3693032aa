"""What a plan says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from api.capacity.demand import Demand
from api.capacity.figures import Figure, Figures, Machine

Weight = Callable[[Machine], float]
"""What a machine costs; without prices its cores."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the plan: `how` it comes about, in words and figures, from which of `figures.toml`. `known`:
    "given", "measured", "mean" (of a sample, times what there is), "simulated", "assumed", "not run", "x 4.3" (so
    many times beyond what was measured), or several of them."""

    part: str
    what: str
    value: float | tuple[float, ...]
    unit: str
    how: str
    figures: tuple[str, ...]
    known: str


@dataclass(frozen=True, slots=True)
class Group:
    """Machines of one kind for one thing. `needs_gib`: memory that each uses. `figures`: by which there are so many of
    that kind. `days`: for so long, None: always."""

    role: str
    machine: Machine
    count: int
    needs_gib: float
    why: str
    figures: tuple[str, ...]
    days: float | None = None


@dataclass(frozen=True, slots=True)
class Disk:
    """Disk to have, in GB, with room for what `why` says."""

    role: str
    gb: float
    why: str
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the planner has found: its numbers, machines, and what could not be met."""

    numbers: tuple[Number, ...]
    groups: tuple[Group, ...] = ()
    disks: tuple[Disk, ...] = ()
    missed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """`month` and `once` are in `currency`, None without prices."""

    demand: Demand
    parts: tuple[Part, ...]
    used: tuple[Figure, ...]
    not_counted: tuple[str, ...]
    currency: str | None = None
    month: float | None = None
    once: float | None = None

    @property
    def groups(self) -> tuple[Group, ...]:
        return tuple(group for part in self.parts for group in part.groups)

    @property
    def disks(self) -> tuple[Disk, ...]:
        return tuple(disk for part in self.parts for disk in part.disks)

    @property
    def numbers(self) -> tuple[Number, ...]:
        return tuple(number for part in self.parts for number in part.numbers)

    @property
    def missed(self) -> tuple[str, ...]:
        return tuple(line for part in self.parts for line in part.missed)


def known(figures: Figures, names: Sequence[str], beyond: float = 1.0, otherwise: str = "measured") -> str:
    """The weakest of what a number rests on; `beyond`: how many times the largest that was measured; `otherwise`: where
    all of it is measured."""
    kinds = {figures[name].kind for name in names}
    told = [
        "not run" if kinds & {"arithmetic", "data sheet"} else "",
        "assumed" if "assumed" in kinds else "",
        f"x {beyond:,.{0 if beyond >= 10 else 1}f}" if round(beyond, 1) > 1 else "",
    ]
    return ", ".join(filter(None, told)) or otherwise


def cheapest(groups: Iterable[Group], weight: Weight) -> Group:
    """Of the same thing on each kind of machine; of those that cost the same the fewest."""
    return min(groups, key=lambda group: (group.count * weight(group.machine), group.count))
