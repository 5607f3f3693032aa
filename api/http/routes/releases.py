"""Releases and what was done to them, for administrators; they are proposed and promoted on the command line."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.http.deps import Admin, Releases
from api.http.problems import NotFound
from api.http.schemas.releases import ReleaseDetail, ReleaseEventOut, ReleaseList, ReleaseOut

router = APIRouter(prefix="/v1/releases", tags=["releases"])
UNKNOWN = "proposed"


@router.get("", response_model=ReleaseList)
def list_releases(releases: Releases, caller: Admin) -> ReleaseList:
    """Every release, newest first, which one answers, and which one is tried beside it."""
    now = releases.standing()
    found = [ReleaseOut.of(one, now.statuses.get(one.name, UNKNOWN)) for one in reversed(releases.all())]
    trial = ReleaseEventOut.of(now.trial) if now.trial else None
    return ReleaseList(releases=found, current=now.current, trial=trial)


@router.get("/{name}", response_model=ReleaseDetail)
def read_release(name: Annotated[str, Path(max_length=64)], releases: Releases, caller: Admin) -> ReleaseDetail:
    """A release, what it came out as where it was proposed, and every step of its life with the evidence."""
    release = next((one for one in releases.all() if one.name == name), None)
    if release is None:
        raise NotFound("There is no such release.")
    told = ReleaseOut.of(release, releases.standing().statuses.get(name, UNKNOWN))
    events = [ReleaseEventOut.of(one) for one in releases.events(name)]
    return ReleaseDetail(release=told, pins=dict(release.pins), events=events)
