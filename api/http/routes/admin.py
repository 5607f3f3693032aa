"""What administrators see of a running installation: its readiness, its people, what answers cost, everybody's jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError

from api.http.cursors import read_place, written_place
from api.http.deps import Admin, Administration
from api.http.schemas.administration import AnyJobList, FindingOut, HealthOut, PeopleOut, PersonOut, UsageReport
from api.http.schemas.values import Day

router = APIRouter(prefix="/v1/admin", tags=["admin"])
_MOST_DAYS, _USUAL_DAYS = 93, 30


@router.get("/health", response_model=HealthOut)
def health(administration: Administration, caller: Admin) -> HealthOut:
    """The readiness list, as `footnote doctor` goes through it, of the service that is asked."""
    found = administration.health()
    rows = [FindingOut.model_validate(row, from_attributes=True) for row in found.rows]
    return HealthOut(at=found.at, ok=all(row.level != "failing" for row in rows), rows=rows)


@router.get("/people", response_model=PeopleOut)
def people(administration: Administration, caller: Admin) -> PeopleOut:
    """Whom the installation knows: synced by the identity provider, with keys, signed in, or of the demo."""
    return PeopleOut(
        people=[
            PersonOut(
                user=one.user,
                name=one.name,
                groups=sorted(one.groups),
                active=one.active,
                sources=sorted(one.sources),
                keys=one.keys,
                last_seen=one.last_seen,
            )
            for one in administration.people()
        ]
    )


@router.get("/usage", response_model=UsageReport)
def usage(
    administration: Administration,
    caller: Admin,
    since: Annotated[Day | None, Query(alias="from", description="From this day (UTC); else 30 days.")] = None,
    until: Annotated[Day | None, Query(alias="to", description="Up to this day, 93 days at most; else today.")] = None,
) -> UsageReport:
    """What answers have used, by day and by person."""
    last = until or datetime.now(UTC).date()
    first = since or last - timedelta(days=min(_USUAL_DAYS - 1, last.toordinal() - 1))
    if not 0 <= (last - first).days < _MOST_DAYS:
        wrong = f"'from' lies at most {_MOST_DAYS - 1} days before 'to', and not after it"
        raise RequestValidationError([{"loc": ("query", "from"), "msg": wrong, "type": "value_error"}])
    used = administration.usage(first, last)
    return UsageReport.of(first, last, used, administration.model(), administration.price)


@router.get("/jobs", response_model=AnyJobList)
def list_jobs(
    administration: Administration,
    caller: Admin,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
    after: Annotated[str, Query(max_length=200, description="The `next` of the page before.")] = "",
) -> AnyJobList:
    """Everybody's jobs, newest first, without what their files are called."""
    page = administration.jobs(read_place(after)[0] if after else None, limit)
    return AnyJobList.of(page, written_place((page.last, 0)) if page.last else None)
