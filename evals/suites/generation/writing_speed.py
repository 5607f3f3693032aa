"""Suite "speed": how fast a variant reads and writes, and what keeping the fixed part of the prompt cached saves."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from typing import Any

from evals.measuring.results import ResultFile
from evals.measuring.tables import table
from evals.suites.generation.replies import STOP
from evals.systems.variants import Running, Variant
from generation.prompts import Prompt, numbered
from generation.protocols import ChatModel
from generation.types import ChatMessage

SUITE = "speed"
SIZES, ROUNDS, WRITTEN = (150, 300, 600), 5, 64  # tokens of sources and question; tokens to write
_QUESTION = "What does the tenant pay, and when?"
_SENTENCE = "On day {day} of the month the tenant pays {day} euros for the store in {place} Street, without deduction."
_SAMPLE = 8  # sentences that the length of one is measured by
_PLACES = ("Mill", "Garden", "Station", "Bridge", "Harbour", "School", "Market", "Castle")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Timings:
    """As the server counts: tokens read and written, and how many a second."""

    prompt_tokens: int
    prefill_per_second: float
    decode_per_second: float


def known(variant: Variant, results: ResultFile, rounds: int = ROUNDS) -> Row | None:
    """The last row of this variant that the results hold."""
    wanted = _head(variant, rounds).items()
    return next((row for row in reversed(results.rows) if wanted <= row.items()), None)


async def measure(running: Running, results: ResultFile, rounds: int = ROUNDS) -> Row:
    """A row for a variant: for every size medians of `rounds`, after one that does not count."""
    lines = []
    prompt = running.variant.prompt
    lengths = await sizing(running.model, prompt)
    for size in SIZES:
        messages = asked(prompt, lengths.sentences(size))
        raw = [await timings(running, messages) for _ in range(rounds + 1)][1:]
        cached = [await first_token(running.model, messages) for _ in range(rounds + 1)][1:]
        whole = [await first_token(running.uncached, messages) for _ in range(rounds + 1)][1:]
        lines.append(
            {
                "size": size,
                "prompt_tokens": raw[0].prompt_tokens,
                "prefill_per_second": round(statistics.median(item.prefill_per_second for item in raw), 1),
                "decode_per_second": round(statistics.median(item.decode_per_second for item in raw), 1),
                "first_token_cached_s": round(statistics.median(cached), 3),
                "first_token_s": round(statistics.median(whole), 3),
            }
        )
    return results.add({**_head(running.variant, rounds), "name": running.variant.name, "at": lines})


def _head(variant: Variant, rounds: int) -> Row:
    """What a row is found by."""
    return {"suite": SUITE, "variant": {**variant.setup, "threads": variant.threads}, "rounds": rounds}


async def first_token(model: ChatModel, messages: Sequence[ChatMessage]) -> float:
    """Seconds until the first text comes, as the service would wait."""
    started = time.perf_counter()
    async with aclosing(model.stream(messages, max_tokens=2, stop=STOP)) as deltas:
        async for delta in deltas:
            if delta.text:
                return time.perf_counter() - started
    return time.perf_counter() - started


async def timings(running: Running, messages: Sequence[ChatMessage], written: int = WRITTEN) -> Timings:
    """What llama.cpp says of a request that keeps nothing cached and writes `written` tokens, whatever they are."""
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    here = DefaultAsyncHttpxClient(trust_env=False)  # a proxy is for other machines
    async with AsyncOpenAI(base_url=running.url, api_key=running.api_key, max_retries=0, http_client=here) as client:
        reply = await client.chat.completions.create(
            model=running.variant.name,
            messages=[asdict(message) for message in messages],  # type: ignore[misc]
            temperature=0,
            max_tokens=written,
            extra_body={"cache_prompt": False, "id_slot": 0, "ignore_eos": True, "top_k": 1},
        )
    found: Any = (reply.model_extra or {})["timings"]
    return Timings(found["prompt_n"], found["prompt_per_second"], found["predicted_per_second"])


def say_speed(rows: Sequence[Row]) -> None:
    lines = [
        (row["name"], *(item[name] for name in ("size", "prompt_tokens", *_COLUMNS)))
        for row in rows
        for item in row["at"]
    ]
    heads = ("tokens of sources and question", "of the whole prompt", *_COLUMNS.values())
    threads = ", ".join(sorted({str(row["variant"]["threads"]) for row in rows}))
    table(f"speed on {threads} threads, medians of {rows[0]['rounds']}", ("", *heads), lines)


_COLUMNS = {
    "prefill_per_second": "prefill tokens/s",
    "decode_per_second": "decode tokens/s",
    "first_token_cached_s": "first token s, fixed part cached",
    "first_token_s": "first token s, nothing cached",
}


@dataclass(frozen=True, slots=True)
class Sizing:
    """Tokens of sources and question with one sentence, and of each further one."""

    first: float
    further: float

    def sentences(self, size: int) -> int:
        """How many make about `size` tokens; at least one."""
        return 1 + max(0, round((size - self.first) / self.further))


async def sizing(model: ChatModel, prompt: Prompt) -> Sizing:
    """Raises what the model raises."""
    fixed = await _tokens(model, (*prompt.fixed, ChatMessage("user", "")))
    one, many = [await _tokens(model, asked(prompt, count)) - fixed for count in (1, 1 + _SAMPLE)]
    return Sizing(one, (many - one) / _SAMPLE)


def asked(prompt: Prompt, count: int, first: int = 1) -> tuple[ChatMessage, ...]:
    """So many sources of one sentence, the `first` and those that follow it, and a question that some of them
    answer."""
    said = (numbered(at, "Lease", _sentence(first + at - 1)) for at in range(1, count + 1))
    return prompt.messages(sources="\n\n".join(said), question=_QUESTION)


def _sentence(at: int) -> str:
    return _SENTENCE.format(day=at % 28 + 1, place=_PLACES[at % len(_PLACES)])


async def _tokens(model: ChatModel, messages: Sequence[ChatMessage]) -> int:
    """Tokens of a prompt, as the server counts."""
    async with aclosing(model.stream(messages, max_tokens=1)) as deltas:
        found = [delta async for delta in deltas]
    usage = found[-1].usage
    return usage.prompt_tokens if usage else 0
