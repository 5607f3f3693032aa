"""How many cases a gate that could not decide would have needed."""

from __future__ import annotations

import math

from api.gating.gates import ALPHA, FEWEST, Aim, Kind, Outcome, Result
from api.gating.sizes import cases, detectable

_MOST = 1_000_000


def needed(result: Result, alpha: float = ALPHA) -> int | None:
    """Cases with which it ships four times in five, if what was seen of its spread and of a loss is the truth (a gain
    counts as none); None where the loss that was seen is the margin or more. Normal approximation. Raises
    `ValueError` for a gate that decided."""
    if result.outcome is not Outcome.UNDECIDED:
        raise ValueError(f"{result.gate.metric} is decided")
    least = _least(result, alpha)
    if result.gate.aim is Aim.NEVER or result.n < 2 or math.isnan(result.change):
        return max(least, result.n + 1)
    room = _room(result)
    if room <= 0:
        return None
    one = _spread_of_one(result, alpha)
    if result.gate.kind is Kind.YES_NO and result.gate.aim is Aim.NOT_WORSE and result.change >= 0:
        count = float(cases(result.gate.margin, min(1.0, one**2), alpha=alpha))
    else:
        count = (detectable(one, alpha=alpha) / room) ** 2
    if result.gate.kind is Kind.SCORE:
        count += 2 * result.gate.span / room  # a case more is counted that moved by the whole scale
    return min(_MOST, max(least, result.n + 1, math.ceil(count)))


def _least(result: Result, alpha: float) -> int:
    """With fewer not even a night without a difference decides."""
    gate = result.gate
    fewest = 1 if gate.kind is Kind.YES_NO else FEWEST
    if gate.aim is not Aim.NOT_WORSE or gate.kind is Kind.DURATION or gate.margin >= gate.span:
        return fewest
    return max(fewest, math.ceil(math.log(alpha) / math.log1p(-gate.margin / gate.span)))


def _room(result: Result) -> float:
    """Between what was seen and what is to be excluded."""
    gate = result.gate
    if gate.aim is Aim.BETTER:
        return result.change
    return (math.log1p(gate.margin) if gate.kind is Kind.DURATION else gate.margin) + min(result.change, 0.0)


def _spread_of_one(result: Result, alpha: float) -> float:
    """Standard deviation of the change of one case."""
    gate, root = result.gate, math.sqrt(result.n)
    if gate.kind is Kind.DURATION:
        return root * math.log1p(result.detects) / detectable(1.0, alpha=alpha)
    if gate.kind is Kind.SCORE:
        return root * max(0.0, result.detects - gate.span / (result.n + 1)) / detectable(1.0, alpha=alpha)
    return root * (result.high - result.low) / (2 * detectable(1.0, alpha=alpha, power=0.5))
