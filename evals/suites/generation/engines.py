"""Suite "engines": llama.cpp and vLLM with the same adapter on the same recorded contexts.

Greedy replies of both, word for word, and tokens a second with 1, 4 and 8 requests at a time. The vLLM is the one of
FOOTNOTE_VLLM_PYTHON; its weights are those of the GGUF file, unpacked to bfloat16. What the result file holds of the
same setup is not measured again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from api.terminal import UsageError, note
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.tables import percent, table
from evals.suites.generation import replies
from evals.suites.generation.reading import Reply, read
from evals.suites.generation.replies import timed
from evals.systems.recording import digest
from evals.systems.replay import context
from evals.systems.variants import GGUF, Variant, VllmServer, llama_cpp, own_vllm
from generation.llm.client import LLAMA_CPP, VLLM, OpenAIChatModel
from infra.settings import Settings

SUITE = "engines"
AT_ONCE = (1, 4, 8)
_TIMEOUT_S = 600.0  # eight at once on two cores
ADAPTER = "adapter"
Row = dict[str, Any]
Clients = Callable[[int], OpenAIChatModel]


async def measure(wanted: Variant, settings: Settings, contexts: Sequence[Row], results: ResultFile) -> Row:
    """Replies to all contexts with each engine and number of requests at a time, each kept at once, and how far the
    engines agree. Raises `UsageError` or `SettingsError` before anything runs if vLLM cannot have the model or the
    adapter, and `GeneratorUnavailable` if an engine does not start."""
    if wanted.base.endswith(GGUF):
        raise UsageError(f"engines: {wanted.base} is a file; vLLM needs a model of `footnote models list`.")
    folder = peft_folder(wanted.adapter) if wanted.adapter else None
    vllm = own_vllm(wanted, settings)
    asked = [(row, replies.asked(wanted, row)) for row in contexts if row["context"]]
    questions = [messages for _, messages in asked]
    variant = {**wanted.setup, "threads": wanted.threads}
    head = {"suite": SUITE, "variant": variant, "asked": digest([message for one in questions for message in one])}
    of_vllm = {"python": str(settings.vllm_python), "flags": settings.vllm}
    lines = [  # vLLM first: if it is missing or cannot start, that is known at once
        *await _rounds({**head, "engine": "vllm", **of_vllm}, _vllm(vllm, wanted, folder), questions, results),
        *await _rounds({**head, "engine": "llama.cpp"}, _llama_cpp(wanted, settings), questions, results),
    ]
    first = {line["engine"]: line["replies"] for line in lines if line["at_once"] == 1}
    agreement = _agreement([row for row, _ in asked], first)
    _say(lines, agreement)
    return results.add({**head, "agreement": agreement})


async def _rounds(
    setup: Row, serving: AbstractAsyncContextManager[Clients], asked: Sequence[Any], results: ResultFile
) -> list[Row]:
    """A row for each number of requests at a time. The engine starts only if the results lack one of this setup."""
    held = {row["at_once"]: row for row in results.rows if "at_once" in row and setup.items() <= row.items()}
    if todo := [count for count in AT_ONCE if count not in held]:
        async with serving as client:
            for count in todo:
                models = [client(slot) for slot in range(count)]
                found, seconds = await _all(models, asked, setup["variant"]["max_tokens"], setup["engine"])
                for model in models:
                    await model.aclose()
                line = _line(count, found, seconds)
                held[count] = results.add({**setup, **line, "replies": [row["raw"] for row in found]})
    return [held[count] for count in AT_ONCE]


@asynccontextmanager
async def _llama_cpp(wanted: Variant, settings: Settings) -> AsyncIterator[Clients]:
    """Clients by number, each with a slot to itself; nothing of a prompt is kept, as in vLLM below."""
    server = llama_cpp(wanted, settings, max(AT_ONCE))
    await asyncio.to_thread(server.start)
    try:
        yield lambda slot: OpenAIChatModel(
            server.url, wanted.base, api_key=server.api_key, timeout_s=_TIMEOUT_S, dialect=LLAMA_CPP, id_slot=slot,
            cache_prompt=False,
        )  # fmt: skip
    finally:
        server.stop()


@asynccontextmanager
async def _vllm(server: VllmServer, wanted: Variant, folder: Path | None) -> AsyncIterator[Clients]:
    await asyncio.to_thread(server.start)
    try:
        if folder:
            await asyncio.to_thread(server.load, ADAPTER, folder)
        name = ADAPTER if folder else ""
        yield lambda _: OpenAIChatModel(
            server.url, wanted.base, name, server.api_key, timeout_s=_TIMEOUT_S, dialect=VLLM
        )
    finally:
        server.stop()


def peft_folder(gguf: Path) -> Path:
    """The adapter in PEFT's form, beside its GGUF form or in the folder `adapter` there. Raises `UsageError`."""
    for folder in (gguf.parent, gguf.parent / "adapter"):
        if (folder / "adapter_model.safetensors").is_file():
            return folder.resolve()
    raise UsageError(f"{gguf} has no adapter_model.safetensors beside it, which vLLM needs.")


async def _all(
    models: Sequence[OpenAIChatModel], asked: Sequence[Any], max_tokens: int, engine: str
) -> tuple[list[Row], float]:
    """Every reply, in order, and the seconds for all: each model takes the next question when it is done."""
    found: list[Row] = [{} for _ in asked]
    left = iter(range(len(asked)))
    started = time.perf_counter()
    with progress(f"{engine}, {len(models)} at a time", len(asked)) as step:

        async def work(model: OpenAIChatModel) -> None:
            for at in left:
                found[at] = await timed(model, asked[at], max_tokens)
                step(f"{found[at]['completion_tokens']} tokens  {found[at]['total_s']:.1f} s")

        await asyncio.gather(*(work(model) for model in models))
    return found, time.perf_counter() - started


def _line(count: int, found: Sequence[Row], seconds: float) -> Row:
    tokens = [row["prompt_tokens"] for row in found], [row["completion_tokens"] for row in found]
    first = sorted(row["first_sentence_s"] for row in found)
    return {
        "at_once": count,
        "count": len(found),
        "replies_per_minute": round(60 * len(found) / seconds, 1),
        "read_per_second": round(sum(tokens[0]) / seconds, 1),
        "written_per_second": round(sum(tokens[1]) / seconds, 1),
        "first_sentence_p50_s": round(first[len(first) // 2], 2),
    }


def _agreement(contexts: Sequence[Row], said: dict[str, list[str]]) -> Row:
    """Of the replies one by one: the same words, the same markers, and whether both or neither refuses."""
    pairs = list(zip(contexts, *said.values(), strict=True))
    both = [[read(raw, context(row["context"])) for raw in raws] for row, *raws in pairs]
    count = max(1, len(pairs))
    return {
        "replies": len(pairs),
        "same words": sum(one == other for _, one, other in pairs) / count,
        "same markers": sum(_markers(one) == _markers(other) for one, other in both) / count,
        "same refusals": sum(one.refused == other.refused for one, other in both) / count,
    }


_RATES = ("replies_per_minute", "read_per_second", "written_per_second", "first_sentence_p50_s")


def _markers(reply: Reply) -> set[int]:
    return {marker for said in reply.sentences for marker in said.markers}


def _say(lines: Sequence[Row], agreement: Row) -> None:
    names = ("engine", "at_once", "count", *_RATES)
    table("engines", names, [[line[name] for name in names] for line in lines])
    shares = ", ".join(f"{name} {percent(value)} %" for name, value in agreement.items() if name != "replies")
    note(f"Of {agreement['replies']} replies one at a time: {shares}.")
