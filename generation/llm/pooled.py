"""The client of one language model that several servers serve."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TypeVar

from generation.errors import GenerationError, GeneratorRejected, GeneratorTimeout, GeneratorUnavailable
from generation.llm.client import VLLM, Dialect, OpenAIChatModel
from generation.llm.replicas import Outcome, Replica, Replicas
from generation.types import ChatMessage, Delta

T = TypeVar("T")
_LOOK_S = 0.5


class PooledChatModel:
    """A `generation.protocols.ChatModel`: a request goes to one of the `replicas`, by its cache salt.

    A request that fails before its first token is sent once more, to another server; one that fails later raises as
    with one server, since what has been read cannot be taken back. A server that takes longer than `first_s` for its
    first token, or is left out meanwhile, is waited for no longer where there is another one.

    Args:
        model, adapter, timeout_s, dialect: as of `OpenAIChatModel`. What is sent once more has its own time.
        first_s: in seconds; None is half of `timeout_s`.
        alike: raises `GenerationError` where a server tells that it computes otherwise than the others
            (`system_fingerprint`); it is not asked again then.
    """

    def __init__(
        self,
        replicas: Replicas,
        model: str,
        adapter: str = "",
        *,
        timeout_s: float = 120.0,
        first_s: float | None = None,
        dialect: Dialect = VLLM,
        alike: Callable[[Replica, str], None] = lambda replica, fingerprint: None,
    ) -> None:
        self.name, self.adapter = model, adapter
        self._replicas, self._dialect, self._alike = replicas, dialect, alike
        self._first_s = timeout_s / 2 if first_s is None else first_s
        self._clients = {
            replica: OpenAIChatModel(
                replica.url, model, adapter, replica.api_key, timeout_s=timeout_s, dialect=dialect, again=False
            )
            for replica in replicas.all
        }

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        """As `OpenAIChatModel.stream`."""
        tried: list[Replica] = []
        while True:
            with self._replicas.asked(cache_salt, tried) as replica:
                tried.append(replica)
                begun = False
                reply = self._clients[replica].stream(messages, max_tokens=max_tokens, stop=stop, cache_salt=cache_salt)
                async with aclosing(reply) as deltas:
                    try:
                        first = await self._begun(anext(deltas), tried)
                        begun = True
                        yield first
                        async for delta in deltas:
                            yield delta
                    except GenerationError as error:
                        if self._failed(replica, error, begun=begun, again=not begun and self._moves(tried)):
                            continue
                        raise
                self._ended(replica)
                return

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        """As `OpenAIChatModel.first_token`."""
        return await self._whole(cache_salt, lambda one: one.first_token(messages, top=top, cache_salt=cache_salt))

    @property
    def tells_states(self) -> bool:
        """Whether `states` are to be had."""
        return self._dialect.states

    async def states(self, messages: Sequence[ChatMessage], since: str) -> Sequence[float]:
        """As `OpenAIChatModel.states`."""
        return await self._whole("", lambda one: one.states(messages, since))

    async def ping(self) -> None:
        """Raises `GeneratorUnavailable` unless one of the servers is asked: whether they answer is looked at anyway."""
        self._replicas.choose()

    async def aclose(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            await client.aclose()

    async def _whole(self, key: str, ask: Callable[[OpenAIChatModel], Awaitable[T]]) -> T:
        tried: list[Replica] = []
        while True:
            with self._replicas.asked(key, tried) as replica:
                tried.append(replica)
                try:
                    found = await self._begun(ask(self._clients[replica]), tried)
                except GenerationError as error:
                    if self._failed(replica, error, again=self._moves(tried)):
                        continue
                    raise
                self._ended(replica)
                return found

    async def _begun(self, step: Awaitable[T], tried: Sequence[Replica]) -> T:
        """What comes first of the reply of the last that was tried, unless it is better asked of another."""
        loop = asyncio.get_running_loop()
        enough = loop.time() + self._first_s
        task = asyncio.ensure_future(step)
        try:
            while not (await asyncio.wait({task}, timeout=_LOOK_S))[0]:
                if not self._moves(tried):
                    continue
                if tried[-1] not in self._replicas.there:
                    raise GeneratorUnavailable(f"The language model server {tried[-1].name} does not answer any more.")
                if loop.time() > enough:
                    raise GeneratorTimeout(
                        f"The language model server {tried[-1].name} has begun no reply within {self._first_s:g} s."
                    )
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def _moves(self, tried: Sequence[Replica]) -> bool:
        """Whether another server may be asked: once."""
        return len(tried) == 1 and self._replicas.elsewhere(tried)

    def _failed(self, replica: Replica, error: GenerationError, *, again: bool, begun: bool = False) -> bool:
        """Whether another one is to be asked. A server that only is too slow with what it has begun stays."""
        if isinstance(error, GeneratorRejected) and not error.unserved:  # so would any other
            self._replicas.count(replica, Outcome.REFUSED)
            return False
        if not (begun and isinstance(error, GeneratorTimeout)):
            self._replicas.leave_out(replica, error)
        self._replicas.count(replica, Outcome.MOVED if again else Outcome.FAILED)
        return again

    def _ended(self, replica: Replica) -> None:
        self._replicas.count(replica, Outcome.OK)
        if told := self._clients[replica].fingerprint:
            self._alike(replica, told)
