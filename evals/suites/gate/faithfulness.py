"""Faithfulness in RAGAS' manner with our own LLM (Es et al. 2023, arXiv 2309.15217), for comparison.

The LLM writes statements from each sentence of a response, then says of every statement whether the passages support
it; the score is the share that they support. Prompts are ours, in one call each: the paper's also ask for an
explanation before each verdict, which a small model on a CPU has no time for.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from contextlib import aclosing
from importlib.resources import files

import numpy as np

from evals.measuring.code import WRITING, code
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.tables import percent, ranged, table
from evals.suites.gate.bench import Row
from evals.suites.gate.ragtruth import OURS, Response, blocked, scores
from evals.suites.gate.ragtruth_report import numbers
from generation.errors import GenerationError
from generation.prompts import Prompt, parse_prompt
from generation.protocols import ChatModel
from generation.types import ChatMessage

ROW = "ragtruth llm"
SEED = 20261122
STATEMENTS_TOKENS, VERDICT_TOKENS = 400, 8
_NUMBERED = re.compile(r"^\s*(\d{1,3})[.):]\s*(\S.*?)\s*$", re.MULTILINE)
_VERDICT = re.compile(r"\b(yes|no)\b", re.IGNORECASE)


def sampled(responses: Sequence[Response], count: int) -> tuple[Response, ...]:
    """A random sample, always the same; a smaller one is the beginning of a larger one."""
    order = random.Random(SEED).sample(range(len(responses)), len(responses))
    return tuple(responses[at] for at in order[:count])


async def measure(model: ChatModel, responses: Sequence[Response], results: ResultFile) -> list[Row]:
    """A row for each response: its statements, their verdicts and the share of Yes. What failed to parse has the
    score None; what the LLM did not finish has no row and is asked again by the next run."""
    prompts = prompt("statements"), prompt("verdicts")
    head = {"suite": ROW, "setup": setup_of(model, prompts)}
    known = {row["key"]: row for row in results.rows if head.items() <= row.items()}
    todo = [response for response in responses if response.id not in known]
    with progress(ROW, len(todo)) as step:
        for response in todo:
            try:
                found = await faithfulness(model, *prompts, response)
            except GenerationError as error:
                step(f"{response.id}  not judged: {error}")
                continue
            row = known[response.id] = results.add(head | {"key": response.id} | found)
            step(f"{response.id}  {row['score']}")
    return [known[response.id] for response in responses if response.id in known]


def setup_of(model: ChatModel, prompts: Sequence[Prompt]) -> Row:
    """What decides a score besides the response: rows of another setup are never gone on from."""
    return {"generator": model.name, **{p.name: p.digest[:12] for p in prompts}, "code": code(*WRITING)}


async def faithfulness(model: ChatModel, statements: Prompt, verdicts: Prompt, response: Response) -> Row:
    """Statements and verdicts of one response."""
    asked = statements.messages(question=response.question, answer=response.text)
    said = [text for _, text in _NUMBERED.findall(await _reply(model, asked, STATEMENTS_TOKENS))]
    numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(said, 1))
    found: list[bool] | None = None
    reply = ""
    if said:
        judged = verdicts.messages(context=response.evidence, statements=numbered)
        reply = await _reply(model, judged, VERDICT_TOKENS * len(said) + VERDICT_TOKENS)
        found = parsed(reply, len(said))
    score = sum(found) / len(found) if found else None
    return {"statements": said, "verdicts": found, "reply": "" if found else reply, "score": score}


def parsed(reply: str, count: int) -> list[bool] | None:
    """The verdicts in order; None unless every statement has exactly one line with a yes or no."""
    found: dict[int, bool] = {}
    for number, text in _NUMBERED.findall(reply):
        verdict = _VERDICT.findall(text)
        if not verdict or int(number) in found:
            return None
        found[int(number)] = verdict[-1].casefold() == "yes"
    return [found[number] for number in range(1, count + 1)] if sorted(found) == [*range(1, count + 1)] else None


def prompt(name: str) -> Prompt:
    return parse_prompt(name, files("evals.suites.gate").joinpath("prompts", f"{name}.md").read_bytes())


def say_faithfulness(responses: Sequence[Response], ours: Sequence[Row], llm: Sequence[Row], ship: float) -> Row:
    """The LLM's faithfulness and ours on the same responses: those that it could be read of."""
    judged = {row["key"]: row["score"] for row in llm}
    both = [
        (response, row, judged[response.id])
        for response, row in zip(responses, ours, strict=True)
        if judged.get(response.id) is not None
    ]
    unread = sum(score is None for score in judged.values())
    found: Row = {"asked": len(judged), "unread": unread, "compared": len(both)}
    title = f"faithfulness by our LLM on {len(both)} random responses, % ({unread} more could not be read)"
    if not both:
        table(title, ("system",), [])
        return found
    truth = np.array([response.hallucinated for response, _, _ in both])
    groups = [response.source for response, _, _ in both]
    theirs = np.array([1.0 - float(score) for _, _, score in both])
    mine = scores([row for _, row, _ in both], ship)[OURS]
    found["llm"] = numbers(theirs, truth, groups, theirs > 0.0)
    found["ours"] = numbers(mine, truth, groups, blocked(OURS, mine, ship))
    lines = []
    for system, cut in (("llm", "any statement unsupported"), ("ours", "shipped limit")):
        for which, name in (("shipped limit", cut), ("cross-fitted", "cross-fitted")):
            part = found[system][which]
            counted = (ranged(part[measure]) for measure in ("precision", "recall", "f1"))
            lines.append((system, name, *counted, ranged(found[system]["auc"])))
    table(title, ("system", "threshold", "precision", "recall", "F1", "AUC"), lines)
    return found | {"hallucinated": percent(float(truth.mean()))}


async def _reply(model: ChatModel, messages: Sequence[ChatMessage], limit: int) -> str:
    async with aclosing(model.stream(messages, max_tokens=limit)) as deltas:
        return "".join([delta.text async for delta in deltas])
