"""The one LLM client: the OpenAI protocol, as vLLM and llama.cpp speak it."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from generation.errors import GenerationError, GeneratorRejected, GeneratorUnavailable
from generation.llm.errors import foreseen
from generation.llm.loops import TAIL, loops
from generation.llm.streaming import read_ahead
from generation.types import ChatMessage, Delta, Usage

if TYPE_CHECKING:
    from openai import AsyncOpenAI

T = TypeVar("T")
_SEED = 0
_RECONNECT_PAUSE_S = 0.5
_PING_S = 5.0
_REST_S = 0.3  # long enough for the checks of an answer's last sentence to go first
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
# The user message of a priming request. No real one may begin with it.
_PRIMER = "~"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server takes beyond the OpenAI protocol.

    `slots` stands for llama.cpp: requests name a slot, and the slot keeps what it holds for the next request.
    `states`: the server tells what the model holds of the end of a prompt on `states_since`, as our own for OpenVINO.
    """

    top_k: bool = False
    cache_salt: bool = False
    slots: bool = False
    states: bool = False


PLAIN = Dialect()
OPENVINO = Dialect(states=True)
VLLM = Dialect(top_k=True, cache_salt=True)
LLAMA_CPP = Dialect(top_k=True, slots=True)


class OpenAIChatModel:
    """A `generation.protocols.ChatModel` behind an OpenAI-compatible server. Greedy, with a fixed seed.

    llama.cpp's logits depend on how a prompt was split into batches: on what else ran at the time, and on how much of
    the prompt was cached (measured: up to 0.26). So that the same request gives the same answer, requests to it take
    turns, and before each one the slot is primed: brought to hold all messages but the last, and nothing more. These
    (system message and examples) are then always the cached part, the last is always computed, and nothing crosses
    from asker to asker. A while after a reply the slot is primed for the next one, which then need not wait for it.

    Args:
        base_url: the server's address up to and with /v1.
        model: the name to put into the audit record, and to ask for if there is no adapter.
        adapter: name of a LoRA adapter that the server has loaded; vLLM picks it by this name.
        timeout_s: limit for a whole reply with its waiting for a turn, in seconds.
        connect_timeout_s: limit for reaching the server, in seconds.
        dialect: what the server takes beyond the protocol.
        cache_prompt: False computes every prompt as a whole on llama.cpp, without priming.
        id_slot: the slot of llama.cpp that this model alone uses.
        lora_scale: weight of llama.cpp's loaded adapter for these requests; None leaves it as loaded.
        turn: share it among the models on one llama.cpp server. A reply holds the turn until it is complete,
            however slowly its stream is consumed.
        again: whether a request is sent once more where the connection fails before anything has come.

    `fingerprint` is what the server last said of how it computes (`system_fingerprint`), "" where it does not.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        adapter: str = "",
        api_key: str = "",
        *,
        timeout_s: float = 120.0,
        connect_timeout_s: float = 3.0,
        dialect: Dialect = PLAIN,
        cache_prompt: bool = True,
        id_slot: int = 0,
        lora_scale: float | None = None,
        turn: asyncio.Lock | None = None,
        again: bool = True,
    ) -> None:
        self.name, self.adapter = model, adapter
        self.fingerprint = ""
        self._again = again
        self._base_url, self._api_key = base_url, api_key
        self._timeout_s, self._connect_timeout_s = timeout_s, connect_timeout_s
        self._dialect = dialect
        self._extra: dict[str, Any] = {}
        if dialect.top_k:
            self._extra["top_k"] = 1
        if dialect.slots:
            self._extra |= {"id_slot": id_slot, "cache_prompt": cache_prompt}
            if lora_scale is not None:
                self._extra["lora"] = [{"id": 0, "scale": lora_scale}]
        self._turn = (turn or asyncio.Lock()) if dialect.slots else None
        self._primes = dialect.slots and cache_prompt
        self._primed: list[ChatMessage] | None = None  # what the slot begins with
        self._clean = False  # whether it holds nothing more
        self._resting: asyncio.Task[None] | None = None
        self._client: AsyncOpenAI | None = None

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, stop: Sequence[str] = (), cache_salt: str = ""
    ) -> AsyncGenerator[Delta, None]:
        """Text as it is generated; the last delta carries the usage, where the server tells it. Closing the iterator
        aborts the request.

        Raises `GenerationError`, also when the server breaks off in the middle of the reply.
        """
        request = self._request(messages, cache_salt) | {
            "max_tokens": max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if stop:
            request["stop"] = list(stop)
        async with aclosing(read_ahead(self._reply(request, messages))) as deltas:
            async for delta in deltas:
                yield delta

    async def _reply(self, request: dict[str, Any], messages: Sequence[ChatMessage]) -> AsyncGenerator[Delta, None]:
        async with self._my_turn() as deadline:
            chunks = await self._send(request, messages, deadline)
            usage: Usage | None = None
            reason, tail = None, ""
            try:
                while (chunk := await self._within(deadline, anext(chunks, None))) is not None:
                    self.fingerprint = chunk.system_fingerprint or self.fingerprint
                    if chunk.usage:
                        usage = Usage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
                    for choice in chunk.choices:
                        reason = reason or choice.finish_reason
                        if choice.delta.content:
                            yield Delta(choice.delta.content)
                            tail = (tail + choice.delta.content)[-TAIL:]
                    if loops(tail):
                        reason = "loop"
                        break
            finally:
                await chunks.close()
                self._rest(messages)
        if reason is None:
            raise GeneratorUnavailable("The language model broke off in the middle of its reply. Ask again.")
        yield Delta("", usage, cut=reason in {"length", "loop"})

    async def first_token(
        self, messages: Sequence[ChatMessage], *, top: int = 20, cache_salt: str = ""
    ) -> Mapping[str, float]:
        """Probabilities of the `top` likeliest first tokens of a reply (natural, not log), by token text."""
        request = self._request(messages, cache_salt) | {"max_tokens": 1, "logprobs": True, "top_logprobs": top}
        async with self._my_turn() as deadline:
            reply = await self._send(request, messages, deadline)
            self._rest(messages)
        self.fingerprint = reply.system_fingerprint or self.fingerprint
        logprobs = reply.choices[0].logprobs if reply.choices else None
        if logprobs is None or not logprobs.content:
            raise GeneratorRejected("The language model server gives no token probabilities. Allow logprobs on it.")
        found: dict[str, float] = defaultdict(float)
        for candidate in logprobs.content[0].top_logprobs:
            found[candidate.token] += math.exp(candidate.logprob)
        return dict(found)

    @property
    def tells_states(self) -> bool:
        """Whether `states` are to be had."""
        return self._dialect.states

    async def states(self, messages: Sequence[ChatMessage], since: str) -> Sequence[float]:
        """See `StateModel`; `GeneratorRejected` if the server does not tell."""
        request = self._request(messages, "") | {"max_tokens": 1}
        request["extra_body"]["states_since"] = since
        async with self._my_turn() as deadline:
            reply = await self._send(request, messages, deadline)
        states = getattr(reply.choices[0], "states", None) if reply.choices else None
        if not states:
            raise GeneratorRejected("The language model server tells no states.")
        return [float(value) for part in states for value in part]

    async def ping(self) -> None:
        """Raises `GenerationError` unless the server answers within seconds; does not wait for a turn."""
        models = self._connected().models  # the first time this imports the client, which is not the server's time
        await self._within(asyncio.get_running_loop().time() + _PING_S, models.list())

    async def aclose(self) -> None:
        """Close the connections."""
        if self._resting:
            self._resting.cancel()
        if self._client:
            await self._client.close()
            self._client = None

    def _request(self, messages: Sequence[ChatMessage], cache_salt: str) -> dict[str, Any]:
        extra = dict(self._extra)
        if cache_salt and self._dialect.cache_salt:
            extra["cache_salt"] = cache_salt
        return {
            "model": self.adapter or self.name,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "temperature": 0,
            "seed": _SEED,
            "extra_body": extra,
        }

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[float]:
        """Wait for this request's turn, if the server needs turns. Yields the deadline of the request."""
        deadline = asyncio.get_running_loop().time() + self._timeout_s
        if self._turn is None:
            yield deadline
            return
        await self._within(deadline, self._turn.acquire())
        try:
            yield deadline
        finally:
            self._turn.release()

    async def _send(self, request: dict[str, Any], messages: Sequence[ChatMessage], deadline: float) -> Any:
        """Send, and once more if the connection fails before anything came: the server may have been restarted."""
        try:
            return await self._send_once(request, messages, deadline)
        except GeneratorUnavailable:
            if not self._again:
                raise
            self._primed, self._clean = None, False
            await asyncio.sleep(_RECONNECT_PAUSE_S)
            return await self._send_once(request, messages, deadline)

    async def _send_once(self, request: dict[str, Any], messages: Sequence[ChatMessage], deadline: float) -> Any:
        create = self._connected().chat.completions.create
        if self._primes:
            await self._prime(list(messages[:-1]), deadline)
            self._clean = False
        return await self._within(deadline, create(**request))

    async def _prime(self, fixed: list[ChatMessage], deadline: float) -> None:
        """Bring the slot to hold the fixed messages only, computed as a whole whenever they are others than before."""
        if self._clean and self._primed == fixed:
            return
        request = self._request([*fixed, ChatMessage("user", _PRIMER)], "") | {"max_tokens": 1}
        request["extra_body"]["cache_prompt"] = self._primed == fixed
        self._primed = None
        await self._within(deadline, self._connected().chat.completions.create(**request))
        self._primed, self._clean = fixed, True

    def _rest(self, messages: Sequence[ChatMessage]) -> None:
        """After a reply: prime for the next one soon, if none has come until then."""
        if self._resting:
            self._resting.cancel()
        if self._primes:
            self._resting = asyncio.create_task(self._prime_at_rest(list(messages[:-1])))

    async def _prime_at_rest(self, fixed: list[ChatMessage]) -> None:
        await asyncio.sleep(_REST_S)
        with suppress(GenerationError):  # the next request meets the error and tells it
            async with self._my_turn() as deadline:
                await self._prime(fixed, deadline)

    async def _within(self, deadline: float, step: Awaitable[T]) -> T:
        """Await one step until the deadline (of the loop's clock), with the client's errors as `GenerationError`."""
        with foreseen(self._base_url, self._timeout_s):
            async with asyncio.timeout_at(deadline):
                return await step

    def _connected(self) -> AsyncOpenAI:
        if self._client is None:
            from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

            timeout = Timeout(self._timeout_s, connect=self._connect_timeout_s)
            direct = urlsplit(self._base_url).hostname in _LOOPBACK
            self._client = AsyncOpenAI(
                base_url=self._base_url,
                api_key=self._api_key or "none",
                timeout=timeout,
                max_retries=0,
                http_client=DefaultAsyncHttpxClient(timeout=timeout, trust_env=not direct),
            )
        return self._client
