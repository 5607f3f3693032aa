"""Step "generate": what each model writes on the recorded contexts, and how long it takes. Greedy."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.suites.generation.contexts import messages
from evals.systems.recording import digest
from evals.systems.replay import context
from evals.systems.variants import Running, Variant, variant
from generation.errors import GenerationError
from generation.gate.claims import SentenceStream
from generation.protocols import ChatModel
from generation.types import ChatMessage, Usage
from infra.settings import Settings

ROW = "reply"
STOP = ("\nQuestion:",)
Row = dict[str, Any]


async def generate(wanted: Variant, settings: Settings, contexts: Sequence[Row], results: ResultFile) -> list[Row]:
    """The reply of this variant to every context that shows anything, written now or before; one that fails is left
    for the next run. The server is started only if there is something to write."""
    if not _todo(wanted, contexts, known(wanted, results)):
        return replies(wanted, contexts, results)
    async with variant(wanted, settings) as running:
        return await written(running, contexts, results)


async def written(running: Running, contexts: Sequence[Row], results: ResultFile) -> list[Row]:
    """The same with a server that runs."""
    wanted = running.variant
    todo = _todo(wanted, contexts, known(wanted, results))
    if todo:
        await _warm(running.model, todo[0][1])
    with progress(wanted.name, len(todo)) as step:
        for row, asked in todo:
            try:
                found = await timed(running.model, asked, wanted.max_tokens)
            except GenerationError as error:
                step(f"{row['key']}  not written: {error}")
                continue
            head = {"row": ROW, "variant": wanted.setup, "key": row["key"], "messages_sha256": digest(asked)}
            results.add({**head, "threads": wanted.threads, **found})
            step(f"{row['key']}  {found['completion_tokens']} tokens  {found['total_s']:.1f} s")
    return replies(wanted, contexts, results)


def known(wanted: Variant, results: ResultFile) -> dict[tuple[str, str], Row]:
    """Replies of this variant by (question, digest of what was asked)."""
    rows = [row for row in results.rows if row.get("row") == ROW and row["variant"] == wanted.setup]
    return {(row["key"], row["messages_sha256"]): row for row in rows}


def replies(wanted: Variant, contexts: Sequence[Row], results: ResultFile) -> list[Row]:
    """What there is of the variant's replies to these contexts, in their order."""
    held = known(wanted, results)
    wished = [(row["key"], digest(asked(wanted, row))) for row in contexts if row["context"]]
    return [held[key] for key in wished if key in held]


def asked(wanted: Variant, row: Row) -> tuple[ChatMessage, ...]:
    return messages(wanted.prompt, row["result"]["query"], context(row["context"]))


async def timed(model: ChatModel, messages: Sequence[ChatMessage], max_tokens: int) -> Row:
    """The reply, its tokens, and seconds to its first token, to its first whole sentence, and to its end."""
    text, sentences, usage, cut = "", SentenceStream(), Usage(), False
    first_token = first_sentence = None
    started = time.perf_counter()
    async with aclosing(model.stream(messages, max_tokens=max_tokens, stop=STOP)) as deltas:
        async for delta in deltas:
            spent = time.perf_counter() - started
            if delta.text and first_token is None:
                first_token = spent
            if first_sentence is None and any(True for _ in sentences.feed(delta.text)):
                first_sentence = spent
            text += delta.text
            usage, cut = delta.usage or usage, delta.cut
    total = time.perf_counter() - started
    return {
        "raw": text,
        "cut": cut,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "first_token_s": round(first_token if first_token is not None else total, 3),
        "first_sentence_s": round(first_sentence if first_sentence is not None else total, 3),
        "total_s": round(total, 3),
    }


def _todo(
    wanted: Variant, contexts: Sequence[Row], held: dict[tuple[str, str], Row]
) -> list[tuple[Row, tuple[ChatMessage, ...]]]:
    """Contexts that there is no reply to, and what to ask; without a passage the service asks no model."""
    wished = [(row, asked(wanted, row)) for row in contexts if row["context"]]
    return [(row, messages) for row, messages in wished if (row["key"], digest(messages)) not in held]


async def _warm(model: ChatModel, messages: Sequence[ChatMessage]) -> None:
    """The fixed part of the prompt is computed before the clock runs."""
    async with aclosing(model.stream(messages, max_tokens=1)) as deltas:
        async for _ in deltas:
            pass
