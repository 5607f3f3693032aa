"""What machines cost: the operator's own file, never a number of ours."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.capacity.figures import Figures, Machine
from api.capacity.plan import Disk, Group
from api.terminal import UsageError

_HOURS = 730  # of a month
_DAYS = _HOURS / 24


@dataclass(frozen=True, slots=True)
class Prices:
    """For a month: `machines` by kind, those with a GPU by its name, and a gigabyte of disk."""

    currency: str
    machines: Mapping[str, float]
    gpus: Mapping[str, float]
    disk_gb: float

    def month(self, machine: Machine) -> float:
        return self.gpus[machine.gpu] if machine.gpu else self.machines[machine.kind]

    def of(self, groups: Iterable[Group], disks: Iterable[Disk]) -> tuple[float, float]:
        """A month of what stays, and once what is needed for some days."""
        month, once = sum(disk.gb for disk in disks) * self.disk_gb, 0.0
        for group in groups:
            whole = group.count * self.month(group.machine)
            if group.days is None:
                month += whole
            else:
                once += whole * group.days / _DAYS
        return month, once


def read(path: Path, figures: Figures, gpu: str) -> Prices:
    """Raises `UsageError` where it is no such file, or lacks what a plan with this GPU ('' none) may need."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}.") from error
    unknown = set(told) - {"currency", "disk_gb_month", "month", "gpu_month"}
    if unknown:
        raise UsageError(f"{path}: nothing is called {', '.join(sorted(unknown))} in a file of prices.")
    currency = told.get("currency")
    if not isinstance(currency, str) or not currency.strip():
        raise UsageError(f'{path}: say what the prices are in, such as currency = "EUR".')
    kinds = [machine.kind for machine in figures.machines]
    return Prices(
        currency,
        {kind: _price(path, _table(path, told, "month"), kind, "month.") for kind in kinds},
        {gpu: _price(path, _table(path, told, "gpu_month"), gpu, "gpu_month.")} if gpu else {},
        _price(path, told, "disk_gb_month"),
    )


def _table(path: Path, told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = told.get(name, {})
    if not isinstance(table, dict):
        raise UsageError(f"{path}: {name} is a table, [{name}].")
    return table


def _price(path: Path, table: Mapping[str, Any], name: str, under: str = "") -> float:
    price = table.get(name)
    if price is None:
        raise UsageError(f"{path} has no price of {under}{name}: docs/capacity-prices.toml is an example.")
    if isinstance(price, bool) or not isinstance(price, int | float) or not math.isfinite(price) or price < 0:
        raise UsageError(f"{path}: {under}{name} is {price!r}, which is no price.")
    return float(price)
