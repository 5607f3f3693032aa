"""What is done while something is killed, what is killed, and when: drawn from a seed, one kill after the other."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_Span = tuple[float, float]
# Of each operation: what may be killed, and when, in seconds after its clients have begun. A "program" is a command
# that an operation runs: `footnote index compact` (swap), `footnote erase document` (erase).
OPERATIONS: Mapping[str, tuple[Sequence[str], _Span]] = {
    "answer": (("service", "service", "service", "model", "database", "backend"), (0.2, 4.0)),
    "ingest": (("service", "service", "worker", "worker", "database", "backend"), (0.1, 4.0)),
    "swap": (("program", "program", "service", "database", "backend"), (0.5, 6.0)),
    "erase": (("program", "program", "program", "service", "database", "backend"), (0.5, 9.0)),
}

_SERVED = 0.7  # of all kills


@dataclass(frozen=True, slots=True)
class Plan:
    """The `number`th kill of a seed. The clock of `after_s` begins with the first reply to its clients, if it
    is `served`, else with them."""

    number: int
    operation: str
    target: str
    after_s: float
    served: bool


def plan(seed: int, number: int, operations: Sequence[str]) -> Plan:
    """Depends on nothing else."""
    drawn = random.Random(f"{seed} {number}")
    operation = drawn.choice(sorted(operations))
    targets, span = OPERATIONS[operation]
    target, after_s = drawn.choice(targets), round(drawn.uniform(*span), 3)
    return Plan(number, operation, target, after_s, drawn.random() < _SERVED)
