"""Fits the reader: `footnote gate read --data DIR --states DIR`.

The language model reads each sentence of judged.jsonl with its evidence and question; its states are kept, so that a
run goes on. Sentences of documents of the split "train" fit the heads (ridge regression), those of "calibrate" turn
what the heads say into probabilities and weigh them with the trained judge's, those of "cases" choose the limits for
the risks that the profile states.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.gate.checking import Checker
from generation.gate.reader import Heads
from generation.protocols import EntailmentModel
from generation.training.data.judged import Asked
from generation.training.data.pairs import fraction, split_of
from generation.training.judge.calibrate import OPEN
from generation.training.judge.conformal import risk_limit
from generation.training.replacing import replacing
from generation.types import Entailment, Pooled, log_odds

TRAIN, CALIBRATE, CASES = SPLITS = ("train", "calibrate", "cases")
FULL = "full"
_SHRINK = 1.0  # ridge of the heads, on standardised states; chosen on "calibrate"
_CHUNK = 100  # sentences of a file of states
_RIDGE, _STEPS = 1e-2, 50  # of the logistic regressions

Floats = NDArray[np.float64]
Say = Callable[[str], None]
Opinion = Callable[[str, str, str], Sequence[float]]
"""The language model's states after evidence, claim and question."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A judged sentence as the reader is shown it."""

    evidence: str
    claim: str
    question: str
    kind: str
    true: bool
    full: bool


@dataclass(frozen=True, slots=True)
class Read:
    """Sentences with their states (n, width), float32."""

    sentences: tuple[Sentence, ...]
    states: NDArray[np.float32]

    @property
    def true(self) -> NDArray[np.bool_]:
        return np.array([one.true for one in self.sentences])

    @property
    def full(self) -> NDArray[np.bool_]:
        return np.array([one.full for one in self.sentences])


def sentences(asked: Sequence[Asked], split: str) -> list[Sentence]:
    """Of the documents of a split; all of a question together, in an order that depends on nothing else."""
    chosen = [one for one in asked if split_of(one.document) == split]
    return [
        Sentence(one.framed, sentence.text, one.question, sentence.kind, sentence.true, sentence.answers == FULL)
        for one in sorted(chosen, key=lambda one: fraction(one.document + one.question))
        for sentence in one.sentences
    ]


def read(chosen: Sequence[Sentence], state: Opinion, folder: Path, say: Say) -> Read:
    """The states of the sentences; those that `folder` holds are not read again."""
    folder.mkdir(parents=True, exist_ok=True)
    found: list[NDArray[np.float32]] = []
    for start in range(0, len(chosen), _CHUNK):
        part = chosen[start : start + _CHUNK]
        names = [f"{fraction(repr(one)):.17f}" for one in part]
        file = folder / f"{start:06d}.npz"
        kept = np.load(file, allow_pickle=False) if file.exists() else None
        if kept is None or kept["names"].tolist() != names:
            states = np.array([state(one.evidence, one.claim, one.question) for one in part], np.float16)
            with replacing(file) as fresh, fresh.open("wb") as out:
                np.savez(out, names=np.array(names), states=states)
        else:
            states = kept["states"]
        found.append(states.astype(np.float32))
        say(f"{folder.name}: {start + len(part)} of {len(chosen)}")
    return Read(tuple(chosen), np.concatenate(found))


def heads(train: Read, held: Read, generator: str, prompt: str) -> Heads:
    """Ridge regressions on the states of `train`, scaled to probabilities on `held` (Platt 1999)."""
    mean, scale = train.states.mean(0), train.states.std(0) + 1e-3
    seen, unseen = (train.states - mean) / scale, (held.states - mean) / scale
    gram = seen.T @ seen / len(seen) + _SHRINK * np.eye(seen.shape[1], dtype=np.float32)
    weights, biases = [], []
    for told, truth in ((train.true, held.true), (train.full, held.full)):
        sides = np.where(told, 1.0, -1.0)
        direction = np.linalg.solve(gram, seen.T @ (sides - sides.mean()) / len(seen))
        bias, slope = regressed(np.stack([np.ones(len(unseen)), unseen @ direction], 1), truth)
        weights.append(slope * direction / scale)
        biases.append(bias - slope * (mean / scale) @ direction)
    return Heads(np.array(weights, np.float32), np.array(biases, np.float32), generator, prompt)


@dataclass(frozen=True, slots=True)
class Scored:
    """What judge and reader say of a sentence that passes the figures."""

    kind: str
    true: bool
    full: bool
    found: Entailment
    said: float
    answers: float


def scored(part: Read, chosen: Heads, model: EntailmentModel) -> Iterator[Scored]:
    """Those sentences that the figures stage lets through."""
    checker = Checker(model, OPEN)
    for one, state in zip(part.sentences, part.states, strict=True):
        finding = checker.weigh(one.claim, [one.evidence], one.evidence, [one.evidence])
        if finding.claim:
            reading = chosen.read(state.tolist())
            yield Scored(one.kind, one.true, one.full, finding.found, reading.supported, reading.answers)


def pooled(fitted: Sequence[Scored], limiting: Sequence[Scored], risk: float, beside: float) -> Pooled:
    """Logistic regression on `fitted`, and the limits at which, of `limiting`, no more than `risk` of the false
    sentences ship, and no more than `beside` of those that do not answer in full may open an answer (conformal risk
    control, Angelopoulos et al. 2022, arXiv 2208.02814)."""
    features = np.array(
        [[1.0, *map(log_odds, (one.found.entailed, one.found.contradicted, one.said))] for one in fitted]
    )
    weights = regressed(features, np.array([one.true for one in fitted]))
    bias, entailed, contradicted, said = (round(float(weight), 4) for weight in weights)
    free = Pooled(bias, entailed, contradicted, said, ship=0.0, answers=0.0)
    ship = risk_limit([free.support(one.found, one.said) for one in limiting if not one.true], risk)
    answers = risk_limit([one.answers for one in limiting if not one.full], beside)
    return replace(free, ship=_up(ship), answers=_up(answers))


def write(found: Pooled, profile: str, file: Path, **about: object) -> None:
    """Into limits.toml, for the profile, with what it was fitted with."""
    head = f"\n[pooled.{profile}]"
    before, _, rest = file.read_text(encoding="utf-8").partition(head)
    after = rest.partition("\n[")[2]
    table = "\n".join(f"{name} = {json.dumps(value)}" for name, value in (about | asdict(found)).items())
    text = f"{before.rstrip()}\n{head}\n{table}\n" + (f"\n[{after}" if after else "")
    tomllib.loads(text)
    file.write_text(text, encoding="utf-8")


def regressed(features: Floats, truth: NDArray[Any]) -> Floats:
    """Logistic regression by Newton's method with a little ridge; the first of the `features` is 1."""
    weights = np.zeros(features.shape[1])
    ridge = _RIDGE * len(truth) * np.diag([0.0, *[1.0] * (features.shape[1] - 1)])
    for _ in range(_STEPS):
        p = 1.0 / (1.0 + np.exp(-features @ weights))
        gradient = features.T @ (truth - p) - ridge @ weights
        curvature = (features * (p * (1.0 - p))[:, None]).T @ features + ridge
        weights = weights + np.linalg.solve(curvature, gradient)
    return weights


def _up(limit: float) -> float:
    return float(np.ceil(limit * 1e6) / 1e6)
