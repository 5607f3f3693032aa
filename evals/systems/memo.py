"""Replies of a language model, kept by everything that decides them, so that a prompt is paid for once.

A language model is by far the slowest part of an answer and is asked greedily: what differs in gate, thresholds, search
or context alone changes some of its prompts, and only these are asked. For measurements, never for serving.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from api.terminal import UsageError
from api.wiring.hosting import Client
from generation.errors import GenerationError
from generation.llm.client import Dialect, OpenAIChatModel
from generation.llm.streaming import read_ahead
from generation.types import ChatMessage, Delta, Usage

_TABLE = "CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply TEXT NOT NULL)"


class MemoDiffers(GenerationError):
    """The model, asked once more, does not say what it said."""

    code = "memo_differs"


class Clock:
    """Seconds as they would have gone by had the model been asked: those of the machine, and for what comes out of the
    memo the time until it came when it was recorded, as far as nothing else was done meanwhile.

    `slower`: what those of the model are multiplied by.
    """

    def __init__(self, slower: float = 1.0) -> None:
        self.slower = slower
        self.added = 0.0

    def now(self) -> float:
        return time.perf_counter() + self.added

    def reached(self, since: float, seconds: float) -> None:
        """It is at least so many of the model's seconds later than `since`."""
        self.added += max(0.0, since + seconds * self.slower - self.now())


class Memo:
    """The file of replies. It holds words of documents and of answers, so it is kept as they are. Thread-safe.

    Args:
        path: of an SQLite database; None: in memory. Raises `UsageError` for a file of another kind.
        repeat: another number is a memo of its own: the same prompts are asked anew.
    """

    def __init__(self, path: Path | None, *, repeat: int = 0) -> None:
        self._lock = threading.Lock()
        self._repeat = repeat
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(0o600)  # never open to others, not even while it is made
            path.chmod(0o600)
        try:
            self._file = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
            self._file.execute(_TABLE)
        except sqlite3.Error as error:
            raise UsageError(f"{path} is no memo of replies ({error}): remove it, or name another file.") from error
        self.asked = self.remembered = 0
        self.clock = Clock()

    def key(self, decided: Mapping[str, object]) -> str:
        text = json.dumps([self._repeat, decided], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def known(self, key: str) -> dict[str, Any] | None:
        with self._lock:
            found = self._file.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
        return None if found is None else json.loads(found[0])

    def keep(self, key: str, reply: Mapping[str, object]) -> None:
        with self._lock:
            self._file.execute("INSERT OR REPLACE INTO replies VALUES (?, ?)", (key, json.dumps(reply)))

    def drop(self, key: str) -> None:
        with self._lock:
            self._file.execute("DELETE FROM replies WHERE key = ?", (key,))

    def close(self) -> None:
        self._file.close()


class RememberedModel(OpenAIChatModel):
    """Replies as the memo has them, else as `real` gives them, which is only then made.

    Args:
        decided: what decides a reply besides what it is asked: model, engine, adapter.
        real: makes the client, in a thread, for this may start a server.
    """

    def __init__(
        self,
        memo: Memo,
        decided: Mapping[str, object],
        real: Callable[[], Awaitable[Client]],
        *,
        name: str,
        adapter: str,
        dialect: Dialect,
    ) -> None:
        super().__init__("http://memo.invalid/v1", name, adapter, dialect=dialect)
        self._memo, self._decided, self._real = memo, decided, real
        self._opened: Client | None = None

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        """A reply that was left before its end is asked for again by who reads on; raises `MemoDiffers` if it does not
        begin as it did."""
        key = self._key("stream", messages, max_tokens=max_tokens, stop=list(stop))
        known, clock = self._memo.known(key), self._memo.clock
        since, given = clock.now(), ""
        if known is not None:
            self._memo.remembered += 1
            for seconds, text in known["deltas"]:
                clock.reached(since, seconds)
                given += text
                yield Delta(text)
            if known["end"] is not None:
                seconds, usage, cut = known["end"]
                clock.reached(since, seconds)
                yield Delta("", Usage(*usage) if usage else None, cut=cut)
                return
        model = await self._ready()
        since = clock.now() if known is None else since
        asked = model.stream(messages, max_tokens=max_tokens, stop=stop, cache_salt=cache_salt)
        told = ""
        async with aclosing(read_ahead(self._recorded(key, asked))) as deltas:
            async for seconds, delta in deltas:
                clock.reached(since, seconds)
                told += delta.text
                begun = min(len(told), len(given))
                if told[:begun] != given[:begun]:
                    self._memo.drop(key)
                    raise MemoDiffers("The language model does not say again what it said. Ask again.")
                rest = delta.text[max(0, len(delta.text) - max(0, len(told) - len(given))) :] if given else delta.text
                if rest or not delta.text:
                    yield Delta(rest, delta.usage, cut=delta.cut)

    async def _recorded(
        self, key: str, asked: AsyncGenerator[Delta, None]
    ) -> AsyncGenerator[tuple[float, Delta], None]:
        """With the seconds until each delta; kept also where it is left before its end, but not after an error."""
        started = time.perf_counter()
        deltas: list[tuple[float, str]] = []
        end: tuple[float, list[int] | None, bool] | None = None
        failed = False
        try:
            async for delta in asked:
                seconds = round(time.perf_counter() - started, 4)
                if delta.text:
                    deltas.append((seconds, delta.text))
                else:
                    usage = [delta.usage.prompt_tokens, delta.usage.completion_tokens] if delta.usage else None
                    end = (seconds, usage, delta.cut)
                yield seconds, delta
        except GenerationError:
            failed = True
            raise
        finally:
            await asked.aclose()
            if not failed and (deltas or end):
                self._memo.keep(key, {"deltas": deltas, "end": end})

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        async def ask(model: Client) -> dict[str, float]:
            return dict(await model.first_token(messages, top=top, cache_salt=cache_salt))

        found: Mapping[str, float] = await self._once(self._key("first_token", messages, top=top), ask)
        return found

    async def states(self, messages: Sequence[ChatMessage], since: str) -> Sequence[float]:
        async def ask(model: Client) -> list[float]:
            return list(await model.states(messages, since))

        found: Sequence[float] = await self._once(self._key("states", messages, since=since), ask)
        return found

    async def _once(self, key: str, ask: Callable[[Client], Awaitable[Any]]) -> Any:
        known, since = self._memo.known(key), self._memo.clock.now()
        if known is None:
            model = await self._ready()
            since, started = self._memo.clock.now(), time.perf_counter()
            value = await ask(model)
            known = {"value": value, "seconds": round(time.perf_counter() - started, 4)}
            self._memo.keep(key, known)
        else:
            self._memo.remembered += 1
        self._memo.clock.reached(since, known["seconds"])
        return known["value"]

    async def ping(self) -> None:
        await (await self._real()).ping()

    async def _ready(self) -> Client:
        """To be asked now; starting a server is no part of an answer."""
        self._memo.asked += 1
        started = time.perf_counter()
        self._opened = await self._real()
        self._memo.clock.added -= time.perf_counter() - started
        return self._opened

    async def aclose(self) -> None:
        if self._opened:
            await self._opened.aclose()

    def _key(self, method: str, messages: Sequence[ChatMessage], **asked: object) -> str:
        told = [[message.role, message.content] for message in messages]
        return self._memo.key({**self._decided, "method": method, "messages": told, **asked})
