"""What readiness depends on."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping

from anyio import to_thread

from api.wiring.in_use import InUse
from infra.postgres.audit import PostgresAudit
from infra.postgres.catalog import PostgresCatalog

_AGAIN_S = 1.0


def checks(
    catalog: PostgresCatalog, in_use: InUse, audit: PostgresAudit
) -> Mapping[str, Callable[[], Awaitable[object]]]:
    """Each raises a foreseen error if what it is called does not work."""

    async def database() -> object:
        return await to_thread.run_sync(catalog.generation)  # not in the threads of answers

    async def generator() -> None:
        with in_use.held() as answering:
            await answering.language.generator().ping()

    checked = float("-inf")

    async def trail() -> None:
        nonlocal checked
        if time.monotonic() - checked > _AGAIN_S:  # anybody may ask, and it writes
            await to_thread.run_sync(audit.check)
            checked = time.monotonic()

    return {"database": database, "generator": generator, "audit": trail}
