"""Suite "ragtruth": responses of six models to 148 questions, people's word on which of them hallucinate.

RAGTruth (Niu et al. 2024, arXiv 2401.00396), question answering, test split. Nothing was ever tuned on it. A response
is as well supported as its weakest sentence; what the variants change was fixed before they were run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from api.terminal import UsageError
from evals.datasets.beir import json_lines
from evals.datasets.judged import plain
from evals.measuring.detection import Flags, Floats
from evals.suites.gate.bench import Bench, Row
from generation.answering.abstaining import refuses
from generation.gate.checking import Checker, texts
from generation.gate.claims import claim_text, sentence_spans
from generation.gate.splitting.split import split_claims
from generation.types import Entailment, Stage

SUITE = "ragtruth"
OURS = "whole gate, weakest sentence"
COUNTED = "number of unsupported sentences"
# How RAGTruth's prompt has the models reply where the passages hold no answer; our service ships no such replies.
_NO_ANSWER = re.compile(r"\W*unable to answer", re.IGNORECASE)

# Precision, recall, F1 of the task QA as published: KRLabsOrg/LettuceDetect at 102f7f2 (first six rows from the
# papers of RAGTruth and RAG-HAT), on all 900 responses; here are 829 of them.
PUBLISHED: Mapping[str, tuple[float, float, float]] = {
    "prompt, gpt-3.5-turbo": (18.8, 84.4, 30.8),
    "prompt, gpt-4-turbo": (33.2, 90.6, 45.6),
    "SelfCheckGPT": (35.0, 58.0, 43.7),
    "LMvLM": (18.7, 76.9, 30.1),
    "fine-tuned Llama-2-13B": (61.6, 76.3, 68.2),
    "RAG-HAT (Llama-3-8B)": (76.5, 73.1, 74.8),
    "ChainPoll": (33.5, 51.3, 40.5),
    "RAGAS faithfulness": (31.2, 41.9, 35.7),
    "TruLens groundedness": (22.8, 92.5, 36.6),
    "Luna": (37.8, 80.0, 51.3),
    "LettuceDetect-base": (60.64, 71.25, 65.52),
    "LettuceDetect-large": (65.93, 75.00, 70.18),
}


@dataclass(frozen=True, slots=True)
class Response:
    """What a model answered from passages. `kind`: what its hallucinations are to the passages, as NLI label."""

    id: str
    source: str
    model: str
    question: str
    evidence: str
    text: str
    kind: str
    hallucinated: bool


def load(data: Path) -> tuple[Response, ...]:
    """Every response; raises `UsageError` if the file is not there."""
    path = data / "ragtruth_qa_test" / "pairs.jsonl"
    if not path.is_file():
        raise UsageError(f"{data} must hold ragtruth_qa_test/pairs.jsonl (see docs/gate.md).")
    return tuple(
        Response(
            id=row["id"],
            source=row["source_id"],
            model=row["model"],
            question=row["question"],
            evidence=plain(row["premise"]),
            text=row["hypothesis"],
            kind=row["label"],
            hallucinated=row["hallucinated"],
        )
        for row in json_lines(path)
    )


def measure(bench: Bench, responses: Sequence[Response]) -> list[Row]:
    """The supports of each response's sentences, in each variant."""
    items = {response.id: response for response in responses}
    return bench.measured(SUITE, items, lambda response: {"sentences": _supports(bench, response)})


def _supports(bench: Bench, response: Response) -> list[Row]:
    model = _Remembering(bench.model)
    checker = Checker(model, bench.checker.limits)
    sentences = [response.text[start:end] for start, end in sentence_spans(response.text)]
    rows = []
    for before, sentence in zip(["", *sentences], sentences, strict=False):
        text, earlier = claim_text(sentence), claim_text(before)
        found = checker.check(text, response.evidence, before=earlier)
        if found.stage is Stage.MARKER:  # states nothing: such a sentence is neither supported nor not
            continue
        spans = texts(text, response.evidence)
        whole = checker.weigh(text, spans, response.evidence, [response.evidence] * len(spans))
        rows.append(
            {
                "gate": found.support,
                "stage": found.stage,
                "no figures": checker.support(text, response.evidence, before=earlier),
                "no claims": whole.judgement.support,
                "whole premise": _whole(model, text, response.evidence, earlier),
                "refusal": refused(text),
            }
        )
    return rows


def refused(text: str) -> bool:
    return refuses(text) or bool(_NO_ANSWER.match(text))


def _whole(model: _Remembering, sentence: str, evidence: str, before: str) -> float:
    """The weakest claim with all passages as one premise, as far as the model reads."""
    claims = split_claims(sentence, before)
    return min((model.entailment(evidence, claim).entailed for claim in claims), default=0.0)


class _Remembering:
    """A model that reads each pair of a response once."""

    def __init__(self, model: Any) -> None:
        self.name: str = model.name
        self.entailment: Callable[[str, str], Entailment] = cache(model.entailment)


def scores(rows: Sequence[Row], ship: float) -> dict[str, Floats]:
    """Of each variant a score for each response, the higher the likelier hallucinated. OURS is the first."""
    found: dict[str, Callable[[list[Row]], float]] = {
        OURS: lambda s: 1.0 - _lowest(shown(s), "gate"),
        "mean of the sentences": lambda s: 1.0 - _mean(shown(s), "gate"),
        COUNTED: lambda s: float(sum(r["gate"] < ship for r in shown(s))),
        "refusals count as claims": lambda s: 1.0 - _lowest(s, "gate"),
        "without the figures stage": lambda s: 1.0 - _lowest(shown(s), "no figures"),
        "sentences, not claims": lambda s: 1.0 - _lowest(shown(s), "no claims"),
        "all passages as premise, no figures": lambda s: 1.0 - _lowest(shown(s), "whole premise"),
    }
    return {name: np.array([score(row["sentences"]) for row in rows]) for name, score in found.items()}


def shown(sentences: Sequence[Row]) -> list[Row]:
    """Without refusals: the service ends an answer at one and does not gate it (decided before any result)."""
    return [row for row in sentences if not row["refusal"]]


def blocked(variant: str, values: Floats, ship: float) -> Flags:
    """What each variant blocks at the limit that ships."""
    return values >= 1.0 if variant == COUNTED else values > 1.0 - ship


def _mean(sentences: Sequence[Row], variant: str) -> float:
    return sum(row[variant] for row in sentences) / len(sentences) if sentences else 1.0


def _lowest(sentences: Sequence[Row], variant: str) -> float:
    return min((row[variant] for row in sentences), default=1.0)
