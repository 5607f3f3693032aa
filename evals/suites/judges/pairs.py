"""Part "pairs": which of two answers a language model calls better, in both orders, and with one of them padded."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from evals.datasets.judged import Preference
from evals.measuring.agreement import agreement
from evals.measuring.code import WRITING, code
from evals.measuring.detection import auc, interval
from evals.measuring.progress import progress
from evals.measuring.results import ResultFile
from evals.measuring.statistics import interval as percentiles
from evals.measuring.statistics import resampled, wilson
from evals.measuring.tables import percent, ranged, table
from generation.errors import GenerationError
from generation.prompts import Prompt, parse_prompt
from generation.protocols import ChatModel

Row = dict[str, Any]
ROW = "pair"
# Says nothing of anything, so that the padded answer is no better.
PADDING = (
    " It is worth noting that this question can be looked at from several sides. Each of them deserves to be "
    "considered with care, and there is more to be said about it than fits in here. In conclusion, the points above "
    "should be seen together and in their context."
)
_HALF = 0.5


def prompt() -> Prompt:
    return parse_prompt("better", files("evals.suites.judges").joinpath("prompts", "better.md").read_bytes())


async def measure(model: ChatModel, pairs: Sequence[Preference], results: ResultFile) -> list[Row]:
    """Of each pair the probability that the letter of the first-named answer is said, in four prompts: both orders, and
    the first answer against itself padded, in both orders. None where neither letter is likely."""
    asked = prompt()
    head = {"row": ROW, "setup": {"judge": model.name, "prompt": asked.pinned, "code": code(*WRITING)}}
    known = {row["key"]: row for row in results.rows if head.items() <= row.items()}
    with progress("pairs", sum(pair.id not in known for pair in pairs)) as step:
        for pair in pairs:
            if pair.id in known:
                continue
            padded = pair.first + PADDING
            orders = {
                "as given": (pair.first, pair.second),
                "turned": (pair.second, pair.first),
                "padded last": (pair.first, padded),
                "padded first": (padded, pair.first),
            }
            started = time.perf_counter()
            try:
                found = {
                    name: await _first(model, asked, pair.question, one, two) for name, (one, two) in orders.items()
                }
            except GenerationError as error:
                step(f"{pair.id}  not judged: {error}")
                continue
            known[pair.id] = results.add(
                head | {"key": pair.id, "first": found, "seconds": round(time.perf_counter() - started, 2)}
            )
            step(f"{pair.id}  " + "  ".join("-" if p is None else f"{p:.2f}" for p in found.values()))
    return [known[pair.id] for pair in pairs if pair.id in known]


async def _first(model: ChatModel, asked: Prompt, question: str, first: str, second: str) -> float | None:
    tokens = await model.first_token(asked.messages(question=question, first=first, second=second))
    a, b = (sum(p for token, p in tokens.items() if token.strip().rstrip(".") == letter) for letter in "AB")
    return a / (a + b) if a + b > 0 else None


def say_pairs(pairs: Sequence[Preference], rows: Sequence[Row]) -> Row:
    """Biases as means with 95 % intervals over pairs, and agreement with people where both of them name a side."""
    by_id = {pair.id: pair for pair in pairs}
    whole = [row for row in rows if None not in row["first"].values()]
    found: Row = {"pairs": len(rows), "no number": len(rows) - len(whole), **biases([row["first"] for row in whole])}
    lines = [(name, ranged(one)) for name, one in found.items() if isinstance(one, dict)]
    found["people"] = people([by_id[row["key"]] for row in whole], [second_better(row["first"]) for row in whole])
    table(f"A language model's preference, {len(whole)} pairs, %", ("", "share or mean, 95 %"), lines)
    told = found["people"]
    table("Against people where both name the same side", ("who", "pairs", "agrees", "kappa"), [
        (name, one["n"], percent(one["agree"]), ranged({"value": one["kappa"], "low": one["low"], "high": one["high"]}))
        for name, one in told.items() if name != "auc"
    ])  # fmt: skip
    table("AUC of its preference", ("", "95 %"), [("judge", ranged(told["auc"]))])
    return found


def biases(rows: Sequence[Mapping[str, float]]) -> Row:
    """"first said": the mean probability of the answer named first, over both orders of a pair (50: no bias). "turns":
    the share of pairs of which the order decides the winner. "padded": the mean probability of the padded one of two
    that say the same, over both orders, and "padded wins": the share of pairs in which it does in both."""  # fmt: skip
    if not rows:
        return {}
    first = [(row["as given"] + row["turned"]) / 2 for row in rows]
    padded = [(1 - row["padded last"] + row["padded first"]) / 2 for row in rows]
    turns = [(row["as given"] > _HALF) == (row["turned"] > _HALF) for row in rows]
    wins = [row["padded last"] < _HALF < row["padded first"] for row in rows]
    loses = [row["padded first"] < _HALF < row["padded last"] for row in rows]
    return {
        "first said": _mean(first), "turns": _share(turns), "padded": _mean(padded),
        "padded wins": _share(wins), "padded loses": _share(loses),
    }  # fmt: skip


def second_better(first: Mapping[str, float]) -> float:
    """The probability that the second answer is better, over both orders."""
    return (1 - first["as given"] + first["turned"]) / 2


def people(pairs: Sequence[Preference], preferred: Sequence[float]) -> Row:
    """Judge against people over pairs of which both people name the same side; the people against each other over
    those of which both name one; and the longer answer as if it were a judge."""
    same = [(pair, p) for pair, p in zip(pairs, preferred, strict=True) if math.prod(pair.people) > 0]
    truth = [pair.people[0] > 0 for pair, _ in same]
    ids = [pair.id for pair, _ in same]
    longer = [len(pair.second) > len(pair.first) for pair, _ in same]
    both = [pair for pair in pairs if pair.sided]
    scores, second = np.array([p for _, p in same]), np.array(truth, bool)
    told = bool(second.any() and not second.all())
    low, high = interval(lambda at: auc(scores[at], second[at]), ids) if told else (None, None)
    return {
        "judge": agreement([p > _HALF for _, p in same], truth, ids).told,
        "the longer one": agreement(longer, truth, ids).told,
        "one person and the other": agreement(
            [pair.people[0] > 0 for pair in both], [pair.people[1] > 0 for pair in both], [pair.id for pair in both]
        ).told,
        "auc": {"value": auc(scores, second) if told else None, "low": low, "high": high},
    }


def _mean(values: Sequence[float]) -> Row:
    low, high = percentiles(resampled([np.asarray(values)], np.mean, seed=0))
    return {"value": sum(values) / len(values), "low": low, "high": high}


def _share(values: Sequence[bool]) -> Row:
    low, high = wilson(sum(values), len(values))
    return {"value": sum(values) / len(values), "low": low, "high": high}
