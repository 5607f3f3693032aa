"""A release is proposed: its settings validated, composed once on this machine, and pinned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from api.wiring.adapter_in_use import CURRENT, NONE
from api.wiring.deployment import Chosen, Deploying, Wanted, known
from api.wiring.in_use import Answering
from api.wiring.pins import JUDGE, drift, pinned, setup, setup_sha256
from api.wiring.weights import Folder
from infra.models.manifest import Role
from infra.models.store import ModelStore
from infra.postgres.errors import AdapterRefused, ReleaseRefused
from infra.postgres.releases import PostgresReleases, Release
from infra.settings import INDEXED, RELEASABLE, Settings, SettingsError, overlaid


class Indexes(Protocol):
    """`api.wiring.indexes.Beside`."""

    def asked(self, settings: Settings) -> bool: ...

    def build(self, settings: Settings, told: Callable[[int, int], None]) -> object: ...


@dataclass(frozen=True, slots=True)
class Proposal:
    """`changes`: what it says otherwise than what answers now. `same_as`: the release that answers now, if it says and
    comes out as the same."""

    release: Release
    changes: Mapping[str, tuple[Any, Any]]
    same_as: str | None


class Proposing:
    """`beside`: answers by something until the end of the block, as `InUse.beside`. `folder`: where the files of a
    model are, as `api.bootstrap.models`."""

    def __init__(
        self,
        releases: PostgresReleases,
        deploying: Deploying,
        beside: Callable[[Wanted], AbstractContextManager[Answering]],
        models: ModelStore,
        folder: Folder,
        indexes: Indexes,
    ) -> None:
        self._releases, self._deploying, self._beside = releases, deploying, beside
        self._models, self._folder, self._indexes = models, folder, indexes

    def propose(
        self,
        name: str,
        changes: Mapping[str, Any],
        *,
        by: str,
        note: str = "",
        base: str = CURRENT,
        told: Callable[[int, int], None] = lambda done, of: None,
    ) -> Proposal:
        """Keeps it; nothing answers by it yet. It says all of `RELEASABLE`: `changes`, and for the rest what `base`
        says: the release of this name, "current" for what is in use, "none" for profile and environment.

        Where it asks for an index of its own, that is made first: `told` how much of it is there. Interrupted, it goes
        on when it is proposed again. It is started once, so that what cannot be loaded here is not proposed: raises
        `ReleaseRefused`, `AdapterRefused`, `SettingsError`, `ModelError`, or what `Language.start` raises.
        """
        self._releases.check_name(name)
        before = self._base(base)
        refuse(changes, before.settings)
        wanted = self._named_adapter(overlaid(before.settings, changes), name)
        settings = wanted.chosen.settings
        self._check_models(settings)
        pins = pinned(wanted, self._models)
        if wanted.chosen.beside:
            self._indexes.build(settings, told)
        with self._beside(wanted) as answering:
            pins |= {JUDGE: answering.gate.name}
            answering.service  # noqa: B018  which loads the rest
        says = (*RELEASABLE, *INDEXED) if wanted.chosen.beside else RELEASABLE
        values = {setting: getattr(settings, setting) for setting in says}
        release = Release(name, values, pins, setup_sha256(setup(pins)), by, note)
        self._releases.add(release, {"set": dict(changes), "from": before.release})
        now = self._releases.current()
        same = now is not None and (now.settings, now.pins_sha256) == (release.settings, release.pins_sha256)
        changed = differences(before.settings, settings)
        return Proposal(self._releases.named(name), changed, now.name if now and same else None)

    def drifted(self, release: Release) -> list[str]:
        """What it does not come out as any more on this machine, in words. Raises what cannot be composed at all."""
        return drifted(release, self._deploying, self._models)

    def setup_now(self, name: str | None) -> dict[str, Any]:
        """What the release of this name comes out as on this machine by now, in the short form, and None what there is
        without one; all but who checks. Raises what cannot be composed at all."""
        chosen = self._deploying.by(name) if name else self._deploying.plain
        wanted = self._deploying.wanted(chosen)
        told = setup(pinned(wanted, self._models) | {JUDGE: ""})
        del told[JUDGE]
        return told

    def _check_models(self, settings: Settings) -> None:
        """Raises `SettingsError` for a model of another kind, `ModelError` for one that is not here."""
        for role in (Role.EMBEDDER, Role.RERANKER, Role.JUDGE, Role.SELECTOR, Role.DETECTOR):
            if name := getattr(settings, role):
                self._folder(name, role)

    def _base(self, base: str) -> Chosen:
        if base == NONE:
            return self._deploying.plain
        return self._deploying.now().current if base == CURRENT else self._deploying.by(base)

    def _named_adapter(self, settings: Settings, name: str) -> Wanted:
        """With the adapter by its own name, whatever is current."""
        try:
            found = self._deploying.wanted(Chosen(name, settings)).adapter
        except (AdapterRefused, SettingsError) as error:
            raise ReleaseRefused(f"{error} A release names its adapter: --adapter NAME, or --adapter none.") from error
        settings = overlaid(settings, {"adapter": found.name if found else NONE})
        return Wanted(Chosen(name, settings, self._indexes.asked(settings)), found)


def drifted(release: Release, deploying: Deploying, models: ModelStore) -> list[str]:
    """As `Proposing.drifted`."""
    gone = sorted(release.settings.keys() - known(release))
    wanted = deploying.wanted(deploying.by(release.name))
    now = pinned(wanted, models)
    return [*(f"{name} is no setting of a release any more" for name in gone), *drift(release.pins, now)]


def refuse(changes: Mapping[str, Any], settings: Settings) -> None:
    """Raises `ReleaseRefused` for what is not a release's, or decides nothing under `settings`."""
    if settings.llm_url and (served := sorted({"generator", "engine"} & changes.keys())):
        raise ReleaseRefused(f"{served[0]} decides nothing here: what FOOTNOTE_LLM_URL names answers.")
    for name in changes:
        if name in RELEASABLE or name in INDEXED:
            continue
        if name == "ocr":
            raise ReleaseRefused(
                "ocr cannot be changed by a release: it decides what words are stored of a file, and citations stand "
                "in these. Set FOOTNOTE_OCR, and add again what should be read by another."
            )
        if name in Settings.model_fields:
            raise ReleaseRefused(
                f"{name} is not of a release but of the machine: set FOOTNOTE_{name.upper()} where it serves."
            )
        raise ReleaseRefused(f"{name} is no setting. A release has: {', '.join((*RELEASABLE, *INDEXED))}.")


def differences(old: Settings, new: Settings) -> dict[str, tuple[Any, Any]]:
    """What a release may change and is not the same, by name: old and new."""
    pairs = {name: (getattr(old, name), getattr(new, name)) for name in (*RELEASABLE, *INDEXED)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
