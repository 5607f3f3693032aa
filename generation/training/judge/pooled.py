"""Fits what the trained judge and the language model decide together: `footnote gate pool --data DIR`.

The questions of judged.jsonl whose documents are of the split "calibrate" fit the weights, those of "cases" choose the
limit for the risk that the profile states for the trained judge alone.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generation.gate.checking import Checker
from generation.prompts import load_prompt
from generation.protocols import EntailmentModel
from generation.training.data.judged import Asked, Sentence
from generation.training.data.pairs import fraction, read_jsonl, split_of
from generation.training.judge.calibrate import OPEN
from generation.training.judge.conformal import risk_limit
from generation.types import Entailment, Pooled, log_odds

FITTED, LIMITED = "calibrate", "cases"
_RIDGE, _STEPS = 1e-2, 50


@dataclass(frozen=True, slots=True)
class Scored:
    """What both judges said of one sentence that passes the figures; `split` by its document."""

    id: str
    split: str
    kind: str
    true: bool
    entailed: float
    contradicted: float
    said: float


Say = Callable[[str], None]
Opinion = Callable[[str, str, str], float]
"""P(yes) of the language model on evidence, claim and question."""


def score(
    asked: Sequence[Asked], model: EntailmentModel, opinion: Opinion, file: Path, most: int, say: Say
) -> list[Scored]:
    """Both judges on at most `most` sentences of each split, the same ones every time; goes on from `file`."""
    done = {row["id"]: Scored(**row) for row in read_jsonl(file)} if file.exists() else {}
    checker = Checker(model, OPEN)
    found: list[Scored] = []
    with file.open("a", encoding="utf-8") as out:
        for split in (FITTED, LIMITED):
            chosen = _chosen(asked, split)[:most]
            for number, (name, one, sentence) in enumerate(chosen, 1):
                scored = done.get(name) or _scored(name, split, one, sentence, checker, opinion)
                if scored and name not in done:
                    out.write(json.dumps(asdict(scored), ensure_ascii=False) + "\n")
                    out.flush()
                found += [scored] if scored else []
                if number % 50 == 0 or number == len(chosen):
                    say(f"{split}: {number} of {len(chosen)}")
    return found


def _chosen(asked: Sequence[Asked], split: str) -> list[tuple[str, Asked, Sentence]]:
    """Sentences of a split under names of their own, in an order that depends on nothing else."""
    named = (
        (f"{one.document}#{one.question}#{at}", one, sentence)
        for one in asked
        if split_of(one.document) == split
        for at, sentence in enumerate(one.sentences)
    )
    return sorted(named, key=lambda item: fraction(item[0]))


def _scored(name: str, split: str, one: Asked, sentence: Sentence, checker: Checker, opinion: Opinion) -> Scored | None:
    """None if the figures stage keeps the sentence back."""
    evidence = f"{one.title}\n{one.evidence}" if one.title else one.evidence
    finding = checker.weigh(sentence.text, [evidence], evidence, [evidence])
    if not finding.claim:
        return None
    said = opinion(evidence, finding.claim, one.question)
    first = finding.found
    return Scored(name, split, sentence.kind, sentence.true, first.entailed, first.contradicted, said)


def pool(scored: Sequence[Scored], risk: float, alone: float) -> Pooled:
    """Logistic regression (ridge, Newton's method) on the fitted half, and the limit at which no more than `risk` of
    the false sentences of the other half ship, those included that the trained judge ships `alone`, from there on
    (conformal risk control, Angelopoulos et al. 2022, arXiv 2208.02814)."""
    fitted = [one for one in scored if one.split == FITTED]
    weights = _regressed(_features(fitted), np.array([one.true for one in fitted], float))
    bias, entailed, contradicted, said = (round(float(weight), 4) for weight in weights)
    free = Pooled(bias, entailed, contradicted, said, ship=0.0)
    false = [
        1.0 if one.entailed >= alone else support(free, one) for one in scored if one.split == LIMITED and not one.true
    ]
    ship = float(np.ceil(risk_limit(false, risk) * 1e6) / 1e6)
    return replace(free, ship=ship)


def support(pooled: Pooled, one: Scored) -> float:
    return pooled.support(Entailment(one.entailed, 1.0 - one.entailed - one.contradicted, one.contradicted), one.said)


def write(pooled: Pooled, profile: str, count: int, file: Path) -> None:
    """Into limits.toml, for the profile whose language model was asked, with the digest of the prompt."""
    head = f"\n[pooled.{profile}]"
    before, _, rest = file.read_text(encoding="utf-8").partition(head)
    after = rest.partition("\n[")[2]
    told = "\n".join(f"{name} = {value}" for name, value in asdict(pooled).items())
    table = f'{head}\nprompt = "{load_prompt("judge").digest}"\nsentences = {count}\n{told}\n'
    text = f"{before.rstrip()}\n{table}" + (f"\n[{after}" if after else "")
    tomllib.loads(text)
    file.write_text(text, encoding="utf-8")


def _features(scored: Sequence[Scored]) -> NDArray[np.float64]:
    return np.array([[1.0, *map(log_odds, (one.entailed, one.contradicted, one.said))] for one in scored])


def _regressed(features: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.zeros(features.shape[1])
    ridge = _RIDGE * len(truth) * np.diag([0.0, *[1.0] * (features.shape[1] - 1)])
    for _ in range(_STEPS):
        p = 1.0 / (1.0 + np.exp(-features @ weights))
        gradient = features.T @ (truth - p) - ridge @ weights
        curvature = (features * (p * (1.0 - p))[:, None]).T @ features + ridge
        weights = weights + np.linalg.solve(curvature, gradient)
    return weights
