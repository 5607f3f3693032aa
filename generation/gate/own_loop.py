"""An event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class OwnLoop:
    """Runs everything in one event loop, whichever thread or loop asks: clients of language models belong to the loop
    that first used them. The thread begins with the first work and ends with `close`, or with the process; a forked
    process begins its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = 0
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Event, threading.Thread] | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Waits for the result; an interrupt cancels the work."""
        future = self._begun(work)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    async def run_async(self, work: Coroutine[Any, Any, T]) -> T:
        """The same for callers in an event loop."""
        return await asyncio.wrap_future(self._begun(work))

    def close(self) -> None:
        """Cancels what still runs. May be called twice."""
        with self._lock:
            running, self._running = self._running, None
        if running and self._process == os.getpid():
            loop, over, thread = running
            loop.call_soon_threadsafe(over.set)
            thread.join()

    def _begun(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        with self._lock:
            if self._running is None or self._process != os.getpid():  # threads do not come along with a fork
                self._running, self._process = _started(), os.getpid()
            return asyncio.run_coroutine_threadsafe(work, self._running[0])


def _started() -> tuple[asyncio.AbstractEventLoop, asyncio.Event, threading.Thread]:
    begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def until_over() -> None:
        over = asyncio.Event()
        begun.set_result((asyncio.get_running_loop(), over))
        await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(until_over()), name="footnote-gate", daemon=True)
    thread.start()
    return (*begun.result(), thread)
