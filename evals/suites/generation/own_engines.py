"""Suite "own": the two engines that Footnote brings, llama.cpp and OpenVINO, on the same prompts in turn.

Both are asked as the service asks: the fixed part of the prompt is kept, sources and question are new every time. A
reply may be written faster where it repeats its sources, as answers do (prompt lookup, OpenVINO only).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from api.terminal import UsageError, note
from evals.measuring.results import ResultFile
from evals.measuring.tables import table
from evals.suites.generation.writing_speed import Sizing, asked, sizing
from evals.systems.variants import LLAMA_CPP_ENGINE, Variant, both_engines
from generation.protocols import ChatModel
from generation.types import ChatMessage
from infra.settings import Settings

SUITE = "own"
SIZES, ROUNDS, WRITTEN = (150, 300, 600), 5, 48  # tokens of sources and question; tokens to write at most
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pace:
    """Tokens a second, and the seconds until the first one came."""

    read: float
    written: float
    first_s: float


async def measure(wanted: Variant, settings: Settings, results: ResultFile) -> Row:
    """Medians of every engine and size. Raises what `both_engines` raises."""
    async with both_engines(wanted, settings) as models:
        lines = await _rounds(wanted, models)
    say(lines, wanted.threads)
    setup: Row = {**wanted.setup, "threads": wanted.threads}
    return results.add({"suite": SUITE, "variant": setup, "at": lines})


async def _rounds(wanted: Variant, models: Mapping[str, ChatModel]) -> list[Row]:
    """The engines in turn, each round with sources of its own; the first round of each does not count."""
    lengths: Sizing = await sizing(models[LLAMA_CPP_ENGINE], wanted.prompt)
    lines: list[Row] = []
    for size in SIZES:
        found: dict[str, list[Pace]] = {name: [] for name in models}
        for number in range(ROUNDS + 1):
            messages = asked(wanted.prompt, lengths.sentences(size), first=1 + number * 31)
            for name, model in models.items():
                pace = await _pace(model, messages, size)
                if number:
                    found[name].append(pace)
        lines += [_line(name, size, paces) for name, paces in found.items()]
        note(f"{SUITE}: {size} tokens of sources and question done")
    return lines


async def _pace(model: ChatModel, messages: Sequence[ChatMessage], size: int) -> Pace:
    started, first, written = time.perf_counter(), 0.0, 0
    async with aclosing(model.stream(messages, max_tokens=WRITTEN)) as deltas:
        async for delta in deltas:
            first = first or (time.perf_counter() - started if delta.text else 0.0)
            written = delta.usage.completion_tokens if delta.usage else written
    rest = time.perf_counter() - started - first
    if not first or written < 2:
        raise UsageError("own: an engine wrote next to nothing; measure a model that answers.")
    return Pace(size / first, (written - 1) / rest, first)


def _line(engine: str, size: int, paces: Sequence[Pace]) -> Row:
    return {
        "engine": engine,
        "size": size,
        "read_per_second": round(statistics.median(pace.read for pace in paces), 1),
        "written_per_second": round(statistics.median(pace.written for pace in paces), 1),
        "first_token_s": round(statistics.median(pace.first_s for pace in paces), 2),
    }


def say(lines: Sequence[Row], threads: int) -> None:
    """With the other engine as a multiple of llama.cpp."""
    base = {line["size"]: line for line in lines if line["engine"] == LLAMA_CPP_ENGINE}
    rows = [
        (
            line["engine"],
            line["size"],
            *(
                f"{line[name]:g} ({line[name] / base[line['size']][name]:.2f})"
                for name in ("read_per_second", "written_per_second", "first_token_s")
            ),
        )
        for line in lines
    ]
    heads = ("", "tokens of sources and question", "read tokens/s", "written tokens/s", "first token s")
    table(f"own engines on {threads} threads, medians of {ROUNDS} (as a multiple of llama.cpp)", heads, rows)
