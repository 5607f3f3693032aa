"""What readiness depends on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from api.wiring.in_use import InUse
from infra.postgres.audit import PostgresAudit
from infra.postgres.catalog import PostgresCatalog

_AGAIN_S = 1.0


def checks(
    catalog: PostgresCatalog, in_use: InUse, audit: PostgresAudit
) -> Mapping[str, Callable[[], Awaitable[object]]]:
    """Each raises a foreseen error if what it is called does not work."""

    async def database() -> object:
        return await asyncio.to_thread(catalog.generation)

    async def generator() -> None:
        with in_use.held() as answering:
            await answering.language.generator().ping()

    checked = float("-inf")

    async def trail() -> None:
        nonlocal checked
        if time.monotonic() - checked > _AGAIN_S:  # anybody may ask, and it writes
            await asyncio.to_thread(audit.check)
            checked = time.monotonic()

    return {"database": database, "generator": generator, "audit": trail}
