"""Suite "speed": claims checked a second on all cores, and what the gate adds to an answer, without any LLM.

The texts are privacy policies (PolicyQA). Of the sentences checked two in three stand in what they cite, and one
stands in another passage of the same policy: the slow case, as the gate then tries everything before it gives up.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from api.terminal import UsageError, note
from evals.datasets.beir import json_lines
from evals.measuring.statistics import seconds
from evals.measuring.tables import table
from evals.suites.gate.bench import Bench, Row
from generation.gate.checking import Checker
from generation.gate.claims import claim_text, sentence_spans
from generation.gate.evidence import spans
from generation.gate.gate import CascadeGate
from generation.gate.splitting.split import split_claims
from retrieval.types import ChunkText, Context, Passage

SUITE = "speed"
SEED = 20261122
ANSWERS, ROUNDS = 200, 5
PASSAGES, CHARACTERS, FEWEST_WORDS = 4, 600, 6


@dataclass(frozen=True, slots=True)
class Checked:
    """Three sentences of an answer, with their markers, and the passages that they were written from."""

    context: Context
    sentences: tuple[str, str, str]
    supported: tuple[bool, bool, bool] = (True, True, False)

    @property
    def documents(self) -> dict[int, str]:
        return {passage.marker: passage.text for passage in self.context.passages}


def load(data: Path) -> tuple[Checked, ...]:
    """`ANSWERS` answers, always the same; raises `UsageError` if the texts are not there."""
    path = data / "policyqa" / "corpus.jsonl"
    if not path.is_file():
        raise UsageError(f"{data} must hold policyqa/corpus.jsonl (see docs/gate.md).")
    policies: defaultdict[str, list[str]] = defaultdict(list)
    for row in json_lines(path):
        policies[row["title"]].append(row["text"])
    chooser = random.Random(SEED)
    usable = {title: passages for title, texts in policies.items() if len(passages := cut(texts)) > PASSAGES}
    if not usable:
        raise UsageError(f"{path} holds no policy of more than {PASSAGES} passages.")
    titles = sorted(usable)
    return tuple(_answer(title, usable[title], chooser) for title in chooser.choices(titles, k=ANSWERS))


def cut(paragraphs: Sequence[str]) -> list[str]:
    """Adjacent paragraphs joined to passages of about `CHARACTERS` that hold a sentence to check."""
    passages, open_one = list[str](), ""
    for paragraph in paragraphs:
        open_one = f"{open_one}\n\n{paragraph}".strip()
        if len(open_one) >= CHARACTERS * 3 // 4:
            passages.append(open_one[: CHARACTERS * 3 // 2])
            open_one = ""
    return [passage for passage in passages if _sentences(passage)]


def measure(bench: Bench, answers: Sequence[Checked]) -> Row:
    """Throughput on `bench.threads` threads and latency with one caller, the models warm; medians of `ROUNDS`."""
    note(f"speed: {bench.threads} threads for throughput, one for latency, {ROUNDS} rounds of {len(answers)} answers")
    claims = _claims(answers)
    checker = Checker(bench.model, bench.limits)
    windows = [(text[start:end], claim) for claim, text in claims for start, end in spans(claim, text)[:1]]
    with ThreadPoolExecutor(bench.threads) as pool:
        pairs = _rate(pool, lambda pair: bench.model.entailment(*pair), windows)
        checks = _rate(pool, lambda pair: checker.check(*pair), claims)
    rounds = asyncio.run(_latencies(CascadeGate(bench.model, bench.limits, relevance=None, second=None), answers))
    middle = [statistics.median(times) for times in zip(*rounds, strict=True)]
    found = seconds(middle)
    return bench.results.add(
        {
            "suite": SUITE,
            "setup": bench.setup,
            "threads": bench.threads,
            "claims": len(claims),
            "pairs_per_second": round(pairs, 1),
            "claims_per_second": round(checks, 1),
            "answers": len(answers),
            "answer_p50_ms": round(1000 * (found.p50 or 0.0), 1),
            "answer_p95_ms": round(1000 * (found.p95 or 0.0), 1),
        }
    )


def say_speed(row: Row) -> Row:
    lines = [
        (f"evidence spans judged a second, {row['threads']} threads", row["pairs_per_second"]),
        (f"claims checked a second, {row['threads']} threads", row["claims_per_second"]),
        ("added to an answer of 3 sentences, p50 ms", row["answer_p50_ms"]),
        ("added to an answer of 3 sentences, p95 ms", row["answer_p95_ms"]),
    ]
    table(
        f"speed, {row['claims']} claims, {row['answers']} answers, median of {ROUNDS} rounds", ("what", "value"), lines
    )
    return row


def _answer(title: str, passages: Sequence[str], chooser: random.Random) -> Checked:
    at = chooser.randrange(len(passages) - PASSAGES)
    shown, other = passages[at : at + PASSAGES], passages[at + PASSAGES]
    context = Context(tuple(_passage(marker, title, text) for marker, text in enumerate(shown, 1)))
    first, second, third = chooser.sample(range(PASSAGES), 3)
    return Checked(
        context,
        (
            f"{chooser.choice(_sentences(shown[first]))} [{first + 1}]",
            f"{chooser.choice(_sentences(shown[second]))} [{second + 1}]",
            f"{chooser.choice(_sentences(other))} [{third + 1}]",
        ),
    )


def _passage(marker: int, title: str, text: str) -> Passage:
    chunk = ChunkText(f"c{marker}", title, 1, "", title, title, marker, 0, len(text), text, (), None)
    return Passage(marker, chunk, text, 0, len(text))


def _sentences(passage: str) -> list[str]:
    found = (passage[start:end] for start, end in sentence_spans(passage))
    return [sentence for sentence in found if len(sentence.split()) >= FEWEST_WORDS and sentence.endswith(".")]


def _claims(answers: Sequence[Checked]) -> list[tuple[str, str]]:
    """(claim, passage that its sentence cites)."""
    found = []
    for answer in answers:
        for sentence in answer.sentences:
            text, _, marker = sentence.rpartition(" [")
            passage = answer.context.passage(int(marker.rstrip("]")))
            assert passage is not None
            found += [(claim, passage.text) for claim in split_claims(text, "")]
    return found


def _rate(
    pool: ThreadPoolExecutor, task: Callable[[tuple[str, str]], object], items: Sequence[tuple[str, str]]
) -> float:
    """Items a second over all threads: median of the rounds, after one that does not count."""
    rates = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        list(pool.map(task, items))
        rates.append(len(items) / (time.perf_counter() - started))
    return statistics.median(rates[1:])


async def _latencies(gate: CascadeGate, answers: Sequence[Checked]) -> list[list[float]]:
    """Seconds that each answer waits for the gate, round by round."""
    rounds = []
    for _ in range(ROUNDS + 1):
        times = []
        for answer in answers:
            started = time.perf_counter()
            before = ""
            for at, sentence in enumerate(answer.sentences):
                await gate.check(sentence, answer.context, answer.documents, "", opening=at == 0, before=before)
                before = claim_text(sentence)
            times.append(time.perf_counter() - started)
        rounds.append(times)
    return rounds[1:]
