"""What requests under way are told when the service is stopped."""

from __future__ import annotations

import asyncio

from ingest.errors import ServiceStopping

GRACE_S = 5.0  # for requests under way
_LAST_WORDS_S = 1.0  # of that, for the end of a stream


class Stopping:
    """Of one application. `begin` is called once, in the event loop that serves it."""

    def __init__(self) -> None:
        self.begun = False
        self._ended = False
        self._waiting: set[asyncio.Future[None]] = set()

    def begin(self) -> None:
        self.begun = True
        asyncio.get_running_loop().call_later(GRACE_S - _LAST_WORDS_S, self._end)

    async def over(self) -> None:
        """Returns when those who are still answering have to come to an end."""
        if self._ended:
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)

    def _end(self) -> None:
        self._ended = True
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)


def stopped() -> ServiceStopping:
    return ServiceStopping("The service is stopping. Send the request again when it is back.")
