"""What a service should answer by: the release in use, the one that is tried beside it, and the settings of both."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.wiring.adapter_in_use import CURRENT, NONE, AdapterInUse
from infra.postgres.errors import AdapterRefused, ReleaseRefused
from infra.postgres.releases import Candidate, Mode, PostgresReleases, Release, ReleaseEvent
from infra.settings import INDEXED, RELEASABLE, Settings, SettingsError, asked, overlaid

__all__ = ["Chosen", "Deploying", "Deployment", "Release", "ReleaseEvent", "Trial", "Wanted", "known", "not_used"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Settings to answer by: those of profile and environment, with those of a release in their place. `release` is
    None without one, and where an option of the command changes what the release says. `beside`: whether it is answered
    from an index of its own, made by its `INDEXED` settings."""

    release: str | None
    settings: Settings = field(compare=False, repr=False)
    beside: bool = False
    decides: tuple[object, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        names = (*RELEASABLE, *INDEXED)
        object.__setattr__(self, "decides", tuple(getattr(self.settings, name) for name in names))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an `Answering` is made from. Two that are equal answer alike in one process."""

    chosen: Chosen
    adapter: AdapterInUse | None

    @property
    def language(self) -> tuple[object, ...]:
        """What decides the language model, as far as it can differ in one process."""
        settings = self.chosen.settings
        return (self.adapter,) if settings.llm_url else (settings.generator, settings.engine, self.adapter)


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried beside the current release: in the background (shadow, share 0) or on a `share` of the people,
    since the event of this `number`."""

    chosen: Chosen
    mode: Mode
    share: float
    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    current: Chosen
    trial: Trial | None = None


class Deploying:
    """Looks up what is deployed, each time that it is asked: a few rows.

    Args:
        settings: of profile, environment and command; FOOTNOTE_RELEASE says whether a release goes before them.
        adapter: finds the adapter that settings name. Raises what `adapter_in_use` raises.
    """

    def __init__(
        self,
        settings: Settings,
        releases: Callable[[], PostgresReleases],
        adapter: Callable[[Settings], AdapterInUse | None],
    ) -> None:
        self._settings, self._releases, self._adapter = settings, releases, adapter

    def now(self) -> Deployment:
        """Raises `SettingsError` for a release that cannot be used any more, `ReleaseRefused` for one that
        FOOTNOTE_RELEASE names and is not there."""
        current, candidate = self._in_use()
        return Deployment(current, self._trial(candidate))

    def current(self) -> Chosen:
        """As `now`, whatever is wrong with what is tried beside it."""
        return self._in_use()[0]

    def tried(self) -> Candidate | None:
        """What is tried in this process beside the current release; it may be of no use."""
        return self._in_use()[1]

    def _in_use(self) -> tuple[Chosen, Candidate | None]:
        if self._settings.release == NONE:
            return self.plain, None
        if self._settings.release != CURRENT:
            return self.by(self._settings.release), None
        current, candidate = self._releases().in_use()
        return self._chosen(current) if current else self.plain, candidate

    @property
    def plain(self) -> Chosen:
        """Without a release."""
        return Chosen(None, self._settings)

    def by(self, name: str) -> Chosen:
        """By the release of this name, whatever its state. Raises `ReleaseRefused` or `SettingsError`."""
        return self._chosen(self._releases().named(name))

    @property
    def adapter_pinned(self) -> str:
        """What whoever promotes an adapter should know; "" where no release is in use."""
        current = self._releases().current() if self._settings.release == CURRENT else None
        if current is None:
            return ""
        return (
            f"The release {current.name} is in use, with {_adapter_of(current)}, and stays so. To answer with another: "
            "footnote release propose NAME --adapter ADAPTER, and promote that."
        )

    def wanted(self, chosen: Chosen) -> Wanted:
        """With the adapter that the settings name. Raises what `adapter_in_use` raises."""
        return Wanted(chosen, self._adapter(chosen.settings))

    def once(self, name: str | None) -> Wanted:
        """What an answer was given by whose record names this release, or none; what is in use by now where that is not
        here any more or cannot be used."""
        try:
            return self.wanted(self.by(name) if name else self.plain)
        except (AdapterRefused, ReleaseRefused, SettingsError):
            return self.wanted(self.current())

    def _trial(self, found: Candidate | None) -> Trial | None:
        if found is None:
            return None
        return Trial(self._chosen(found.release), found.mode, found.share, found.number, found.at)

    def _chosen(self, release: Release) -> Chosen:
        own = asked(self._settings)
        settings = overlaid(self._settings, {name: value for name, value in known(release).items() if name not in own})
        changed = any(getattr(settings, name) != value for name, value in known(release).items())
        beside = any(name in release.settings for name in INDEXED)
        return Chosen(None if changed else release.name, settings, beside)


def _adapter_of(release: Release) -> str:
    name = str(release.settings.get("adapter") or NONE)
    return "no adapter" if name == NONE else f"the adapter {name}"


def known(release: Release) -> Mapping[str, Any]:
    """What it says of settings that this version of Footnote has. `api.wiring.pins` tells of others."""
    return {name: value for name, value in release.settings.items() if name in RELEASABLE or name in INDEXED}


def not_used(release: Release | None) -> list[str]:
    """Variables of the environment that are set and in whose place the release's settings are."""
    names = [name for name in known(release) if name in RELEASABLE] if release else ()
    return [variable for name in names if os.environ.get(variable := f"FOOTNOTE_{name.upper()}")]
