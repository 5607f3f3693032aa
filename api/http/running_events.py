"""A running answer as it is followed: each event once, to whoever may still read what it names."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence

from fastapi.concurrency import run_in_threadpool

from api.http.problems import NotFound
from api.http.running import AnswerClosed, State, Store, Told
from api.http.stopping import stopped
from api.http.stored import Numbers
from api.http.streaming import HEARTBEAT_S, Over, failure, line_of
from retrieval.types import Principal

Version = tuple[str, int]


async def readable(numbers: Numbers, who: Principal, events: Sequence[Told]) -> list[Version]:
    """Document and stored version of all that these events name. Raises `AnswerClosed` where `who` may not read one of
    them now."""
    named = list(dict.fromkeys(place for event in events for place in event.versions))
    if not named:
        return []
    seen = await run_in_threadpool(numbers.of, who, {document_id for document_id, _ in named})
    found = [(document_id, seen.stored(document_id, version_id)) for document_id, version_id in named]
    places = [(document_id, version) for document_id, version in found if version is not None]
    if len(places) < len(found):
        raise AnswerClosed("You may not read all that this answer rests on any more. Ask the question again.")
    return places


class Following:
    """One reader of one running answer, from the event after number `after` on. `reader` tells who reads, by the
    credential as it is now, and is asked anew after `ask_s`."""

    def __init__(
        self,
        store: Store,
        numbers: Numbers,
        id_: str,
        reader: Callable[[], Principal],
        after: int = 0,
        *,
        heartbeat_s: float = HEARTBEAT_S,
        ask_s: float = HEARTBEAT_S,
    ) -> None:
        self._store, self._numbers, self._id, self._reader = store, numbers, id_, reader
        self._sent, self._heartbeat_s, self._ask_s = after, heartbeat_s, ask_s
        self._who: Principal | None = None
        self._asked = -math.inf

    async def events(self, over: Over) -> AsyncIterator[bytes]:
        """Ends with `done`: its own, or after the error that the reader alone meets. A heartbeat, and such an error,
        have the number of the event before them. `over`: until the service stops."""
        ending = asyncio.ensure_future(over())
        try:
            while True:
                news, ended = await self._look()
                if news:
                    yield news
                if ended:
                    return
                if not await self._moved(ending):
                    yield line_of("heartbeat", {}, self._sent)
        except Exception as error:  # noqa: BLE001 - whatever happens, the reader is told in the stream's own form
            yield line_of("error", failure(error), self._sent) + line_of("done", {}, self._sent)
        finally:
            ending.cancel()

    async def _look(self) -> tuple[bytes, bool]:
        """What is new, and whether that is all. What was sent before is checked again, for sentences rest on it."""
        who = await self._now()
        answer = await self._store.find(self._id, who.owner)
        if answer is None:
            raise NotFound
        every = await self._store.told(self._id)
        if self._sent > len(every):
            self._sent = 0  # the number of no event of it
        news = every[self._sent :]
        if news:
            await readable(self._numbers, who, every)
        lines = [line_of(event.kind, event.data, number) for number, event in enumerate(news, self._sent + 1)]
        self._sent = len(every)
        return b"".join(lines), answer.state is not State.RUNNING

    async def _now(self) -> Principal:
        now = asyncio.get_running_loop().time()
        if self._who is None or now - self._asked >= self._ask_s:
            self._who, self._asked = await run_in_threadpool(self._reader), now
        return self._who

    async def _moved(self, ending: asyncio.Future[None]) -> bool:
        """False: nothing for long. Raises `ServiceStopping`."""
        changing = asyncio.ensure_future(self._store.changed(self._id, self._sent))
        try:
            done, _ = await asyncio.wait(
                {changing, ending}, timeout=self._heartbeat_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            changing.cancel()
        if ending in done and changing not in done:
            raise stopped()
        return bool(done)
