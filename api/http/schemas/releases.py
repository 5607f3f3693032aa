"""Releases, for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from api.http.releases import Release, ReleaseEvent


class ReleaseEventOut(BaseModel):
    """One step. `previous`: for a promotion what was current until then, for a rollback what is current again. `share`:
    of the people, for a canary and an A/B test. `evidence`: what it rests on, as it was kept."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    action: str
    name: str
    previous: str | None
    by: str
    share: float | None
    evidence: dict[str, Any]

    @classmethod
    def of(cls, event: ReleaseEvent) -> ReleaseEventOut:
        return cls.model_validate(event)


class ReleaseOut(BaseModel):
    """`settings`: what it sets; `pins_sha256`: the `config_sha256` of evaluations that were asked by it. `status`:
    proposed, shadow, canary, ab, current, retired or rolled_back."""

    name: str
    created_at: datetime
    by: str
    note: str
    status: str
    settings: dict[str, Any]
    pins_sha256: str

    @classmethod
    def of(cls, release: Release, status: str) -> ReleaseOut:
        return cls(
            name=release.name,
            created_at=release.created_at,
            by=release.by,
            note=release.note,
            status=status,
            settings=dict(release.settings),
            pins_sha256=release.pins_sha256,
        )


class ReleaseList(BaseModel):
    """Newest first. `current`: by which answers are given, null for none; `trial`: the step that began what is tried
    beside it now."""

    releases: list[ReleaseOut]
    current: str | None
    trial: ReleaseEventOut | None


class ReleaseDetail(BaseModel):
    """`pins`: what its settings came out as where it was proposed. `events`: oldest first."""

    release: ReleaseOut
    pins: dict[str, Any]
    events: list[ReleaseEventOut]
