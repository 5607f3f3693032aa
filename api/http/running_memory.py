"""Running answers in the memory of one process: so many, so long, so many bytes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from api.http.running import NoRoomToRun, RunningAnswer, State, Told, TooManyRunning
from ingest.errors import NotNow

_LATER_S = 10


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many answers one person has here, and all have; bytes of one answer's events, and of all; seconds after its
    end until an answer is forgotten. What has ended makes room first."""

    each: int = 20
    in_all: int = 1000
    answer_bytes: int = 4 << 20
    bytes_in_all: int = 64 << 20
    kept_s: float = 600.0


@dataclass(slots=True, eq=False)
class _Kept:
    answer: RunningAnswer
    events: list[Told] = field(default_factory=list)
    bytes: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def runs(self) -> bool:
        return self.answer.state is State.RUNNING

    def move(self) -> None:
        """Wakes who waits for news."""
        self.moved.set()
        self.moved = asyncio.Event()


class InMemory:
    """Implements `Store`. Of one event loop, where no call is interrupted by another."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._kept: dict[str, _Kept] = {}  # oldest first
        self._bytes = 0

    async def add(self, answer: RunningAnswer) -> None:
        bounds = self._bounds
        if len(own := [one for one in self._kept.values() if one.answer.owner == answer.owner]) >= bounds.each:
            self._make_room(own, TooManyRunning(
                f"You have as many answers under way as one person may ({bounds.each}). "
                "Wait for one of them or stop it, then ask again.", _LATER_S,
            ))  # fmt: skip
        if len(self._kept) >= bounds.in_all:
            self._make_room(self._kept.values(), _full())
        self._kept[answer.id] = _Kept(answer)

    async def tell(self, answer: RunningAnswer, events: Sequence[Told]) -> None:
        kept = self._kept.get(answer.id)
        if kept is None:
            return
        size = sum(len(json.dumps(one.data)) for one in events)
        if answer.state is State.RUNNING:
            if kept.bytes + size > self._bounds.answer_bytes:
                raise _full()
            while self._bytes + size > self._bounds.bytes_in_all:
                self._make_room(self._kept.values(), _full())
        kept.answer = answer
        kept.events += events
        kept.bytes += size
        self._bytes += size
        kept.move()
        if not kept.runs:
            asyncio.get_running_loop().call_later(self._bounds.kept_s, self._forget, answer.id)

    async def of(self, owner: str) -> Sequence[RunningAnswer]:
        return [one.answer for one in reversed(self._kept.values()) if one.answer.owner == owner]

    async def find(self, id_: str, owner: str) -> RunningAnswer | None:
        kept = self._kept.get(id_)
        return kept.answer if kept and kept.answer.owner == owner else None

    async def told(self, id_: str, after: int = 0) -> Sequence[Told]:
        kept = self._kept.get(id_)
        return kept.events[after:] if kept else []

    async def changed(self, id_: str, after: int) -> None:
        while (kept := self._kept.get(id_)) and kept.runs and len(kept.events) <= after:
            await kept.moved.wait()

    async def remove(self, id_: str) -> None:
        self._forget(id_)

    async def ask_to_stop(self, id_: str) -> None:
        if kept := self._kept.get(id_):
            kept.stop.set()

    async def asked_to_stop(self, id_: str) -> None:
        if kept := self._kept.get(id_):
            await kept.stop.wait()

    def _make_room(self, among: Iterable[_Kept], refusal: NotNow) -> None:
        """Forgets the one that was begun first of those that have ended."""
        oldest = next((one for one in among if not one.runs), None)
        if oldest is None:
            raise refusal
        self._forget(oldest.answer.id)

    def _forget(self, id_: str) -> None:
        if kept := self._kept.pop(id_, None):
            self._bytes -= kept.bytes
            kept.move()


def _full() -> NoRoomToRun:
    return NoRoomToRun(
        "No more can be kept of answers that go on without their reader. Ask again later, or without `keep`.", _LATER_S
    )
