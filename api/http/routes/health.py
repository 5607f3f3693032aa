"""GET /healthz: the process lives. GET /readyz: it can answer."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.http.deps import Checks
from api.http.schemas.problems import Health
from ingest.errors import FootnoteError

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Health)
def healthz() -> Health:
    return Health(status="ok")


@router.get("/readyz", response_model=Health)
async def readyz(checks: Checks, response: Response) -> Health:
    """200 if the database and the generator answer, else 503 and which of them does not."""
    found = {}
    for name, check in checks.items():
        try:
            await check()
            found[name] = "ok"
        except FootnoteError as error:
            found[name] = error.code
    ready = all(result == "ok" for result in found.values())
    response.status_code = 200 if ready else 503
    if not ready:
        response.headers["Retry-After"] = "5"
    return Health(status="ok" if ready else "not ready", checks=found)
