"""Releases and what was done to them: which one answers, which one is tried, and what was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

Mode = Literal["shadow", "canary", "ab"]
Action = Literal["propose", "shadow", "canary", "ab", "promote", "rollback", "stop", "retire"]
Status = Literal["proposed", "shadow", "canary", "ab", "current", "retired", "rolled_back"]
MODES: tuple[Mode, ...] = get_args(Mode)
_BECOMES: Mapping[Action, Status] = {
    "propose": "proposed", "shadow": "shadow", "canary": "canary", "ab": "ab", "promote": "current",
    "rollback": "rolled_back", "retire": "retired",
}  # fmt: skip
PUT_AWAY = frozenset({"rolled_back", "retired"})


@dataclass(frozen=True, slots=True)
class Release:
    """Never changed: other settings are another release.

    Args:
        name: unique, [a-z0-9][a-z0-9._-]{0,63}.
        settings: what decides answers, by the names of fields of Settings.
        pins: what the settings came out as where it was proposed, as `api.wiring.pins`; `pins_sha256` (hex) is the
            `config_sha256` of the evaluations that were asked by it.
        by: "operator" for a command on the machine, else user:NAME.
    """

    name: str
    settings: Mapping[str, Any]
    pins: Mapping[str, Any]
    pins_sha256: str
    by: str
    note: str = ""
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class ReleaseEvent:
    """One step. `stop`: ends a trial, whose release is again what it was before. `previous`: for a promotion what was
    current until then, for a rollback what is current again (of a candidate: what still is); None for nothing. `share`:
    of the people, for a canary and an A/B test."""

    number: int
    at: datetime
    action: Action
    name: str
    previous: str | None
    by: str
    share: float | None
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is tried beside the current release, since `at`, the event of this `number`. Shadow: share 0."""

    release: Release
    mode: Mode
    share: float
    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What follows from the events. `held`: the promotions that no rollback has undone, oldest first. `trial` began the
    trial that goes on; whatever changes what is current ends it, for it was against that. `settled`: statuses as if
    nothing were tried, which come back where a trial ends: to be tried takes nothing back."""

    held: tuple[str, ...]
    trial: ReleaseEvent | None
    settled: Mapping[str, Status]

    @property
    def current(self) -> str | None:
        return self.held[-1] if self.held else None

    @property
    def statuses(self) -> Mapping[str, Status]:
        return {**self.settled, **({self.trial.name: _BECOMES[self.trial.action]} if self.trial else {})}


def standing(events: Iterable[ReleaseEvent]) -> Standing:
    """`events`: all, oldest first."""
    held: list[str] = []
    trial: ReleaseEvent | None = None
    settled: dict[str, Status] = {}
    for event in events:
        if trial is not None and (event.action in {"promote", "rollback"} or trial.name == event.name):
            trial = None
        if event.action in MODES:
            trial = event
        if event.action not in _BECOMES or event.action in MODES:
            continue
        if event.action == "promote":
            settled |= dict.fromkeys(held[-1:], "retired")
            held.append(event.name)
        settled[event.name] = _BECOMES[event.action]
        if event.action == "rollback" and held[-1:] == [event.name]:
            held.pop()
            settled |= dict.fromkeys(held[-1:], "current")
    return Standing(tuple(held), trial, settled)
