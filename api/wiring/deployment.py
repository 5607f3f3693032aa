"""What a service should answer by: the release in use, the one that is tried beside it, and the settings of both."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.wiring.adapter_in_use import CURRENT, NONE, AdapterInUse
from infra.postgres.errors import AdapterRefused, ReleaseRefused
from infra.postgres.releases import Candidate, Mode, PostgresReleases, Release
from infra.settings import RELEASABLE, Settings, SettingsError, asked, overlaid


@dataclass(frozen=True, slots=True)
class Chosen:
    """Settings to answer by: those of profile and environment, with those of a release in their place. `release` is
    None without one, and where an option of the command changes what the release says."""

    release: str | None
    settings: Settings = field(compare=False, repr=False)
    decides: tuple[object, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "decides", tuple(getattr(self.settings, name) for name in RELEASABLE))


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
        return Chosen(None if changed else release.name, settings)


def known(release: Release) -> Mapping[str, Any]:
    """What it says of settings that this version of Footnote has. `api.wiring.pins` tells of others."""
    return {name: value for name, value in release.settings.items() if name in RELEASABLE}


def not_used(release: Release | None) -> list[str]:
    """Variables of the environment that are set and in whose place the release's settings are."""
    names = known(release) if release else ()
    return [variable for name in names if os.environ.get(variable := f"FOOTNOTE_{name.upper()}")]
