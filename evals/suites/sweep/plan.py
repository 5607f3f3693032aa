"""The file of a sweep: what is varied, over which cases, for what, and for how long."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.terminal import UsageError
from infra.settings import SettingsError, load_settings

SWEEPABLE = frozenset(
    {
        "generator", "adapter", "engine", "judge", "selector", "detector", "reranker", "embedder", "chunking",
        "chunk_chars", "search_candidates", "search_fusion", "dense_weight", "answer_rerank", "rerank_weight", "hyde",
        "budget_chars", "shown_chars", "quote_from", "passages", "max_tokens", "judge_threshold", "relevance_threshold",
    }
)  # fmt: skip
_STEPS = 20  # of a range of fractions that says nothing of its own
INDEXED = frozenset({"embedder", "chunking", "chunk_chars"})
"""Of these another value is another index."""
_KEYS: Mapping[str, set[str]] = {
    "base": set(),
    "parameters": set(),
    "cases": {"sample", "refusals", "files", "answers", "limit", "hold_out"},
    "objective": {"wrong", "seconds"},
    "run": {"configurations", "minutes", "seed"},
}


@dataclass(frozen=True, slots=True)
class Values:
    """One of these."""

    of: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """`low` to `high`, both inclusive, in steps; whole numbers if all three are."""

    low: float
    high: float
    step: float

    @property
    def whole(self) -> bool:
        return all(isinstance(one, int) for one in (self.low, self.high, self.step))


@dataclass(frozen=True, slots=True)
class Plan:
    """`wrong`: what a wrong answer takes off, in right ones. `seconds`: "first" or "end". `minutes`: no case is begun
    after that time. `hold_out`: half of the cases only report."""

    base: Mapping[str, Any]
    parameters: Mapping[str, Values | Range]
    sample: bool
    refusals: bool
    files: tuple[Path, ...]
    answers: str
    limit: int
    hold_out: bool
    wrong: float
    seconds: str
    configurations: int
    minutes: float
    seed: int


def planned(path: Path) -> Plan:
    """Raises `UsageError` that names what is wrong."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    for section, told in found.items():
        if section not in _KEYS or not isinstance(told, dict):
            raise UsageError(f"{path}: {section} is no section; write {', '.join(f'[{name}]' for name in _KEYS)}.")
        if unknown := sorted(set(told) - _KEYS[section]) if _KEYS[section] else []:
            raise UsageError(f"{path}: {section}.{unknown[0]} is not known (docs/sweeps.md).")
    base = {name: value for name, value in found.get("base", {}).items() if _sweepable(path, name)}
    parameters = {
        name: _parameter(path, name, told)
        for name, told in found.get("parameters", {}).items()
        if _sweepable(path, name)
    }
    if not parameters:
        raise UsageError(f"{path}: nothing is varied; write [parameters].")
    if both := sorted(set(base) & set(parameters)):
        raise UsageError(f"{path}: {both[0]} is in [base] and in [parameters].")
    cases, objective, run = (found.get(name, {}) for name in ("cases", "objective", "run"))
    plan = Plan(
        base=base,
        parameters=parameters,
        sample=_yes(path, "sample", cases.get("sample", not (cases.get("files") or cases.get("answers")))),
        refusals=_yes(path, "refusals", cases.get("refusals", False)),
        files=_files(path, cases.get("files", [])),
        answers=str(cases.get("answers", "")),
        limit=_whole(path, "cases.limit", cases.get("limit", 0), 0),
        hold_out=_yes(path, "hold_out", cases.get("hold_out", True)),
        wrong=_number(path, "objective.wrong", objective.get("wrong", 1.0)),
        seconds=str(objective.get("seconds", "end")),
        configurations=_whole(path, "run.configurations", run.get("configurations", 20), 1),
        minutes=_number(path, "run.minutes", run.get("minutes", 480)),
        seed=_whole(path, "run.seed", run.get("seed", 0), 0),
    )
    if plan.seconds not in {"first", "end"}:
        raise UsageError(f'{path}: objective.seconds is "first" or "end".')
    _settable(path, plan)
    return plan


def _sweepable(path: Path, name: str) -> bool:
    if name not in SWEEPABLE:
        raise UsageError(f"{path}: {name} cannot be varied. Choose from {', '.join(sorted(SWEEPABLE))}.")
    return True


def _parameter(path: Path, name: str, told: object) -> Values | Range:
    if isinstance(told, list) and told and len(set(map(repr, told))) == len(told):
        return Values(tuple(told))
    if isinstance(told, dict) and {"from", "to"} <= set(told) <= {"from", "to", "step"}:
        low, high = told["from"], told["to"]
        if all(type(one) in {int, float} for one in told.values()) and low < high:
            whole = all(type(one) is int for one in told.values())
            step = told.get("step", 1 if whole else round((high - low) / _STEPS, 6))
            if step > 0:
                return Range(low, high, step)
    raise UsageError(f"{path}: {name} is a list of different values, or {{ from = 1, to = 9, step = 2 }}.")


def _settable(path: Path, plan: Plan) -> None:
    """Every value is one that the service would start with."""
    for name, parameter in plan.parameters.items():
        values = parameter.of if isinstance(parameter, Values) else (parameter.low, parameter.high)
        for value in values:
            try:
                load_settings(**{**plan.base, name: value})
            except SettingsError as error:
                raise UsageError(f"{path}: {error}") from error


def _files(path: Path, told: object) -> tuple[Path, ...]:
    if not isinstance(told, list) or not all(isinstance(name, str) and name for name in told):
        raise UsageError(f'{path}: cases.files is a list of files beside it, ["golden.jsonl"].')
    return tuple(path.parent / name for name in told)


def _yes(path: Path, name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{path}: cases.{name} is true or false.")
    return value


def _number(path: Path, name: str, value: object) -> float:
    if type(value) not in {int, float} or not math.isfinite(value) or value < 0:  # type: ignore[arg-type, operator]
        raise UsageError(f"{path}: {name} is a number from 0.")
    return float(value)  # type: ignore[arg-type]


def _whole(path: Path, name: str, value: object, least: int) -> int:
    if type(value) is not int or value < least:
        raise UsageError(f"{path}: {name} is a whole number from {least}.")
    return value
