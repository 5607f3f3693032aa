"""Streams that end when their source ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")


async def read_ahead(source: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """The items of `source`, read by a task of its own: the source ends when it can, not when it is consumed."""
    items: asyncio.Queue[T | None] = asyncio.Queue()

    async def read() -> None:
        async with aclosing(source):
            async for item in source:
                items.put_nowait(item)

    task = asyncio.create_task(read())
    task.add_done_callback(lambda _: items.put_nowait(None))
    try:
        while (item := await items.get()) is not None:
            yield item
        await task
    finally:
        task.cancel()
        await asyncio.wait({task})
