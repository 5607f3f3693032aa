"""Fits the reader: `footnote gate read --data DIR --states DIR`.

The language model reads each sentence of judged.jsonl with its evidence and question, some of them again without the
question, and statements about tables; its states are kept, so that a run goes on. Sentences of documents of the split
"train" fit the heads (ridge regression), those of "calibrate" turn what the heads say into probabilities and weigh them
with the trained judge's. The limits are chosen for the risks that the profile states on drafts that our generator wrote
(kind "draft"), each read by heads that were fitted without its document, and, for what need not answer, on the
sentences of "cases" that were read without a question.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.gate.checking import Checker
from generation.gate.reader import FILE, PROMPT, Heads
from generation.gate.reader import asked as read_by_reader
from generation.prompts import Prompt, load_prompt
from generation.protocols import EntailmentModel
from generation.training.data.judged import Asked, asked
from generation.training.data.pairs import fraction, split_of
from generation.training.data.statements import statements
from generation.training.judge.calibrate import OPEN, PROFILES
from generation.training.judge.conformal import risk_limit
from generation.training.replacing import replacing
from generation.types import ChatMessage, Entailment, Pooled, log_odds

TRAIN, CALIBRATE, CASES = SPLITS = ("train", "calibrate", "cases")
FULL, DRAFT = "full", "draft"
_WEIGHT = 5  # of a draft that our generator wrote, among sentences that were written to train; chosen on the bench's
_FOLDS = 4  # of the drafts: the limits are chosen on drafts of documents that the heads did not see
_ALONE = 0.12  # of the questions: their sentences are read without it too
_LEANING = {"fragment", "yesno", "short", "slip", "taken", "neighbour", "draft"}  # kinds that say nothing without it
_SHRINK = 0.3  # ridge of the heads, on standardised states; chosen on "calibrate"
_CHUNK = 100  # sentences of a file of states
_RIDGE, _STEPS = 1e-2, 50  # of the logistic regressions

Floats = NDArray[np.float64]
Say = Callable[[str], None]
States = Callable[[Sequence[ChatMessage], str], Sequence[float]]
"""As `StateModel.states`, awaited."""


def train(
    data: Path,
    told: States,
    judge: EntailmentModel,
    *,
    generator: str,
    profile: str,
    states: Path,
    most: int,
    out: Path,
    say: Say,
) -> Pooled:
    """Heads for the `generator` (sha256 of its file) on `most` sentences, and limits for the risks of the `profile`,
    into heads.npz and limits.toml of the folder `out`."""
    prompt, questions = load_prompt(PROMPT), list(asked(data))
    kept = states / f"{generator[:12]}-{prompt.digest[:12]}"
    chosen = {split: [*sentences(questions, split)[:most], *stated(data, split)] for split in SPLITS}
    chosen[CASES] = [one for one in chosen[CASES] if not one.question]
    learnt, held, rest = (read(chosen[split], prompt, told, kept / split, say) for split in SPLITS)
    found = Heads.loaded(heads(learnt, held, generator, prompt.digest).saved())
    risks, drafts = PROFILES[profile], list(crossfitted(learnt, held, judge))
    alone = list(scored(rest, found, judge))
    both = pooled(list(scored(held, found, judge)), drafts, alone, risks.read, risks.beside)
    with replacing(out / FILE) as fresh:
        fresh.write_bytes(found.saved())
    about = {"heads": found.digest, "trained_on": len(learnt.sentences), "limited_on": len(drafts) + len(alone)}
    write(both, profile, out / "limits.toml", **about, risk_ship=risks.read, risk_beside=risks.beside)
    return both


@dataclass(frozen=True, slots=True)
class Sentence:
    """A judged sentence as the reader is shown it; `full` says nothing where there is no `question`."""

    evidence: str
    claim: str
    question: str
    kind: str
    true: bool
    full: bool
    document: str = ""

    @property
    def name(self) -> str:
        """The same for the same words, whatever the labels."""
        return hashlib.sha256("\0".join((self.evidence, self.question, self.claim)).encode()).hexdigest()[:20]


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

    @property
    def asked(self) -> NDArray[np.bool_]:
        return np.array([bool(one.question) for one in self.sentences])

    @property
    def drafts(self) -> NDArray[np.bool_]:
        return np.array([one.kind == DRAFT for one in self.sentences])

    def only(self, chosen: NDArray[Any]) -> Read:
        """Those of a mask, or at these places, as often as they are named."""
        places = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        return Read(tuple(self.sentences[place] for place in places), self.states[places])


def sentences(questions: Sequence[Asked], split: str) -> list[Sentence]:
    """Of the documents of a split; all of a question together, in an order that depends on nothing else."""
    chosen = [one for one in questions if split_of(one.document) == split]
    return [
        Sentence(
            one.framed, sentence.text, question, sentence.kind, sentence.true, sentence.answers == FULL, one.document
        )
        for one in sorted(chosen, key=lambda one: fraction(one.document + one.question))
        for question in (one.question, "")
        for sentence in one.sentences
        if question or (fraction(f"alone{one.document}{one.question}") < _ALONE and sentence.kind not in _LEANING)
    ]


def stated(data: Path, split: str) -> list[Sentence]:
    """Statements about the tables of a split."""
    return [
        Sentence(one.evidence, one.claim, "", "table", one.true, full=False, document=one.evidence)
        for one in statements(data, split)
    ]


def read(chosen: Sequence[Sentence], prompt: Prompt, told: States, folder: Path, say: Say) -> Read:
    """The states of the sentences; those that `folder` holds are not read again."""
    folder.mkdir(parents=True, exist_ok=True)
    kept: dict[str, NDArray[np.float16]] = {}
    for file in sorted(folder.glob("*.npz")):
        held = np.load(file, allow_pickle=False)
        kept |= dict(zip(held["names"].tolist(), held["states"], strict=True))
    missing = [one for one in dict.fromkeys(chosen) if one.name not in kept]
    for start in range(0, len(missing), _CHUNK):
        part = missing[start : start + _CHUNK]
        names = [one.name for one in part]
        shown = (read_by_reader(prompt, one.evidence, one.claim, one.question) for one in part)
        states = np.array([told(*each) for each in shown], np.float16)
        with replacing(folder / f"{names[0]}.npz") as fresh, fresh.open("wb") as out:
            np.savez(out, names=np.array(names), states=states)
        kept |= dict(zip(names, states, strict=True))
        say(f"{folder.name}: {start + len(part)} of {len(missing)}")
    return Read(tuple(chosen), np.array([kept[one.name] for one in chosen], np.float32))


def heads(learnt: Read, held: Read, generator: str, prompt: str) -> Heads:
    """Ridge regressions on the states of `learnt`, scaled to probabilities on `held` (Platt 1999): of what is true on
    all sentences, of what answers on those that were asked for."""
    learnt = learnt.only(np.repeat(np.arange(len(learnt.sentences)), np.where(learnt.drafts, _WEIGHT, 1)))
    mean, scale = learnt.states.mean(0), learnt.states.std(0) + 1e-3
    seen, unseen = (learnt.states - mean) / scale, (held.states - mean) / scale
    weights, biases = [], []
    for chosen, told, others, truth in (
        (slice(None), learnt.true, slice(None), held.true),
        (learnt.asked, learnt.full, held.asked, held.full),
    ):
        direction = _ridge(seen[chosen], np.where(told[chosen], 1.0, -1.0))
        side = unseen[others] @ direction
        bias, slope = regressed(np.stack([np.ones(len(side)), side], 1), truth[others])
        weights.append(slope * direction / scale)
        biases.append(bias - slope * (mean / scale) @ direction)
    return Heads(np.array(weights, np.float32), np.array(biases, np.float32), generator, prompt)


def _ridge(seen: NDArray[np.float32], sides: Floats) -> NDArray[np.float32]:
    gram = seen.T @ seen / len(seen) + _SHRINK * np.eye(seen.shape[1], dtype=np.float32)
    found: NDArray[np.float32] = np.linalg.solve(gram, seen.T @ (sides - sides.mean()) / len(seen))
    return found


@dataclass(frozen=True, slots=True)
class Scored:
    """What judge and reader say of a sentence that passes the figures; `full` is None where nothing was asked."""

    kind: str
    true: bool
    full: bool | None
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
            full = one.full if one.question else None
            yield Scored(one.kind, one.true, full, finding.found, reading.supported, reading.answers)


def crossfitted(learnt: Read, held: Read, judge: EntailmentModel) -> Iterator[Scored]:
    """The drafts, each read by heads that were fitted without any sentence about its document."""
    fold = np.array([int(fraction(f"fold{one.document}") * _FOLDS) for one in learnt.sentences])
    for number in range(_FOLDS):
        left_out = learnt.drafts & (fold == number)
        if left_out.any():
            others = Heads.loaded(heads(learnt.only(fold != number), held, "", "").saved())
            yield from scored(learnt.only(left_out), others, judge)


def pooled(
    fitted: Sequence[Scored], drafts: Sequence[Scored], alone: Sequence[Scored], risk: float, beside: float
) -> Pooled:
    """Logistic regression on `fitted`, and the limits (conformal risk control, Angelopoulos et al. 2022, arXiv
    2208.02814) at which no more than `beside` of the generator's `drafts` that do not answer in full may open an
    answer, no more than `risk` of the unsupported ones do, and no more than `risk` of these and of the false
    sentences read `alone`, without a question, ship where they need not answer."""
    features = np.array(
        [[1.0, *map(log_odds, (one.found.entailed, one.found.contradicted, one.said))] for one in fitted]
    )
    weights = regressed(features, np.array([one.true for one in fitted]))
    bias, entailed, contradicted, said = (round(float(weight), 4) for weight in weights)
    free = Pooled(bias, entailed, contradicted, said, ship=0.0, answers=0.0, alone=0.0)
    answers = _up(risk_limit([one.answers for one in drafts if not one.full], beside))
    unsupported = [(free.support(one.found, one.said), one.answers) for one in drafts if not one.true]
    opening = [support if said >= answers else 0.0 for support, said in unsupported]
    others = [free.support(one.found, one.said) for one in alone if not one.true]
    anywhere = risk_limit([*others, *(support for support, _ in unsupported)], risk)
    return replace(free, ship=_up(risk_limit(opening, risk)), answers=answers, alone=_up(anywhere))


def write(found: Pooled, profile: str, file: Path, **about: object) -> None:
    """Into limits.toml, for the profile, with what it was fitted with."""
    head = f"\n[pooled.{profile}]"
    before, _, rest = file.read_text(encoding="utf-8").partition(head)
    after = rest.partition("\n[")[2]
    table = "\n".join(f"{name} = {json.dumps(value)}" for name, value in (about | asdict(found)).items())
    text = f"{before.rstrip()}\n{head}\n{table}\n" + (f"\n[{after}" if after else "")
    tomllib.loads(text)
    with replacing(file) as fresh:
        fresh.write_text(text, encoding="utf-8")


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
