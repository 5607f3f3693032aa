"""Which gates two runs are weighed by: the standard ones of the package (gates.toml), or those of a file like it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from api.gating.gates import Aim, Gate, Kind
from api.terminal import UsageError

OUTCOME, ANSWERED, SECONDS, FIRST = "outcome", "answered", "seconds", "first_seconds"
_KEYS = {"name", "of", "suites", "kind", "aim", "margin", "guard", "bad", "needed", "span"}
_TYPES = {"suites": (list,), "guard": (bool,), "bad": (bool,), "needed": (bool,), "margin": (int, float),
          "span": (int, float)}  # fmt: skip
_SUITES = ("golden", "regression", "adversarial", "performance")


@dataclass(frozen=True, slots=True)
class Rule:
    """A gate and what it is of, as gates.toml explains it."""

    gate: Gate
    of: str
    suites: tuple[str, ...]
    bad: bool = False
    needed: bool = True

    @property
    def told(self) -> Mapping[str, Any]:
        """As a decision keeps it."""
        return asdict(self.gate) | {"of": self.of, "suites": self.suites, "bad": self.bad, "needed": self.needed}


def load_gates(path: Path | None = None) -> tuple[Rule, ...]:
    """None: the standard ones. Raises `UsageError` that names the gate."""
    name = "the standard gates" if path is None else str(path)
    try:
        data = files("evals.systems").joinpath("gates.toml").read_bytes() if path is None else path.read_bytes()
        found = tomllib.loads(data.decode())
    except (OSError, ValueError) as error:
        raise UsageError(f"{name} cannot be read: {error}") from error
    rows = found.get("gate", [])
    if not isinstance(rows, list) or not rows or set(found) != {"gate"}:
        raise UsageError(f"{name}: write one [[gate]] for each gate, and nothing else.")
    rules = []
    for number, row in enumerate(rows, 1):
        try:
            rules.append(_rule(row))
        except (ValueError, TypeError) as error:
            called = row.get("name", "without name") if isinstance(row, dict) else "no table"
            raise UsageError(f"{name}, gate {number} ({called}): {error}") from error
    names = [rule.gate.metric for rule in rules]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"{name}: two gates are called {twice[0]}.")
    if all(rule.gate.guard for rule in rules):
        raise UsageError(f"{name}: guards alone cannot let a candidate ship.")
    return tuple(rules)


def _rule(row: Mapping[str, Any]) -> Rule:
    if not isinstance(row, dict):
        raise ValueError("write it as [[gate]]")
    if unknown := sorted(set(row) - _KEYS):
        raise ValueError(f"{unknown[0]} is no key of a gate: {', '.join(sorted(_KEYS))}")
    missing = sorted({"name", "of", "suites", "kind"} - set(row))
    if missing:
        raise ValueError(f"{missing[0]} is missing")
    if unlike := sorted(key for key, value in row.items() if type(value) not in _TYPES.get(key, (str,))):
        raise ValueError(f"{unlike[0]} = {row[unlike[0]]!r} is of no such kind as it needs")
    kind, bad, suites = Kind(row["kind"]), row.get("bad", False), row["suites"]
    if bad and kind is not Kind.YES_NO:
        raise ValueError("only a yes_no metric can be bad")
    if kind is not Kind.DURATION and row["of"] in {SECONDS, FIRST}:
        raise ValueError(f"{row['of']} needs the kind duration")
    if kind is not Kind.YES_NO and row["of"] in {OUTCOME, ANSWERED}:
        raise ValueError(f"{row['of']} needs the kind yes_no")
    if not suites or any(one not in _SUITES for one in suites):
        raise ValueError(f"suites is a list of these: {', '.join(_SUITES)}")
    gate = Gate(
        row["name"], kind, Aim(row.get("aim", "not_worse")), float(row.get("margin", 0.0)),
        row.get("guard", False), float(row.get("span", 1.0)),
    )  # fmt: skip
    if kind is not Kind.DURATION and gate.margin >= gate.span:
        raise ValueError(f"a margin of {gate.margin:g} lets anything pass: five points are 0.05")
    return Rule(gate, row["of"], tuple(suites), bad, row.get("needed", True))
