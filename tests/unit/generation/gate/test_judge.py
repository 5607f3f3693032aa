"""The judge's small parts: calibrated probabilities, limits with a guarantee, and their file."""

from __future__ import annotations

import random
import tomllib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from generation.gate.checking import Checker
from generation.gate.limits import load_limits
from generation.gate.nli import NliJudge, PairClassifier, softmax
from generation.training.data.pairs import Pair, write_pairs
from generation.training.judge.calibrate import Risks, calibrate, choose, expected_error, fit_temperature
from generation.training.judge.conformal import risk_limit
from generation.types import Entailment, Limits
from infra.models.manifest import Manifest


def test_softmax_sums_to_one_and_a_temperature_flattens_it() -> None:
    sharp, flat = softmax([4.0, 0.0, -2.0]), softmax([4.0, 0.0, -2.0], 4.0)
    assert sum(sharp) == pytest.approx(1)
    assert sharp[0] > flat[0] > 1 / 3
    assert softmax([1000.0, -1000.0, 0.0])[0] == pytest.approx(1)


@pytest.mark.parametrize("risk", [0.01, 0.05, 0.1, 0.3])
def test_the_limit_keeps_its_promise_on_sentences_it_has_not_seen(risk: float) -> None:
    """Over many draws the share that ships is at most the risk, and not far below it."""
    rng = random.Random(7)
    shipped = []
    for _ in range(400):
        drawn = [rng.betavariate(0.4, 1.5) for _ in range(200)]
        shipped.append(rng.betavariate(0.4, 1.5) >= risk_limit(drawn, risk))
    assert sum(shipped) / len(shipped) < risk + 3 * (risk / len(shipped)) ** 0.5
    fine = [rng.random() for _ in range(100_000)]
    limit = risk_limit(fine, risk)
    assert sum(support >= limit for support in fine) / len(fine) == pytest.approx(risk, abs=1e-3)


def test_too_few_sentences_let_nothing_ship() -> None:
    assert risk_limit([0.1] * 10, 0.05) > 1.0
    assert risk_limit([], 0.5) > 1.0
    assert risk_limit([0.2, 0.9], 0.5) > 0.2


def test_equal_supports_are_all_on_one_side_of_the_limit() -> None:
    limit = risk_limit([0.4] * 99, 0.05)
    assert limit > 0.4


@pytest.mark.parametrize("risk", [0.0, 1.0, -1.0])
def test_a_risk_is_a_share(risk: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        risk_limit([0.5], risk)


def test_the_temperature_undoes_overconfidence() -> None:
    rng = np.random.default_rng(3)
    plain = rng.normal(0, 1.5, (4000, 1))
    logits = np.hstack([plain, np.zeros((4000, 1)), np.full((4000, 1), -9.0)]).astype(np.float32)
    truth = rng.random(4000) < 1 / (1 + np.exp(-plain[:, 0]))
    assert fit_temperature(logits * 3, truth) == pytest.approx(3, rel=0.15)
    p = np.array([0.9] * 100)
    assert expected_error(p, np.array([True] * 90 + [False] * 10)) == pytest.approx(0, abs=1e-9)
    assert expected_error(p, np.array([False] * 100)) == pytest.approx(0.9)


def pair(label: str, document: str = "d", claim: str = "Dogs bark loudly.") -> Pair:
    return Pair("Dogs bark loudly.", claim, label, "true", "test", document)


def test_only_unsupported_pairs_set_the_limit_and_only_agreeing_ones_that_of_conflicts() -> None:
    pairs = [pair("entailed")] * 100 + [pair("contradicted")] * 100
    supports = [0.99] * 100 + [i / 100 for i in range(100)]
    found = [Entailment(0.9, 0.05, 0.05)] * 100 + [Entailment(0.0, 0.0, 1.0)] * 100
    limits = choose(pairs, supports, found, Risks(ship=0.1, grey=0.2, conflict=0.02))
    assert 0.9 < limits.ship < 0.92
    assert 0.8 < limits.grey < 0.82
    assert 0.05 < limits.conflict < 0.06


class Counting:
    """An encoder that finds a claim entailed by a text that holds it."""

    def encode(self, text: str, pair: str | None = None) -> np.ndarray:
        assert pair is not None
        return np.array([3.0, 0.0, -1.0] if pair.rstrip(".") in text else [-3.0, 1.0, 2.0], np.float32)


def test_calibration_writes_limits_for_exactly_this_judge(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"weights")
    rows = [pair("entailed", f"d{i}") for i in range(200)] + [
        pair("contradicted", f"e{i}", "Cats purr softly.") for i in range(200)
    ]
    write_pairs(tmp_path / "calibrate.jsonl", rows)
    said: list[str] = []
    calibrate(tmp_path, tmp_path / "calibrate.jsonl", tmp_path / "limits.toml", lambda *_: Counting(), said.append)
    written = tomllib.loads((tmp_path / "limits.toml").read_text())
    assert written["profile"]["local"]["ship"] < 0.9
    assert any("100.0%" in line for line in said)
    assert not any("gate read" in line for line in said)
    with (tmp_path / "limits.toml").open("a") as file:
        file.write('\n[pooled.local]\nheads = "h"\n')
    calibrate(tmp_path, tmp_path / "calibrate.jsonl", tmp_path / "limits.toml", lambda *_: Counting(), said.append)
    assert any("gate read" in line for line in said)  # what the reader's limits were weighed with is another judge


def test_limits_of_another_judge_are_refused() -> None:
    with pytest.raises(LookupError, match="calibrate"):
        load_limits("local", "0" * 64)


def test_every_profile_has_limits_for_the_judge_that_ships() -> None:
    judge = Manifest.load().model("footnote-judge-small").file("model.onnx").sha256
    written = tomllib.loads(files("generation.gate").joinpath("limits.toml").read_text("utf-8"))
    for profile in ("local", "gpu"):
        limits = load_limits(profile, judge)
        assert 0 < limits.grey <= limits.ship <= 1
        assert written["profile"][profile]["risk_ship"] <= 0.05


LIMITS = Limits(0.9, 0.5, 0.95)


def test_the_checker_names_the_stage_that_decided() -> None:
    checker = Checker(NliJudge(PairClassifier(Counting(), name="n", temperature=1.0)), LIMITS)
    assert checker.check("Dogs bark loudly.", "Dogs bark loudly. Cats purr.").passed
    assert checker.check("Dogs bark 12 times.", "Dogs bark 11 times.").stage == "figures"
    said = checker.check("Cats bark loudly.", "Dogs bark loudly.")
    assert (said.stage, said.verdict.value) == ("judge", "neutral")
    assert checker.check("I hope this helps!", "Dogs bark.").stage == "marker"
    assert checker.support("Dogs bark 12 times.", "Dogs bark 11 times.") < 0.1


@pytest.mark.parametrize(("contradicted", "verdict"), [(0.94, "neutral"), (0.96, "contradicted")])
def test_contradicted_takes_a_margin(contradicted: float, verdict: str) -> None:
    """What is merely likelier contradicted than left open is not told as "the evidence says otherwise"."""

    class Fixed:
        name = "fixed"

        def entailment(self, evidence: str, claim: str) -> Entailment:
            return Entailment(0.99 - contradicted, 0.01, contradicted)

    limits = Limits(ship=0.9, grey=0.5, conflict=0.95)
    assert Checker(Fixed(), limits).check("Cats bark.", "Dogs bark.").verdict.value == verdict


def test_premise_and_hypothesis_are_not_swapped() -> None:
    seen = []

    class Recording(Counting):
        def encode(self, text: str, pair: str | None = None) -> np.ndarray:
            seen.append((text, pair))
            return super().encode(text, pair)

    Checker(NliJudge(PairClassifier(Recording(), name="n", temperature=1.0)), LIMITS).check(
        "Dogs bark.", "Dogs bark. It is so."
    )
    assert seen[0] == ("Dogs bark.", "Dogs bark.")
    assert all(pair == "Dogs bark." for _, pair in seen)
