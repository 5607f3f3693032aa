"""Fits the judge's temperature and chooses the gate's limits, on pairs from documents that training never saw.

    footnote gate calibrate FOLDER --pairs calibrate.jsonl

FOLDER holds model.onnx and tokenizer.json. Half of the pairs, by document, fit the temperature; the other half
choose the limits. Writes FOLDER/config.json and generation/gate/limits.toml.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from generation.gate.checking import Checker
from generation.gate.nli import NliJudge, PairClassifier
from generation.training.data.pairs import Pair, fraction, read_jsonl
from generation.training.judge.base import LABELS
from generation.training.judge.conformal import risk_limit
from generation.types import Entailment, Limits
from ingest.protocols import Encoder

T = TypeVar("T")
OPEN = Limits(ship=2.0, grey=2.0, conflict=2.0)  # every span is tried and none is good enough: supports in full


@dataclass(frozen=True, slots=True)
class Risks:
    """What a profile accepts, as shares of the sentences that are not supported.

    `ship`: shipped on the trained judge's word alone. `grey`: shipped if the second judge said yes to every claim
    in the grey zone. `conflict`: pairs without contradiction that are taken for one. `read`: shipped on the word of
    judge and reader. `beside`: of those that do not answer the question in full, opening an answer.
    """

    ship: float
    grey: float
    conflict: float
    read: float = 0.1
    beside: float = 0.1


PROFILES: Mapping[str, Risks] = {"local": Risks(0.05, 0.15, 0.005), "gpu": Risks(0.05, 0.15, 0.005)}


class Opener(Protocol):
    """Opens an ONNX model and its tokenizer."""

    def __call__(self, model: Path, tokenizer: Path) -> Encoder: ...


def calibrate(folder: Path, pairs_file: Path, limits_file: Path, opened: Opener, say: Callable[[str], None]) -> None:
    pairs = [Pair(**row) for row in read_jsonl(pairs_file)]
    first = [pair for pair in pairs if fraction(f"calibrate/{pair.document}") < 0.5]
    second = [pair for pair in pairs if fraction(f"calibrate/{pair.document}") >= 0.5]
    encoder = opened(folder / "model.onnx", folder / "tokenizer.json")
    logits = np.stack(_parallel(lambda pair: encoder.encode(pair.evidence, pair.claim), first))
    truth = np.array([pair.label == "entailed" for pair in first])
    temperature = fit_temperature(logits, truth)
    before, after = (expected_error(entailed(logits, t), truth) for t in (1.0, temperature))
    say(f"temperature {temperature:.3f} on {len(first)} pairs: calibration error {before:.3f} -> {after:.3f}")

    model = NliJudge(PairClassifier(encoder, name="judge", temperature=temperature))
    checker = Checker(model, OPEN)
    supports = _parallel(lambda pair: checker.check(pair.claim, pair.evidence).support, second)
    found = _parallel(lambda pair: model.entailment(pair.evidence, pair.claim), second)
    digest = _sha256(folder / "model.onnx")
    lines = ["# Written by `footnote gate calibrate`; do not edit by hand.", f'judge = "{digest}"']
    lines += [f'data = "{_sha256(pairs_file)}"', f"pairs = {len(second)}"]
    for profile, risks in PROFILES.items():
        limits = choose(second, supports, found, risks)
        good = [support for pair, support in zip(second, supports, strict=True) if pair.label == "entailed"]
        shipped = sum(support >= limits.ship for support in good) / len(good)
        say(f"{profile}: {limits}; {shipped:.1%} of the supported pairs ship")
        lines += ["", f"[profile.{profile}]"]
        lines += [f"risk_{name} = {value}" for name, value in asdict(risks).items()]
        lines += [f"{name} = {value:.6f}" for name, value in asdict(limits).items() if value is not None]
    if limits_file.is_file() and "[pooled." in limits_file.read_text(encoding="utf-8"):
        say("What the reader's limits were weighed with was the judge before: run `footnote gate read` again.")
    limits_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    config = {"labels": LABELS, "temperature": round(temperature, 6), "onnx": digest}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def choose(pairs: Sequence[Pair], supports: Sequence[float], found: Sequence[Entailment], risks: Risks) -> Limits:
    """The limits for these risks (conformal risk control), rounded up so that the file says what holds."""
    unsupported = [support for pair, support in zip(pairs, supports, strict=True) if pair.label != "entailed"]
    agreeing = [
        entailment.contradicted
        for pair, entailment in zip(pairs, found, strict=True)
        if pair.label in ("entailed", "neutral")
    ]
    return Limits(
        ship=_up(risk_limit(unsupported, risks.ship)),
        grey=_up(risk_limit(unsupported, risks.grey)),
        conflict=_up(risk_limit(agreeing, risks.conflict)),
    )


def fit_temperature(logits: NDArray[np.float32], entailed_truth: NDArray[np.bool_]) -> float:
    """The temperature with the least negative log-likelihood of "entailed or not" (Guo et al. 2017)."""
    candidates = np.exp(np.linspace(np.log(0.25), np.log(8.0), 400))

    def loss(temperature: float) -> float:
        p = np.clip(entailed(logits, temperature), 1e-9, 1 - 1e-9)
        return float(-np.where(entailed_truth, np.log(p), np.log(1 - p)).mean())

    return float(min(candidates, key=loss))


def entailed(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    """(n, 3) logits to (n,) probabilities of the first label."""
    scaled = logits.astype(np.float64) / temperature
    weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(weights[:, 0] / weights.sum(axis=1))


def expected_error(p: NDArray[np.float64], truth: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error over equal bins of the probability (Naeini et al. 2015)."""
    at = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [abs(p[at == b].mean() - truth[at == b].mean()) * (at == b).mean() for b in range(bins) if (at == b).any()]
    return float(sum(gaps))


def _parallel(work: Callable[[Pair], T], pairs: Sequence[Pair]) -> list[T]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(work, pairs))


def _up(value: float) -> float:
    return float(np.ceil(value * 1e6) / 1e6)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
