"""Questions and searches over HTTP as many clients ask them, and when what was heard of each."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import httpx2

_SEARCH_EVERY_S = 0.25
_TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class Heard:
    """Seconds since the question was sent. `status`: 0 where there was no HTTP response; `turn`: when it was begun on,
    `end`: when its answer was whole, None where that did not come; `place`: the first number in line."""

    status: int
    head: float
    turn: float | None = None
    end: float | None = None
    place: int = 0

    @property
    def admitted(self) -> bool:
        return self.status == httpx2.codes.OK

    @property
    def took(self) -> float | None:
        """From its turn to its end."""
        return None if self.turn is None or self.end is None else self.end - self.turn


@dataclass(frozen=True, slots=True)
class Asker:
    """One client of a service; `askers` are the keys and questions that it draws from."""

    client: httpx2.AsyncClient
    url: str
    askers: Sequence[tuple[str, str]]

    async def ask(self, number: int) -> Heard:
        key, question = self.askers[number % len(self.askers)]
        headers, body = {"Authorization": f"Bearer {key}"}, {"question": question, "stream": True}
        started = time.perf_counter()
        try:
            async with self.client.stream("POST", f"{self.url}/v1/query", json=body, headers=headers) as response:
                head = time.perf_counter() - started
                if response.status_code != httpx2.codes.OK:
                    return Heard(response.status_code, head)
                return await _heard(response, started, head)
        except httpx2.HTTPError:
            return Heard(0, time.perf_counter() - started)

    async def search(self, number: int) -> float:
        """Seconds; infinite where it was refused."""
        key, question = self.askers[number % len(self.askers)]
        headers, body = {"Authorization": f"Bearer {key}"}, {"query": question, "top_k": 10}
        started = time.perf_counter()
        try:
            response = await self.client.post(f"{self.url}/v1/search", json=body, headers=headers)
        except httpx2.HTTPError:
            return float("inf")
        return time.perf_counter() - started if response.status_code == httpx2.codes.OK else float("inf")

    async def searches(self, count: int | None = None) -> list[float]:
        """One after the other, `count` of them or until it is cancelled."""
        took: list[float] = []
        with suppress(asyncio.CancelledError):
            while count is None or len(took) < count:
                took.append(await self.search(len(took)))
                await asyncio.sleep(_SEARCH_EVERY_S)
        return took

    async def arriving(self, rate: float, seconds: float, seed: int) -> list[Heard]:
        """Questions by a Poisson process of `rate` a second, each asked whatever becomes of the others; all that was
        heard of them, once the last one has ended."""
        drawn, asked = random.Random(seed), list[asyncio.Task[Heard]]()
        began = due = time.perf_counter()
        while (due := due + drawn.expovariate(rate)) < began + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            asked.append(asyncio.create_task(self.ask(len(asked))))
        return list(await asyncio.gather(*asked))

    async def busy(self, at_once: int, count: int) -> list[Heard]:
        """So many clients, each asking again as soon as it has its answer."""
        numbers = iter(range(count))

        async def one() -> list[Heard]:
            return [await self.ask(number) for number in numbers]

        return [heard for found in await asyncio.gather(*(one() for _ in range(at_once))) for heard in found]


def opened() -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=64)
    return httpx2.AsyncClient(timeout=_TIMEOUT_S, trust_env=False, limits=limits)


async def _heard(response: httpx2.Response, started: float, head: float) -> Heard:
    event, turn, end, place = "", None, None, 0
    async for line in response.aiter_lines():
        event = line.removeprefix("event: ") if line.startswith("event: ") else event
        if not line.startswith("data: "):
            continue
        if event == "status":
            told = json.loads(line.removeprefix("data: "))
            place = place or told["place"]
            if turn is None and told["stage"] != "waiting":
                turn = time.perf_counter() - started
        elif event == "final":
            end = time.perf_counter() - started
    return Heard(response.status_code, head, turn, end, place)
