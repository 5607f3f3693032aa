"""GET /metrics: for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.http.deps import Admin, Watching

router = APIRouter(tags=["health"])
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus' text format"}
    },
)
def metrics(telemetry: Watching, _: Admin) -> Response:
    """Counters and histograms of this process, for a scraper whose key carries the scope `admin`. Labels hold no names
    of people, paths or documents."""
    return Response(telemetry.scrape(), headers={"Content-Type": _TEXT})
